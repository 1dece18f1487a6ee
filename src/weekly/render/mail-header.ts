/** No line of a header is longer, or programs break it where they like (RFC 5322, 2.1.1); with words of RFC 2047 it is two less. */
const LINE = 78;
/** So many bytes that a word is no longer than the 75 letters of RFC 2047, and with the longest name its line not than 76. */
const WORD_BYTES = 39;
const ASCII = /^[\x20-\x7e]*$/;

/** A text in any language as a header: `Subject: Harbor Weekly 7`. */
export function textHeader(name: string, text: string): string {
  const isPlain = ASCII.test(text) && name.length + 2 + text.length <= LINE && !text.includes('=?');
  return isPlain ? `${name}: ${text}` : `${name}: ${encodedWords(text)}`;
}

/** People, each with an address, as a header: `To: Team <team@example.com>, 港 <harbor@example.com>`. */
export function addressHeader(name: string, list: string): string {
  // what is in quotes or in an address separates nobody
  const all = (list.match(/(?:"(?:\\.|[^"\\])*"|<[^<>]*>|[^,])+/g) ?? []).map((one) => mailbox(one.trim()));
  let line = `${name}:`;
  let header = '';
  for (const [i, one] of all.entries()) {
    const next = ` ${one}${i < all.length - 1 ? ',' : ''}`;
    const [first = ''] = next.split('\r\n');
    const isFull = i > 0 && line.length + first.length > LINE - 2;
    header += isFull ? `\r\n${next}` : next;
    line = `${isFull ? '' : line}${next}`.split('\r\n').at(-1)!;
  }
  return `${name}:${header}`;
}

/** What of a text a header can have as it is: it cannot be ended by what stands in it. */
export function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ');
}

/** One of several people: a name that ASCII does not have is written in words of RFC 2047. */
function mailbox(written: string): string {
  const [, name = '', address] = /^([^<>]*?)\s*(<[^<>]*>)$/.exec(written) ?? [];
  if (address === undefined || ASCII.test(name)) return headerText(written);
  const plain = name.replace(/^"([^]*)"$/, '$1').replace(/\\(.)/g, '$1');
  return `${encodedWords(plain)}\r\n ${headerText(address)}`;
}

/** A text in RFC 2047's words, a line each, none of which breaks a character. */
function encodedWords(text: string): string {
  const words: string[] = [''];
  for (const character of text) {
    if (Buffer.byteLength(words.at(-1)! + character) > WORD_BYTES) words.push('');
    words[words.length - 1] += character;
  }
  return words.map((word) => `=?utf-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ');
}
