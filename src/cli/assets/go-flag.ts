import { goQuote, parseDuration } from 'nekube/apimachinery';
import type { EtcdFlagSpec } from './known-flags.ts';

/** A command line that does not hold; the message is that of Go's package flag. */
export class GoFlagError extends Error {}

/** A flag's value: of URLs and texts as given, with numbers and durations (milliseconds) as numbers. */
export type GoFlagValue = string | number | boolean;

/** What a command line says; the first word ends it. */
export interface GoFlags {
  readonly values: ReadonlyMap<string, GoFlagValue>;
  readonly words: readonly string[];
}

/** These may be negative. */
const SIGNED: ReadonlySet<string> = new Set([
  'compaction-batch-limit',
  'distributed-tracing-sampling-rate',
  'experimental-compaction-batch-limit',
  'experimental-distributed-tracing-sampling-rate',
  'max-learners',
  'quota-backend-bytes',
]);

/**
 * Reads a command line as Go's package flag does: `-name` is `--name`, a value comes after `=` or is the next word, but
 * not for a bool.
 *
 * @throws GoFlagError
 */
export function parseGoFlags(specs: readonly EtcdFlagSpec[], args: readonly string[]): GoFlags {
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  const values = new Map<string, GoFlagValue>();
  const rest = [...args];
  while (rest.length > 0 && /^-./.test(rest[0]!)) {
    const arg = rest.shift()!;
    if (arg === '--') break;
    const [, name = '', text] = /^--?([^=]*)(?:=([^]*))?$/.exec(arg) ?? [];
    if (name === '' || name.startsWith('-')) throw new GoFlagError(`bad flag syntax: ${arg}`);
    const spec = byName.get(name);
    if (name === 'help' || name === 'h') values.set('help', true);
    else if (spec === undefined) throw new GoFlagError(`flag provided but not defined: -${name}`);
    else values.set(name, spec.type === 'bool' ? readBool(name, text ?? 'true') : readText(spec, text ?? rest.shift()));
  }
  return { values, words: rest };
}

function readBool(name: string, text: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw new GoFlagError(`invalid boolean value ${goQuote(text)} for -${name}: parse error`);
}

function readText({ name, type }: EtcdFlagSpec, text: string | undefined): GoFlagValue {
  if (text === undefined) throw new GoFlagError(`flag needs an argument: -${name}`);
  const refuse = (why: string): GoFlagError =>
    new GoFlagError(`invalid value ${goQuote(text)} for flag -${name}: ${why}`);
  if (type === 'duration') {
    try {
      return Number(parseDuration(text)) / 1e6;
    } catch {
      throw refuse('parse error');
    }
  }
  if (type === 'number') {
    if (!/^[+-]?(0x[\da-f]+|\d+)$/i.test(text) || (text.startsWith('-') && !SIGNED.has(name)))
      throw refuse('parse error');
    return Number(text);
  }
  const problem = type === 'urls' && text !== '' && text !== '*' ? urlsProblem(text) : undefined;
  if (problem !== undefined) throw refuse(problem);
  return text;
}

/** What is wrong with URLs with commas between. */
function urlsProblem(text: string): string | undefined {
  for (const part of text.split(',').map((url) => url.trim())) {
    if (/^[^/]*:/.test(part) && !/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(part))
      return `parse ${goQuote(part)}: first path segment in URL cannot contain colon`;
    const [, scheme = '', host = '', path = ''] = /^([a-z]+):\/\/([^/]*)(.*)$/.exec(part) ?? [];
    if (!['http', 'https', 'unix', 'unixs'].includes(scheme))
      return `URL scheme must be http, https, unix, or unixs: ${part}`;
    if (scheme.startsWith('unix')) continue;
    if (!/^(\[[^\]]*\]|[^:]*):\d*$/.test(host)) return `URL address does not have the form "host:port": ${part}`;
    if (path !== '') return `URL must not contain a path: ${part}`;
  }
  return undefined;
}
