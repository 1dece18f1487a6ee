import type { Language } from '../i18n/language.ts';

/** Languages by their own names: so one finds one's way back. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', ja: '日本語' };
