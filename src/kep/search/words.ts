/** Words of a text; of names as `UserNamespacesSupport` also the parts. */
export function wordsOf(text: string): string[] {
  return writtenWords(text).flatMap((word) => [...partsOf(word)]);
}

/** Words of a text as they are written. */
export function writtenWords(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** How often each word stands in a text, in lower case. */
export function countWords(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) counts.set(word.toLowerCase(), (counts.get(word.toLowerCase()) ?? 0) + 1);
  return counts;
}

/** A word, and the parts that it is put together of. */
export function partsOf(word: string): readonly string[] {
  const parts = word.match(/[A-Z]+(?![a-z])|[A-Z]?[^A-Z]+/g) ?? [];
  return parts.length > 1 && /[a-z]/.test(word) ? [word, ...parts] : [word];
}
