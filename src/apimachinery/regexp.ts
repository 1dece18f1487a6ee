import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

/** A pattern in Go's syntax (RE2), which matches in time linear in the text. */
export interface GoRegexp {
  /** True if the pattern matches anywhere in the text. */
  test(text: string): boolean;
  /** True if the pattern matches all of the text. */
  matches(text: string): boolean;
  /** The leftmost match; undefined for none. */
  find(text: string): string | undefined;
  /** The matches that do not overlap, as Go's FindAllString: no empty one right after another; at most `limit`. */
  findAll(text: string, limit?: number): string[];
}

/** Patterns come from definitions, which are few; a cache that grew beyond this is not of them. */
const MAX_CACHED = 10_000;
const cache = new Map<string, GoRegexp>();
let loaded: typeof RE2JS | undefined;

/**
 * Compiles a pattern as Go's regexp package does; the same pattern is compiled once.
 *
 * @throws Error with Go's message, `error parsing regexp: missing closing ): …`
 */
export function compileRegexp(pattern: string): GoRegexp {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  let compiled: RE2JS;
  try {
    compiled = library().compile(pattern);
  } catch (cause) {
    const unnamed = withoutGroupNames(pattern);
    // Go lets groups share a name; it matters to nobody here.
    const twice = (cause as Error).message.includes('duplicate capture group name') && unnamed !== pattern;
    if (twice) return compileRegexp(unnamed);
    throw new Error(goMessage((cause as Error).message), { cause });
  }
  const regexp = asGoRegexp(compiled);
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(pattern, regexp);
  return regexp;
}

function asGoRegexp(compiled: RE2JS): GoRegexp {
  const findAll = (text: string, limit = Number.POSITIVE_INFINITY): string[] => {
    const found: string[] = [];
    const matcher = compiled.matcher(text);
    let end = -1;
    while (found.length < limit && matcher.find()) {
      if (matcher.end() === matcher.start() && matcher.start() === end) continue;
      end = matcher.end();
      found.push(matcher.group() ?? '');
    }
    return found;
  };
  return {
    test: (text) => compiled.matcher(text).find(),
    matches: (text) => compiled.matcher(text).matches(),
    find: (text) => findAll(text, 1)[0],
    findAll,
  };
}

/** Loaded at its first use: most starts need no pattern. */
function library(): typeof RE2JS {
  loaded ??= (createRequire(import.meta.url)('re2js') as { RE2JS: typeof RE2JS }).RE2JS;
  return loaded;
}

/** The pattern with groups that have no names; what is escaped or in a class stays. */
function withoutGroupNames(pattern: string): string {
  const piece = /\\[^]|\[\^?\]?(?:\\[^]|[^\]\\])*\]|\(\?P?<\w+>/g;
  return pattern.replace(piece, (part) => (/^\(\?P?</.test(part) ? '(' : part));
}

/** The library leaves out an empty argument, which Go prints. */
function goMessage(message: string): string {
  return message.endsWith('`') ? message : `${message}: \`\``;
}
