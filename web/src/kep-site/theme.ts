// The choice of light or dark on every page of a static site of KEPs. It runs before the page is drawn, so that none is drawn in the other
// one first; without it pages are as the system has it.
const KEY = 'theme';
const root = document.documentElement;

/** Where a browser keeps nothing, as of files or by its settings, the choice lasts as long as the page. */
function kept(): string {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

function keep(theme: string): void {
  try {
    if (theme === '') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // see kept()
  }
}

function show(theme: string): void {
  if (theme === 'light' || theme === 'dark') root.dataset['theme'] = theme;
  else delete root.dataset['theme'];
}

show(kept());
addEventListener('DOMContentLoaded', () => {
  const choice = document.querySelector<HTMLSelectElement>('#theme')!;
  const follow = (theme: string): void => {
    show(theme);
    choice.value = root.dataset['theme'] ?? '';
  };
  choice.closest('label')!.hidden = false;
  follow(kept());
  choice.addEventListener('change', () => {
    keep(choice.value);
    show(choice.value);
  });
  // chosen in another tab, or on a page to which one goes back
  addEventListener('storage', ({ key }) => (key === KEY || key === null) && follow(kept()));
  addEventListener('pageshow', ({ persisted }) => persisted && follow(kept()));
});

// its names are its own
export {};
