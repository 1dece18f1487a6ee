import { yamlError } from './yaml-error.ts';

/** A scalar with its Go type; `uint` is an integer beyond int64. */
export type YamlScalar =
  | { readonly type: 'null'; readonly value: null }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int' | 'uint'; readonly value: bigint }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string };

const PREFIX = 'tag:yaml.org,2002:';
const RESOLVABLE = ['str', 'bool', 'int', 'float', 'null', 'timestamp'];
const WORDS = new Map<string, YamlScalar>();
for (const word of 'y Y yes Yes YES true True TRUE on On ON'.split(' ')) WORDS.set(word, { type: 'bool', value: true });
for (const word of 'n N no No NO false False FALSE off Off OFF'.split(' '))
  WORDS.set(word, { type: 'bool', value: false });
for (const word of ['', '~', 'null', 'Null', 'NULL']) WORDS.set(word, { type: 'null', value: null });
for (const word of ['.nan', '.NaN', '.NAN']) WORDS.set(word, { type: 'float', value: Number.NaN });
for (const word of ['.inf', '.Inf', '.INF']) {
  WORDS.set(word, { type: 'float', value: Number.POSITIVE_INFINITY });
  WORDS.set(`+${word}`, { type: 'float', value: Number.POSITIVE_INFINITY });
  WORDS.set(`-${word}`, { type: 'float', value: Number.NEGATIVE_INFINITY });
}
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const TIMESTAMP =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[-+]([0-9]{2}):([0-9]{2}))| +([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?))?$/;

/**
 * The value of a scalar, guessed from its text as YAML 1.1 and go-yaml do: `yes` and `off` are booleans, `0644` is
 * octal; neither times nor base 60 numbers are recognised. A tag of YAML's own asks for a type.
 *
 * @throws ParseError: the text is not of the type that its tag asks for.
 */
export function resolveScalar(tag: string, text: string, implicit: boolean): YamlScalar {
  if (tag === '' && !implicit) return { type: 'string', value: text };
  const short = tag.startsWith(PREFIX) ? tag.slice(PREFIX.length) : undefined;
  if (short === 'binary') return { type: 'string', value: decodeBinary(text) };
  if (tag !== '' && (short === undefined || !RESOLVABLE.includes(short))) return { type: 'string', value: text };
  if (short === 'str') return { type: 'string', value: text };
  const scalar = guessScalar(text);
  if (short === undefined) return scalar;
  if (short === 'timestamp' && isTimestamp(text)) return { type: 'string', value: text };
  if (short === 'float' && scalar.type === 'int') return { type: 'float', value: Number(scalar.value) };
  const found = TAG_OF[scalar.type];
  if (found !== short) throw yamlError(`cannot decode !!${found} \`${text}\` as a !!${short}`);
  return scalar;
}

const TAG_OF = { null: 'null', bool: 'bool', int: 'int', uint: 'int', float: 'float', string: 'str' } as const;

/** The text is one of the times that go-yaml knows. */
export function isTimestamp(text: string): boolean {
  const match = TIMESTAMP.exec(text);
  if (match === null) return false;
  const part = (...indexes: number[]) => Number(indexes.map((i) => match[i]).find((p) => p !== undefined) ?? 0);
  const [year, month, day] = [part(1), part(2), part(3)];
  const date = new Date(Date.UTC(year, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  const real = month >= 1 && month <= 12 && day >= 1 && date.getUTCDate() === day;
  return real && part(4, 9) < 24 && part(5, 10) < 60 && part(6, 11) < 60 && part(7) <= 24 && part(8) <= 60;
}

/** What an untagged, unquoted text means. */
export function guessScalar(text: string): YamlScalar {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  const first = text[0]!;
  if (first === '.') return guessFloat(text) ?? { type: 'string', value: text };
  if (!/[-+0-9]/.test(first)) return { type: 'string', value: text };
  const plain = text.replaceAll('_', '');
  return guessInteger(plain) ?? guessFloat(plain) ?? { type: 'string', value: text };
}

function guessInteger(text: string): YamlScalar | undefined {
  const match = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]?([0-7]+)|0[bB]([01]+)|(0|[1-9][0-9]*))$/.exec(text);
  if (match === null) return undefined;
  const [, sign, hex, octal, binary, decimal] = match;
  const digits = hex ? `0x${hex}` : octal ? `0o${octal}` : binary ? `0b${binary}` : decimal!;
  if (digits.length > 70) return undefined;
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
  if (BigInt.asIntN(64, value) === value) return { type: 'int', value };
  return sign === '' && BigInt.asUintN(64, value) === value ? { type: 'uint', value } : undefined;
}

function guessFloat(text: string): YamlScalar | undefined {
  const value = FLOAT.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? { type: 'float', value } : undefined;
}

function decodeBinary(text: string): string {
  const base64 = text.replace(/[\r\n]/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64))
    throw yamlError('!!binary value contains invalid base64 data');
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)),
  );
}

/** A float as Go's FormatFloat with format `g` and the fewest digits, `.inf`, `-.inf` and `.nan` as in YAML. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value < 0 ? '-.inf' : '.inf';
  const [, mantissa, sign, power] = /^(.*)e([-+])([0-9]+)$/.exec(value.toExponential())!;
  const exponent = Number(sign + power!);
  if (exponent < -4 || exponent >= 6) return `${mantissa}e${sign}${power!.padStart(2, '0')}`;
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The same for a value that Go holds as a float32: the fewest digits that tell it from other float32 values. */
export function formatFloat32(value: number): string {
  const single = Math.fround(value);
  for (let digits = 1; digits < 10; digits++) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return formatFloat(short);
  }
  return formatFloat(single);
}
