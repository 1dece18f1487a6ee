import type { AccessLog } from '../../model/index.ts';

/** What a line can say of a request; undefined is a dash, and null in JSON. */
export interface LogFacts {
  value(operator: string, argument: string): string | number | undefined;
}

/** Makes a line of what is known of a request. */
export type LineFormat = (facts: LogFacts) => string;

interface Operator {
  readonly name: string;
  readonly argument: string;
  readonly most: number;
}

type Part = string | Operator;

const OPERATOR = /%%|%([A-Z0-9_]+)(?:\(([^)]*)\))?(?::(\d+))?%/g;

/** As Envoy's own. */
const DEFAULT_TEXT =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% ' +
  '%BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" ' +
  '"%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%"';

/** Compiles a format: of text, or of JSON with its keys in order. */
export function compileFormat(format: AccessLog['format']): LineFormat {
  if (format === undefined || 'text' in format) {
    const parts = partsOf((format?.text ?? DEFAULT_TEXT).replace(/\n$/, ''));
    return (facts) => `${textOf(parts, facts)}\n`;
  }
  const fields = Object.entries(format.json)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, text]) => [key, partsOf(text)] as const);
  return (facts) =>
    `${JSON.stringify(Object.fromEntries(fields.map(([key, parts]) => [key, jsonOf(parts, facts)])))}\n`;
}

/** The names of the operators of a format. */
export function operatorsOf(format: AccessLog['format']): readonly string[] {
  const texts = format === undefined ? [] : 'text' in format ? [format.text] : Object.values(format.json);
  return texts.flatMap(partsOf).flatMap((part) => (typeof part === 'string' ? [] : [part.name]));
}

function partsOf(text: string): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const { 0: all, 1: name, 2: argument = '', 3: most, index } of text.matchAll(OPERATOR)) {
    parts.push(text.slice(end, index));
    parts.push(name === undefined ? '%' : { name, argument, most: most === undefined ? Infinity : Number(most) });
    end = index + all.length;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== '');
}

function textOf(parts: readonly Part[], facts: LogFacts): string {
  return parts.map((part) => (typeof part === 'string' ? part : oneLine(String(valueOf(part, facts) ?? '-')))).join('');
}

/** One operator alone keeps its type. */
function jsonOf(parts: readonly Part[], facts: LogFacts): string | number | null {
  const [only, more] = parts;
  if (only === undefined || typeof only === 'string' || more !== undefined) return textOf(parts, facts);
  return valueOf(only, facts) ?? null;
}

function valueOf({ name, argument, most }: Operator, facts: LogFacts): string | number | undefined {
  const value = facts.value(name, argument);
  return typeof value === 'string' ? value.slice(0, most) : value;
}

/** What a client says makes no lines of its own. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replace(/[\x00-\x1f\x7f]/g, ' ');
}
