/** What was thrown, in words: the message of an error, and whatever else it may be as a text. */
export function errorText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
