const ASCII = /^[\0-\x7f]*$/;

/**
 * A text of the model as messages have texts: a character for each byte of its UTF-8. What was not made so would lose all but the
 * last byte of a character, and could end a line.
 */
export function onWire(text: string): string {
  return ASCII.test(text) ? text : Buffer.from(text).toString('latin1');
}

/** What the bytes of a message say, to be held against the model. */
export function offWire(bytes: string): string {
  return ASCII.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}
