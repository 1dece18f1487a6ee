import type { Suggestion } from './offer.ts';

/** So many suggestions are looked through. */
export const MOST_SUGGESTIONS = 12;

/** What begins with what is typed, which is in lower case, then what has it within. */
export function matching(all: readonly Suggestion[], typed: string): Suggestion[] {
  const placeOf = ({ text }: Suggestion): number => text.toLowerCase().indexOf(typed);
  const found = all.filter((one) => placeOf(one) >= 0);
  return [...found.filter((one) => placeOf(one) === 0), ...found.filter((one) => placeOf(one) > 0)];
}
