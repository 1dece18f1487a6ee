import { compileRegexp, parseDuration } from 'nekube/apimachinery';

/**
 * Whether texts have the formats that definitions may name. They are those of Go's strfmt and govalidator, with what is
 * odd in them; a format that is not known is not checked.
 */
export function checkFormat(format: string): ((text: string) => boolean) | undefined {
  return FORMATS[normalFormat(format)];
}

/** A format's name as it is looked up: `date-time` and `datetime` are the same. */
export function normalFormat(format: string): string {
  return format.replaceAll('-', '');
}

/** A pattern in Go's syntax, compiled at its first use. */
function pattern(source: string): (text: string) => boolean {
  return (text) => compileRegexp(source).test(text);
}

const UUID = (third: string, fourth: string) =>
  pattern(`(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?${third}-?${fourth}-?[0-9a-f]{12}$`);
const HEX4 = '[0-9a-f]{4}';
const SHORT_NAME = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const CARD =
  '^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\\d{3})\\d{11})$';
const COLOR = '(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])';
const HOST_CHARACTER = 'a-zA-Z0-9\\p{S}\\p{L}';
const HOSTNAME = `^([${HOST_CHARACTER}]((-?[${HOST_CHARACTER}]{0,62})?)|([${HOST_CHARACTER}](([a-zA-Z0-9-\\p{S}\\p{L}]{0,61}[${HOST_CHARACTER}])?)(\\.)){1,}([a-zA-Z\\p{L}]){2,63})$`;

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  bsonobjectid: pattern('^[0-9a-fA-F]{24}$'),
  uri: isRequestUri,
  email: isEmail,
  hostname: isHostname,
  ipv4: (text) => text.includes('.') && isIp(text, true),
  ipv6: (text) => text.includes(':') && isIp(text, false),
  cidr: isCidr,
  mac: isMac,
  uuid: UUID(HEX4, HEX4),
  uuid3: UUID('3[0-9a-f]{3}', HEX4),
  uuid4: UUID('4[0-9a-f]{3}', '[89ab][0-9a-f]{3}'),
  uuid5: UUID('5[0-9a-f]{3}', '[89ab][0-9a-f]{3}'),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: (text) => Buffer.byteLength(text) === 11 && pattern('^\\d{3}[- ]?\\d{2}[- ]?\\d{4}$')(text),
  hexcolor: pattern('^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$'),
  rgbcolor: pattern(`^rgb\\(\\s*${COLOR}\\s*,\\s*${COLOR}\\s*,\\s*${COLOR}\\s*\\)$`),
  byte: isBase64,
  password: () => true,
  date: isDate,
  duration: isDuration,
  datetime: isDateTime,
  k8sshortname: (text) => Buffer.byteLength(text) <= 63 && pattern(`^${SHORT_NAME}$`)(text),
  k8slongname: (text) => Buffer.byteLength(text) <= 253 && pattern(`^${SHORT_NAME}(\\.${SHORT_NAME})*$`)(text),
};

/** Base64 of whole groups of four; the empty text is none. */
function isBase64(text: string): boolean {
  return text.length > 0 && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= days[month - 1]!;
}

/** A date, `T`, and a time with its zone; the fraction may begin with any character. */
function isDateTime(text: string): boolean {
  const [date, time] = text.toLowerCase().split('t');
  if (time === undefined || !isDate(date!)) return false;
  const match = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$/.exec(time);
  return match !== null && match[1]! <= '23' && match[2]! <= '59' && match[3]! <= '59';
}

const UNITS: readonly (readonly string[])[] = [
  ['ns', 'nano'],
  ['us', 'µs', 'micro'],
  ['ms', 'milli'],
  ['s', 'sec'],
  ['m', 'min'],
  ['h', 'hr', 'hour'],
  ['d', 'day'],
  ['w', 'wk', 'week'],
];
const MAX_INT64 = 2n ** 63n - 1n;

/** A Go duration, or somewhere in the text a number with a unit in words, as Scala has it. */
function isDuration(text: string): boolean {
  try {
    parseDuration(text);
    return true;
  } catch {
    const parts = [...text.matchAll(/(\d+)\s*([A-Za-zµ]+)/g)];
    if (parts.some(([, count]) => BigInt(count!) > MAX_INT64)) return false;
    return parts.some(([, , unit]) => UNITS.some((variants) => isUnit(unit!.toLowerCase(), variants)));
  }
}

/** The last of the variants is the beginning of a word. */
function isUnit(unit: string, variants: readonly string[]): boolean {
  return variants.includes(unit) || unit.startsWith(variants.at(-1)!);
}

function isHostname(text: string): boolean {
  if (!compileRegexp(HOSTNAME).test(text) || Buffer.byteLength(text) > 255) return false;
  return text.split('.').every((part) => Buffer.byteLength(part) <= 63);
}

/** An IP address as Go reads it; `sloppy` allows leading zeros in the parts of an IPv4 address. */
function isIp(text: string, sloppy: boolean): boolean {
  return text.includes(':') ? isIpv6(text, sloppy) : isIpv4(text, sloppy);
}

function isIpv4(text: string, sloppy: boolean): boolean {
  const parts = text.split('.');
  const isByte = (part: string) =>
    /^\d+$/.test(part) && Number(part) <= 255 && (sloppy || part === '0' || !part.startsWith('0'));
  return parts.length === 4 && parts.every((part) => isByte(part) && part.length <= 16);
}

function isIpv6(text: string, sloppy: boolean): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1);
  const hasIpv4 = last?.includes('.') ?? false;
  if (hasIpv4 && (!isIpv4(last!, sloppy) || text.endsWith('::'))) return false;
  const words = hasIpv4 ? groups.slice(0, -1) : groups;
  if (!words.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  const count = words.length + (hasIpv4 ? 2 : 0);
  return halves.length === 2 ? count < 8 : count === 8;
}

function isCidr(text: string): boolean {
  const slash = text.indexOf('/');
  if (slash < 0) return false;
  const [address, size] = [text.slice(0, slash), text.slice(slash + 1)];
  if (!isIp(address, true)) return false;
  return /^\d+$/.test(size) && Number(size) <= (address.includes(':') ? 128 : 32);
}

/** 6, 8 or 20 bytes, by colons or dashes in pairs or by dots in fours. */
function isMac(text: string): boolean {
  const pairs = /^[0-9a-fA-F]{2}(([:-])[0-9a-fA-F]{2})(\2[0-9a-fA-F]{2})*$/.exec(text);
  if (pairs !== null) return [6, 8, 20].includes((text.length + 1) / 3);
  return /^[0-9a-fA-F]{4}(\.[0-9a-fA-F]{4})+$/.test(text) && [6, 8, 20].includes(((text.length + 1) / 5) * 2);
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '');
  if (!/^(?:[0-9]{9}X|[0-9]{10})$/.test(digits)) return false;
  const value = (i: number) => (digits[i] === 'X' ? 10 : Number(digits[i]));
  let sum = 0;
  for (let i = 0; i < 10; i++) sum += (i + 1) * value(i);
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '');
  if (!/^[0-9]{13}$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += (i % 2 === 0 ? 1 : 3) * Number(digits[i]);
  return Number(digits[12]) === (10 - (sum % 10)) % 10;
}

function isCreditCard(text: string): boolean {
  const digits = text.replace(/[^0-9]+/g, '');
  if (!compileRegexp(CARD).test(digits)) return false;
  let sum = 0;
  [...digits].reverse().forEach((digit, i) => {
    const value = Number(digit) * (i % 2 === 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  });
  return sum % 10 === 0;
}

/** An absolute URI or path as Go's url.ParseRequestURI takes it. */
function isRequestUri(text: string): boolean {
  if (text === '' || hasControl(text)) return false;
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text);
  let rest = scheme === null ? text : text.slice(scheme[0].length);
  if (scheme === null && !text.startsWith('/')) return text === '*';
  rest = rest.split('?')[0]!;
  if (!rest.startsWith('/')) return scheme !== null;
  if (scheme !== null && rest.startsWith('//') && !rest.startsWith('///')) {
    const end = rest.indexOf('/', 2);
    const authority = rest.slice(2, end < 0 ? undefined : end);
    if (!isAuthority(authority)) return false;
    rest = end < 0 ? '' : rest.slice(end);
  }
  return !/%(?![0-9a-fA-F]{2})/.test(rest);
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20 || text.charCodeAt(i) === 0x7f) return true;
  return false;
}

function isAuthority(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at >= 0 && !/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(text.slice(0, at))) return false;
  const host = text.slice(at + 1);
  if (host.startsWith('[')) return /^\[[^\]]*\](:\d*)?$/.test(host);
  if (/:/.test(host) && !/:\d*$/.test(host)) return false;
  return !/[ "<>^`{|}\\]/.test(host) && !/%(?![0-9a-fA-F]{2})/.test(host);
}

const ATOM = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~\\u0080-\\uffff]+";
const ADDRESS = `(?:${ATOM}(?:\\.${ATOM})*|"(?:[^"\\\\]|\\\\.)*")@(?:${ATOM}(?:\\.${ATOM})*|\\[[^\\]]*\\])`;
const BARE = new RegExp(`^\\s*${ADDRESS}\\s*$`);
const NAMED = new RegExp(`^\\s*(?:(?:${ATOM}|"(?:[^"\\\\]|\\\\.)*"|\\.)\\s*)*<${ADDRESS}>\\s*$`);

/** An address, alone or in brackets behind a name, as Go's mail.ParseAddress takes it. */
function isEmail(text: string): boolean {
  return text.length < 1024 && (BARE.test(text) || NAMED.test(text));
}
