import { effect, signal } from '@preact/signals';
import { chooseLanguage, type Language, language } from '../i18n/language.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export const theme = signal<Theme>('system');

/** What was chosen is kept in this browser, by nothing else. The address says otherwise for the tab that has it: `?theme=dark&lang=ja`. */
export function followPreferences(): void {
  const query = new URLSearchParams(location.search);
  const wished = query.get('theme') ?? localStorage.getItem('theme');
  theme.value = THEMES.find((one) => one === wished) ?? 'system';
  language.value = chooseLanguage([query.get('lang'), localStorage.getItem('lang'), ...navigator.languages]);
  effect(() => {
    const root = document.documentElement;
    if (theme.value === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme.value;
  });
  effect(() => {
    document.documentElement.lang = language.value;
  });
}

export function chooseTheme(next: Theme): void {
  theme.value = next;
  localStorage.setItem('theme', next);
}

export function switchLanguage(next: Language): void {
  language.value = next;
  localStorage.setItem('lang', next);
}
