/**
 * The text validators of Kubernetes: each returns what is wrong with a text, message by message, and an empty list
 * when nothing is. The messages are kube-apiserver's to the letter.
 *
 * Lengths are bytes of UTF-8, also where a message says "characters".
 */

/** A validator of a text: all that is wrong with it, in kube-apiserver's words. */
export type TextCheck = (text: string) => string[];

/** A validator of an object's name; `prefix` says that the text is a generateName, to which a suffix is added. */
export type NameCheck = (name: string, prefix: boolean) => string[];

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const UNDERSCORE_LABEL = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const UNDERSCORE_SUBDOMAIN = `${UNDERSCORE_LABEL}(\\.${UNDERSCORE_LABEL})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const WILDCARD_SUBDOMAIN = `\\*\\.${SUBDOMAIN}`;
const LABEL_KEY = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${LABEL_KEY})?`;
const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const SUBDOMAIN_MAX_BYTES = 253;

/** Length in bytes of UTF-8, as Go's `len` of a string. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** `must be no more than N characters`. */
export function maxLengthMessage(maxBytes: number): string {
  return `must be no more than ${maxBytes} characters`;
}

/** `must be no more than N bytes`: the wording of label keys and values. */
export function maxBytesMessage(maxBytes: number): string {
  return `must be no more than ${maxBytes} bytes`;
}

/** `must be between A and B, inclusive`. */
export function inclusiveRangeMessage(low: number, high: number): string {
  return `must be between ${low} and ${high}, inclusive`;
}

/** A requirement with examples and the regular expression behind it. */
export function regexMessage(requirement: string, regex: string, ...examples: string[]): string {
  if (examples.length === 0) return `${requirement} (regex used for validation is '${regex}')`;
  const shown = examples.map((e) => `'${e}', `).join(' or ');
  return `${requirement} (e.g. ${shown}regex used for validation is '${regex}')`;
}

/** Makes a check of a whole text against a regular expression and, where given, a longest length. */
function textCheck(
  requirement: string,
  regex: string,
  examples: string[],
  maxBytes = Number.POSITIVE_INFINITY,
): TextCheck {
  const pattern = new RegExp(`^(?:${regex})$`);
  const message = regexMessage(requirement, regex, ...examples);
  return (text) => [
    ...(byteLength(text) > maxBytes ? [maxLengthMessage(maxBytes)] : []),
    ...(pattern.test(text) ? [] : [message]),
  ];
}

/** A DNS subdomain (RFC 1123): what most objects' names must be. */
export const isDns1123Subdomain: TextCheck = textCheck(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN,
  ['example.com'],
  SUBDOMAIN_MAX_BYTES,
);

/** A DNS subdomain in which labels may hold underscores, as in SRV names. */
export const isDns1123SubdomainWithUnderscore: TextCheck = textCheck(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  UNDERSCORE_SUBDOMAIN,
  ['example.com'],
  SUBDOMAIN_MAX_BYTES,
);

/** A DNS subdomain in any case of letters; lengths count bytes. */
export function isDns1123SubdomainCaseless(text: string): string[] {
  const requirement =
    "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  return [
    ...(byteLength(text) > SUBDOMAIN_MAX_BYTES ? [maxBytesMessage(SUBDOMAIN_MAX_BYTES)] : []),
    ...(new RegExp(`^(?:${SUBDOMAIN})$`, 'i').test(text) ? [] : [regexMessage(requirement, SUBDOMAIN, 'Example.com')]),
  ];
}

const dns1123Label = textCheck(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL,
  ['my-name', '123-abc'],
  63,
);
const subdomainPattern = new RegExp(`^(?:${SUBDOMAIN})$`);

/** A DNS label (RFC 1123); of a text that would do as a subdomain it only says that it has dots. */
export function isDns1123Label(text: string): string[] {
  const dotted = text.includes('.') && subdomainPattern.test(text);
  return dns1123Label(text).map((message) =>
    dotted && message.startsWith('a lowercase') ? 'must not contain dots' : message,
  );
}

/** A DNS label (RFC 1035): starts with a letter. */
export const isDns1035Label: TextCheck = textCheck(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  LABEL_1035,
  ['my-name', 'abc-123'],
  63,
);

/** A wildcard DNS subdomain, `*.example.com` (RFC 1034, 4.3.3). */
export const isWildcardDns1123Subdomain: TextCheck = textCheck(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  WILDCARD_SUBDOMAIN,
  ['*.example.com'],
  SUBDOMAIN_MAX_BYTES,
);

const labelKeyPattern = new RegExp(`^(?:${LABEL_KEY})$`);
const labelKeyMessage = regexMessage(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  LABEL_KEY,
  'MyName',
  'my.name',
  '123-abc',
);

/** A qualified name, as the keys of labels and annotations are: `name` or `example.com/name`. */
export function isQualifiedName(text: string): string[] {
  const parts = text.split('/');
  if (parts.length > 2) {
    return [
      `a valid label key ${labelKeyMessage} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const prefixErrors = parts.length === 2 ? prefixPart(parts[0]!) : [];
  return [...prefixErrors, ...namePart(parts.at(-1)!)];
}

function prefixPart(prefix: string): string[] {
  if (prefix === '') return ['prefix part must be non-empty'];
  const tooLong = byteLength(prefix) > SUBDOMAIN_MAX_BYTES ? [maxBytesMessage(SUBDOMAIN_MAX_BYTES)] : [];
  const malformed = isDns1123Subdomain(prefix).filter((message) => message.startsWith('a lowercase'));
  return [...tooLong, ...malformed].map((message) => `prefix part ${message}`);
}

function namePart(name: string): string[] {
  const errors: string[] = [];
  if (name === '') errors.push('name part must be non-empty');
  else if (byteLength(name) > 63) errors.push(`name part ${maxBytesMessage(63)}`);
  if (!labelKeyPattern.test(name)) errors.push(`name part ${labelKeyMessage}`);
  return errors;
}

const labelValuePattern = new RegExp(`^(?:${LABEL_VALUE})$`);

/** The value of a label: empty, or at most 63 bytes. */
export function isValidLabelValue(text: string): string[] {
  const requirement =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  return [
    ...(byteLength(text) > 63 ? [maxBytesMessage(63)] : []),
    ...(labelValuePattern.test(text) ? [] : [regexMessage(requirement, LABEL_VALUE, 'MyValue', 'my_value', '12345')]),
  ];
}

/** An identifier of the C language; its length is not checked. */
export const isCIdentifier: TextCheck = textCheck(
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
  '[A-Za-z_][A-Za-z0-9_]*',
  ['my_name', 'MY_NAME', 'MyName'],
);

/** A percentage such as `25%`. */
export const isValidPercent: TextCheck = textCheck(
  "a valid percent string must be a numeric string followed by an ending '%'",
  '[0-9]+%',
  ['1%', '93%'],
);

/** The name of an HTTP header: letters, digits and dashes. */
export const isHttpHeaderName: TextCheck = textCheck(
  "a valid HTTP header must consist of alphanumeric characters or '-'",
  '[-A-Za-z0-9]+',
  ['X-Header-Name'],
);

const strictEnvVarName = textCheck(
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
  '[-._a-zA-Z][-._a-zA-Z0-9]*',
  ['my.env-name', 'MY_ENV.NAME', 'MyEnvName1'],
);

/** The name of an environment variable: any printable ASCII but `=`, which is the rule since Kubernetes 1.34. */
export function isEnvVarName(text: string): string[] {
  if (text === '') return ['environment variable name must be non-empty'];
  if (/^[ -<>-~]*$/.test(text)) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** The stricter, older rule for the name of an environment variable. */
export function isStrictEnvVarName(text: string): string[] {
  return [...strictEnvVarName(text), ...relativeDirectory(text)];
}

const configMapKey = textCheck(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  '[-._a-zA-Z0-9]+',
  ['key.name', 'KEY_NAME', 'key-name'],
  SUBDOMAIN_MAX_BYTES,
);

/** A key of a ConfigMap's or Secret's data, usable as a file name. */
export function isConfigMapKey(text: string): string[] {
  return [...configMapKey(text), ...relativeDirectory(text)];
}

/** Refuses names that a file system reads as a way upwards. */
function relativeDirectory(text: string): string[] {
  if (text === '.') return ["must not be '.'"];
  if (text === '..') return ["must not be '..'"];
  return text.startsWith('..') ? ["must not start with '..'"] : [];
}

/** A number of a port: 1 to 65535. */
export function isValidPortNum(port: number | bigint): string[] {
  return isInRange(port, 1, 65535);
}

/** A number in a range, both ends included. */
export function isInRange(value: number | bigint, low: number, high: number): string[] {
  return value >= low && value <= high ? [] : [inclusiveRangeMessage(low, high)];
}

/** A Unix group id: 0 to 2^31 - 1. */
export function isValidGroupId(gid: number | bigint): string[] {
  return isInRange(gid, 0, 0x7fffffff);
}

/** A Unix user id: 0 to 2^31 - 1. */
export function isValidUserId(uid: number | bigint): string[] {
  return isInRange(uid, 0, 0x7fffffff);
}

/** The name of a port (RFC 6335 in lower case): at most 15 of `a-z0-9-`, with a letter. */
export function isValidPortName(text: string): string[] {
  const errors: string[] = [];
  if (byteLength(text) > 15) errors.push(maxLengthMessage(15));
  if (!/^[-a-z0-9]+$/.test(text)) errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(text)) errors.push('must contain at least one letter (a-z)');
  if (text.includes('--')) errors.push('must not contain consecutive hyphens');
  if (text.startsWith('-') || text.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}

/** A decimal integer without sign plus or leading zeros. */
export function isDecimalInteger(text: string): string[] {
  if (text === '') return ['must be non-empty'];
  return /^(0|-?[1-9][0-9]*)$/.test(text) ? [] : ['must be a valid decimal integer in canonical form'];
}

/** A name that can stand as one segment of a URL's path; of a prefix, what a suffix may mend is accepted. */
export function validatePathSegmentName(name: string, prefix = false): string[] {
  if (!prefix && (name === '.' || name === '..')) return [`may not be '${name}'`];
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);
}

/** {@link validatePathSegmentName} of a whole name. */
export const isValidPathSegmentName: TextCheck = (name) => validatePathSegmentName(name, false);

/** Names that are DNS subdomains. */
export const nameIsDnsSubdomain: NameCheck = (name, prefix) => isDns1123Subdomain(maskTrailingDash(name, prefix));

/** Names that are DNS labels (RFC 1123), such as those of namespaces. */
export const nameIsDnsLabel: NameCheck = (name, prefix) => isDns1123Label(maskTrailingDash(name, prefix));

/** Names that are DNS labels as RFC 1035 has them, such as those of services. */
export const nameIsDns1035Label: NameCheck = (name, prefix) => isDns1035Label(maskTrailingDash(name, prefix));

/** A prefix may end in a dash, since a suffix follows; the two last characters count as one letter, as upstream. */
function maskTrailingDash(name: string, prefix: boolean): string {
  return prefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
}

/** What a check of a text found, with the part of the text that is at fault. */
export interface TextFault {
  /** The faulty part; undefined where the whole text is missing (`Required value`). */
  readonly value: string | undefined;
  readonly message: string;
}

/** A domain-prefixed path, `acme.io/foo`; faults name the host or the path. */
export function isDomainPrefixedPath(text: string): TextFault[] {
  if (text === '') return [{ value: undefined, message: '' }];
  const slash = text.indexOf('/');
  if (slash <= 0 || slash === text.length - 1) {
    return [{ value: text, message: 'must be a domain-prefixed path (such as "acme.io/foo")' }];
  }
  const [host, path] = [text.slice(0, slash), text.slice(slash + 1)];
  const faults = isDns1123Subdomain(host).map((message): TextFault => ({ value: host, message }));
  if (!new RegExp(`^${HTTP_PATH}$`).test(path)) {
    faults.push({ value: path, message: regexMessage('Invalid path', HTTP_PATH) });
  }
  return faults;
}

/** A domain-prefixed key, `acme.io/foo`, whose parts are those of a label key. */
export function isDomainPrefixedKey(text: string): TextFault[] {
  if (text === '') return [{ value: undefined, message: '' }];
  const faults = isQualifiedName(text).map((message): TextFault => ({ value: text, message }));
  if (faults.length > 0 || text.includes('/')) return faults;
  return [{ value: text, message: 'must be a domain-prefixed key (such as "acme.io/foo")' }];
}

/** A name of at least three DNS labels. */
export function isFullyQualifiedName(text: string): TextFault[] {
  if (text === '') return [{ value: undefined, message: '' }];
  const errors = isDns1123Subdomain(text);
  if (errors.length > 0) return [{ value: text, message: errors.join(',') }];
  if (text.split('.').length >= 3) return [];
  return [{ value: text, message: 'should be a domain with at least three segments separated by dots' }];
}

/** A domain name of at least two DNS labels, with or without a dot at its end. */
export function isFullyQualifiedDomainName(text: string): TextFault[] {
  if (text === '') return [{ value: undefined, message: '' }];
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  const errors = isDns1123Subdomain(name);
  if (errors.length > 0) return [{ value: name, message: errors.join(',') }];
  const labels = name.split('.');
  if (labels.length < 2) {
    return [{ value: name, message: 'should be a domain with at least two segments separated by dots' }];
  }
  const bad = labels.find((label) => isDns1123Label(label).length > 0);
  return bad === undefined ? [] : [{ value: bad, message: isDns1123Label(bad).join(',') }];
}
