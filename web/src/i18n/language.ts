import { signal } from '@preact/signals';

export const LANGUAGES = ['en', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The language that is shown. Reading it in a component makes that follow a switch. */
export const language = signal<Language>('en');

/** The first language that we have, of what is wished for in order: of the address, kept, of the browser. */
export function chooseLanguage(wishes: readonly (string | null | undefined)[]): Language {
  for (const wish of wishes) {
    const base = wish?.toLowerCase().split('-')[0];
    const found = LANGUAGES.find((one) => one === base);
    if (found) return found;
  }
  return 'en';
}
