import { isUtf8 } from 'node:buffer';

/**
 * The name of a file as text. Names are bytes; those that are no UTF-8 have what is not ASCII as git prints it (`caf\351`), so that
 * two of them stay two, and none is lost.
 */
export function pathText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  return bytes.toString('latin1').replace(/[^\0-\x7f]/g, (byte) => `\\${byte.charCodeAt(0).toString(8)}`);
}
