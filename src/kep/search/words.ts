/** Words of a text; of names as `UserNamespacesSupport` also the parts. */
export function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{N}]+/u).flatMap((word) => {
    const parts = word.match(/[A-Z]+(?![a-z])|[A-Z]?[^A-Z]+/g) ?? [];
    return word === '' ? [] : parts.length > 1 && /[a-z]/.test(word) ? [word, ...parts] : [word];
  });
}
