// Runs before the first paint, so that a chosen theme and language do not flash in.
const kept = (name: string): string | null =>
  new URLSearchParams(location.search).get(name) ?? localStorage.getItem(name);
const theme = kept('theme');
if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
const language = kept('lang');
if (language) document.documentElement.lang = language;
