/** A text as `grpc-message` has it: visible ASCII stays, but for the percent sign. */
export function encodeStatusMessage(text: string): string {
  return text.replace(/[^\x20-\x7e]|%/gu, (one) =>
    [...Buffer.from(one)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

/** The text of a `grpc-message`; one that is not encoded as it should be is taken as it is. */
export function decodeStatusMessage(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
