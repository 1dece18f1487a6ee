import { parseJson } from './json.ts';
import { inspectJson } from './json-fields.ts';
import { isParseError } from './parse-error.ts';
import type { JsonValue } from './value.ts';
import { composeYaml } from './yaml-compose.ts';
import { decodeYaml } from './yaml-decode.ts';
import { yamlError } from './yaml-error.ts';

/** How to read YAML. */
export interface YamlOptions {
  /** Duplicate keys are an error (YAMLToJSONStrict). Default: of duplicate keys the last wins. */
  readonly strict?: boolean;
  /** What stands behind the first document is an error. Default: it is not read. */
  readonly whole?: boolean;
  /** Gets a line for each duplicate key: `line 5: key "a" already set in map`. */
  readonly duplicates?: string[];
}

/**
 * Reads the first document of a YAML text as sigs.k8s.io/yaml's YAMLToJSON does: YAML 1.1, keys made text, integers
 * beyond 2^53 as bigint. An empty text is null.
 *
 * A text in JSON is read natively where that makes no difference. Linear in the text and the expanded aliases.
 *
 * @throws ParseError with that library's message, e.g. `yaml: line 3: could not find expected ':'`; callers put
 *   `error converting YAML to JSON: ` in front where Go does.
 */
export function parseYaml(input: string | Uint8Array, options: YamlOptions = {}): JsonValue {
  const text = typeof input === 'string' ? input : decodeUtf8(input);
  if (/^[ \t\r\n]*\{/.test(text) && !DIFFERS_IN_YAML.test(text)) {
    const value = tryJson(text);
    if (value !== undefined) return value;
  }
  const root = composeYaml(text === '' ? '\n' : text, options.whole);
  if (root === undefined) return null;
  const duplicates: string[] = [];
  const value = decodeYaml(root, duplicates);
  options.duplicates?.push(...duplicates);
  if (options.strict && duplicates.length > 0) throw yamlError(`unmarshal errors:\n  ${duplicates.join('\n  ')}`);
  return value;
}

/**
 * What JSON and YAML 1.1 read differently, if only in their errors: control characters and unusual line breaks,
 * escaped slashes and surrogates, a key that ends its line, numbers with big exponents.
 */
const DIFFERS_IN_YAML =
  /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\\\/|\\u[dD][89a-fA-F]|"\s*\n\s*:|[:,[\s]-?\d+(?:\.\d+)?[eE][-+]?\d{3}/;
/** YAML looks for a key's colon only so far. */
const MAX_KEY_LENGTH = 1000;

/** The value of a text in JSON without duplicate or very long keys. */
function tryJson(text: string): JsonValue | undefined {
  try {
    const { duplicates, longestKey } = inspectJson(text);
    return duplicates.length === 0 && longestKey < MAX_KEY_LENGTH ? parseJson(text) : undefined;
  } catch (e) {
    if (isParseError(e)) return undefined;
    throw e;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw yamlError(utf8Problem(bytes));
  }
}

/** What go-yaml says of the first malformed sequence. */
function utf8Problem(bytes: Uint8Array): string {
  for (let i = 0; i < bytes.length; ) {
    const octet = bytes[i]!;
    const width = octet < 0x80 ? 1 : octet >> 5 === 6 ? 2 : octet >> 4 === 14 ? 3 : octet >> 3 === 30 ? 4 : 0;
    if (width === 0) return 'invalid leading UTF-8 octet';
    if (i + width > bytes.length) return 'incomplete UTF-8 octet sequence';
    let value = width === 1 ? octet : octet & (0x7f >> width);
    for (let k = 1; k < width; k++) {
      const next = bytes[i + k]!;
      if (next >> 6 !== 2) return 'invalid trailing UTF-8 octet';
      value = (value << 6) | (next & 0x3f);
    }
    if (width > 1 && value < [0, 0, 0x80, 0x800, 0x10000][width]!) return 'invalid length of a UTF-8 sequence';
    if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) return 'invalid Unicode character';
    i += width;
  }
  return 'invalid leading UTF-8 octet';
}
