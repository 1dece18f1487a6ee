/** Names of encodings that are met in feeds and that no standard knows, besides those of the Encoding Standard. */
const ALIASES: Readonly<Record<string, string>> = {
  cp932: 'shift_jis',
  'cp-932': 'shift_jis',
  x_sjis: 'shift_jis',
  'x-ms-cp932': 'shift_jis',
  shiftjis: 'shift_jis',
  's-jis': 'shift_jis',
  euc_jp: 'euc-jp',
  eucjp: 'euc-jp',
  'x-eucjp': 'euc-jp',
  'iso2022-jp': 'iso-2022-jp',
  iso2022jp: 'iso-2022-jp',
  jis: 'iso-2022-jp',
  utf: 'utf-8',
  'utf-8n': 'utf-8',
  'utf-8-sig': 'utf-8',
  utf_8: 'utf-8',
  cp65001: 'utf-8',
  utf16: 'utf-16le',
  utf_16: 'utf-16le',
  u16: 'utf-16le',
  'ucs-2': 'utf-16le',
  'latin-1': 'windows-1252',
  iso88591: 'windows-1252',
  'iso-latin-1': 'windows-1252',
  'iso 8859-1': 'windows-1252',
  cp936: 'gbk',
  cp949: 'euc-kr',
  cp950: 'big5',
};

/** What is at 0x80 to 0x9F in windows-1252. Node 20 decodes these bytes as ISO-8859-1, which no browser does. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** The name by which the Encoding Standard knows an encoding, or undefined if it does not. */
export function encodingOf(label: string): string | undefined {
  const name = label.trim().toLowerCase();
  if (/^(?:utf|ucs)?[-_]?(?:u?32|ucs-?4|iso-10646-ucs-4)/.test(name))
    return name.endsWith('le') ? 'utf-32le' : 'utf-32be';
  try {
    return new TextDecoder(ALIASES[name] ?? name).encoding;
  } catch {
    return undefined;
  }
}

/**
 * Bytes as text, by the name that `encodingOf` gives. What is no character becomes U+FFFD, one or more; a character that is cut
 * off by the end of the bytes is left out, since files from outside end anywhere.
 */
export function decodeAs(bytes: Uint8Array, encoding: string): string {
  if (encoding === 'windows-1252') return decodeWindows1252(bytes);
  if (encoding.startsWith('utf-32')) return decodeUtf32(bytes, encoding === 'utf-32le');
  return new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes, { stream: true });
}

/** Whether bytes are UTF-8 to the last one, apart from a character that the end cuts off. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function decodeWindows1252(bytes: Uint8Array): string {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return latin1.replace(/[\u0080-\u009f]/g, (char) => WINDOWS_1252[char.charCodeAt(0) - 0x80]!);
}

function decodeUtf32(bytes: Uint8Array, isLittleEndian: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: string[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const code = view.getUint32(at, isLittleEndian);
    const isScalar = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    parts.push(isScalar ? String.fromCodePoint(code) : '\ufffd');
  }
  return parts.join('');
}
