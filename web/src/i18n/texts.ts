import { type Language, language } from './language.ts';

/** What a text is: a sentence, or a function that makes one (of numbers, of names). */
type Text = string | ((...args: never[]) => string);

/** The same texts in another language: every one, with the same arguments. */
type Same<T> = { readonly [K in keyof T]: T[K] extends string ? string : T[K] };

/**
 * The texts of one section, in every language, side by side; the compiler says what is missing. What is returned has each
 * text in the language that is shown: `t.title`, `t.count(3)`. A component that reads one is drawn anew when it changes.
 */
export function texts<T extends Readonly<Record<string, Text>>>(en: T, others: { readonly ja: Same<T> }): T {
  const dictionaries: Readonly<Record<Language, Same<T>>> = { en: en as Same<T>, ...others };
  const current = {} as T;
  for (const key of Object.keys(en))
    Object.defineProperty(current, key, { enumerable: true, get: () => dictionaries[language.value][key] });
  all.push(dictionaries);
  return current;
}

/** All dictionaries that were loaded, for tests. */
export const all: Readonly<Record<Language, Readonly<Record<string, unknown>>>>[] = [];
