/** Bytes as base64, the form they have in JSON. */
export function toBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** The bytes of a base64 text. */
export function fromBase64(text: string | null): Buffer {
  return Buffer.from(text ?? '', 'base64');
}

/** How many bytes a base64 text stands for. */
export function base64Length(text: string | null): number {
  return Buffer.byteLength(text ?? '', 'base64');
}
