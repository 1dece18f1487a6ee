import { isJsonObject, type JsonObject } from 'nekube/apimachinery';

/** Numbers from 0 to 1, below 1. */
export type Random = () => number;

/** A kind of values that programs get wrong: what it is called, and one of it. */
export interface OddKind<T> {
  readonly name: string;
  readonly make: (random: Random) => T;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** So many signs a long text has at least, and at most: more than a label, a name or an annotation's key may. */
const LONG = [64, 300] as const;

/** So often a text of a kind is made that a schema may not allow. */
const MOST_TRIED = 10;

function pick<T>(random: Random, all: readonly T[]): T {
  return all[Math.floor(random() * all.length)]!;
}

/** A name that is a DNS label, and stands nowhere else. */
export function randomName(random: Random, length = 8): string {
  return Array.from({ length }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('');
}

function mixed(random: Random): string {
  return randomName(random).replace(/./g, (letter) => (random() < 0.5 ? letter.toUpperCase() : letter));
}

/** A text of more signs than names may have, with dashes anywhere, also where it may be cut. */
function long(random: Random): string {
  const length = LONG[0] + Math.floor(random() * (LONG[1] - LONG[0] + 1));
  return randomName(random, length).replace(/[a-e]/g, (letter) => (random() < 0.5 ? '-' : letter));
}

function joined(sign: string): (random: Random) => string {
  return (random) => [3, 2, 4].map((n) => randomName(random, n)).join(sign);
}

/** Kinds of texts, first those that show most. */
export const ODD_TEXTS: readonly OddKind<string>[] = [
  { name: 'empty', make: () => '' },
  { name: 'mixed case', make: mixed },
  {
    name: 'spaces around',
    make: (random) =>
      pick(random, [` ${randomName(random)}`, `${randomName(random)} `, ` ${randomName(random)}\t`, ' ']),
  },
  { name: 'dots', make: joined('.') },
  { name: 'long', make: long },
  {
    name: 'like a number',
    make: (random) => pick(random, ['123', '0', '-7', '1.50', '1e3', '0x1f', '010', '1_000', '.inf']),
  },
  { name: 'signs of HTML', make: (random) => `<${randomName(random, 3)}>&${randomName(random, 2)}` },
  {
    name: 'a dash at an end',
    make: (random) => pick(random, [`-${randomName(random)}`, `${randomName(random)}-`, `${randomName(random)}--`]),
  },
  { name: 'dashes', make: joined('-') },
  { name: 'low lines', make: joined('_') },
  { name: 'one letter', make: (random) => randomName(random, 1) },
  {
    name: 'quotes',
    make: (random) => `${randomName(random, 3)}${pick(random, ['"', "'", '\\', '`', '"\'"'])}${randomName(random, 3)}`,
  },
  { name: 'upper case', make: (random) => randomName(random).toUpperCase() },
  {
    name: 'like a truth value',
    make: (random) => pick(random, ['true', 'false', 'yes', 'no', 'on', 'null', '~', 'True']),
  },
  { name: 'lines', make: (random) => `${randomName(random, 4)}\n${randomName(random, 3)}${pick(random, ['', '\n'])}` },
  {
    name: 'unicode',
    make: (random) =>
      `${randomName(random, 3)}${pick(random, ['ä', 'É ñ', '日本語', '🙂', 'ß', 'Ж'])}${randomName(random, 2)}`,
  },
  { name: 'a template', make: (random) => pick(random, ['{{ .Values }}', '{{', '}}', '%s %d', '${HOME}', '$(NAME)']) },
  { name: 'slashes and colons', make: (random) => joined('/')(random).replace('/', ':') },
  { name: 'spaces within', make: joined(' ') },
  {
    name: 'signs of YAML',
    make: (random) => pick(random, ['# a', '- b', 'c: d', '*e', '&f', '@g', '[h]', '{i}', '!j']),
  },
  { name: 'letters and digits', make: (random) => `${randomName(random, 4)}${Math.floor(random() * 1000)}` },
  {
    name: 'like a date',
    make: (random) =>
      `20${10 + Math.floor(random() * 89)}-0${1 + Math.floor(random() * 9)}-${10 + Math.floor(random() * 18)}`,
  },
];

/** Kinds of numbers, as far as the bounds of a schema allow them. */
export function oddNumbers(schema: JsonObject | undefined): readonly OddKind<number>[] {
  const isWide = schema?.format === 'int64' || schema?.type === 'number';
  const largest = isWide ? Number.MAX_SAFE_INTEGER : 2 ** 31 - 1;
  const [least, most] = [Number(schema?.minimum ?? -largest - 1), Number(schema?.maximum ?? largest)];
  const all: OddKind<number>[] = [
    { name: 'zero', make: () => 0 },
    { name: 'negative', make: (random) => -1 - Math.floor(random() * 1000) },
    { name: 'the least', make: () => least },
    { name: 'the most', make: () => most },
  ];
  if (schema?.type === 'number') all.push({ name: 'a fraction', make: (random) => Math.floor(random() * 100) + 0.5 });
  return all.filter(({ name, make }) => {
    if (name === 'the least' || name === 'the most') return true;
    return name === 'negative' ? least <= -1000 : make(() => 0) >= least && make(() => 0.99) <= most;
  });
}

/** Whether a schema allows a text, as far as it says so by length, pattern and format. */
export function isAllowed(text: string, schema: JsonObject | undefined): boolean {
  const length = [...text].length;
  if (length < Number(schema?.minLength ?? 0) || length > Number(schema?.maxLength ?? Number.POSITIVE_INFINITY))
    return false;
  if (typeof schema?.format === 'string' && FORMATS.has(schema.format)) return false;
  return typeof schema?.pattern !== 'string' || matches(text, schema.pattern);
}

/** Those kinds of texts that a schema allows. */
export function allowedTexts(random: Random, schema: JsonObject | undefined): readonly OddKind<string>[] {
  return ODD_TEXTS.flatMap(({ name, make }) => {
    const allowed = (): string | undefined => {
      for (let tried = 0; tried < MOST_TRIED; tried++) {
        const text = make(random);
        if (isAllowed(text, schema)) return text;
      }
      return undefined;
    };
    const first = allowed();
    return first === undefined ? [] : [{ name, make: () => allowed() ?? first }];
  });
}

function matches(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    // a pattern that only Go reads is asked of the server
    return true;
  }
}

function digits(random: Random, n: number): string {
  return Array.from({ length: n }, () => 1 + Math.floor(random() * 9)).join('');
}

/** Texts of the formats that a server checks. */
export const FORMATS: ReadonlyMap<string, (random: Random) => string> = new Map([
  [
    'date-time',
    (random) => `20${digits(random, 2)}-0${digits(random, 1)}-1${digits(random, 1)}T1${digits(random, 1)}:00:00Z`,
  ],
  ['date', (random) => `20${digits(random, 2)}-0${digits(random, 1)}-1${digits(random, 1)}`],
  ['duration', (random) => `${digits(random, 3)}s`],
  ['byte', (random) => Buffer.from(randomName(random)).toString('base64')],
  ['uri', (random) => `https://${randomName(random)}.example/${randomName(random)}`],
  ['email', (random) => `${randomName(random)}@${randomName(random)}.example`],
  ['hostname', (random) => `${randomName(random)}.example`],
  ['ipv4', (random) => `10.${digits(random, 2)}.${digits(random, 2)}.${digits(random, 2)}`],
  ['ipv6', (random) => `fd00::${digits(random, 4)}`],
  ['cidr', (random) => `10.${digits(random, 2)}.0.0/16`],
  [
    'uuid',
    (random) =>
      `${digits(random, 8)}-${digits(random, 4)}-4${digits(random, 3)}-8${digits(random, 3)}-${digits(random, 12)}`,
  ],
]);

/** Whether the items of a list must differ. */
export function isSet(schema: JsonObject | undefined): boolean {
  const type = isJsonObject(schema) ? schema['x-kubernetes-list-type'] : undefined;
  return schema?.uniqueItems === true || type === 'set' || type === 'map';
}
