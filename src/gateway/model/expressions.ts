import { compileRegexp } from 'nekube/apimachinery';

/**
 * So many characters and classes an expression may come to when what it repeats is written out. RE2 is linear in them, but a few
 * characters may stand for a million of them, which take seconds and megabytes to compile, for each of them.
 */
const MOST_STEPS = 2000;
/** So many classes of Unicode (`\\p`) it may write: each takes as long as twenty others, and is made anew each time. */
const MOST_UNICODE_CLASSES = 100;
/**
 * What is known of expressions, the oldest of which are forgotten: a route that changes has most of them as before. Ten thousand routes
 * have some each, and if fewer were known, a translation would make all of them again after they are prepared.
 */
const [MOST_KNOWN, MOST_KNOWN_CHARACTERS] = [100_000, 8 * 1024 * 1024];
/** Others wait no longer than this while many are made. */
const SLICE_MS = 10;
const known = new Map<string, string | undefined>();
let knownCharacters = 0;

/**
 * What is wrong with an expression, which is RE2's; undefined: nothing. Data planes look at bytes, so a character beyond them has no
 * number, but stands as it is.
 */
export function expressionProblem(expression: string): string | undefined {
  if (known.has(expression)) return known.get(expression);
  const problem = findProblem(expression);
  known.set(expression, problem);
  knownCharacters += expression.length;
  for (const oldest of known.keys()) {
    if (known.size <= MOST_KNOWN && knownCharacters <= MOST_KNOWN_CHARACTERS) break;
    known.delete(oldest);
    knownCharacters -= oldest.length;
  }
  return problem;
}

/** What time it is, and how to let others go on. */
export interface Pauses {
  /** In ms. */
  readonly now: () => number;
  readonly pause: () => Promise<void>;
}

/** As there are in a process. */
export const PAUSES: Pauses = {
  now: () => performance.now(),
  pause: () => new Promise((resolve) => setImmediate(resolve)),
};

/**
 * Makes expressions that are asked for soon, a few at a time: a megabyte of them takes seconds, in which nothing else would be done.
 * What is known costs nothing; what is wrong is said when it is asked for.
 */
export async function prepareExpressions(
  expressions: readonly string[],
  { now, pause }: Pauses = PAUSES,
): Promise<void> {
  for (let at = 0; ; await pause()) {
    at = prepareSome(expressions, at, timeSlice(now));
    if (at === expressions.length) return;
  }
}

/**
 * Makes those from a place on until it is over, which is asked before each that is not known.
 *
 * @returns the place of the first that is not made; the count of all: there is none
 */
export function prepareSome(expressions: readonly string[], from: number, isOver: () => boolean): number {
  for (let at = from; at < expressions.length; at++) {
    const expression = expressions[at]!;
    if (known.has(expression)) continue;
    if (isOver()) return at;
    expressionProblem(expression);
  }
  return expressions.length;
}

/** A time in which others wait: it begins when it is asked first whether it is over, so that something is done in each. */
export function timeSlice(now: () => number = PAUSES.now): () => boolean {
  let end: number | undefined;
  return () => {
    if (end !== undefined) return now() >= end;
    end = now() + SLICE_MS;
    return false;
  };
}

/** The expressions of an object, a model or a part of them: wherever something has the type `RegularExpression`. */
export function expressionsIn(value: unknown): readonly string[] {
  const found = new Set<string>();
  collect(value, new Set(), found);
  return [...found];
}

function collect(value: unknown, seen: Set<object>, found: Set<string>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  const { type, value: text, service, method } = value as Readonly<Record<string, unknown>>;
  if (type === 'RegularExpression') {
    const texts = [text, service, method].filter((one) => typeof one === 'string');
    for (const one of texts) found.add(one).add(closedExpression(one));
    if (text === undefined) found.add(grpcExpression(String(service ?? ''), String(method ?? '')));
  }
  for (const one of value instanceof Map ? value.values() : Object.values(value)) collect(one, seen, found);
}

/** The path of calls of gRPC whose service and method match; empty is all. */
export function grpcExpression(service: string, method: string): string {
  return `/${within(service)}/${within(method)}`;
}

/** In one element of a path. */
function within(expression: string): string {
  return expression === '' ? '[^/]+' : `(?:${closedExpression(expression)})`;
}

function findProblem(expression: string): string | undefined {
  const beyond = /\\x\{0*[1-9A-Fa-f][0-9A-Fa-f]{2,}\}/.exec(expression)?.[0];
  if (beyond !== undefined) return `${beyond} must stand as the character itself`;
  const classes = expression.match(/\\[pP]/g)?.length ?? 0;
  if (classes > MOST_UNICODE_CLASSES) {
    return `it names ${classes} classes of Unicode (\\p): it must be at most ${MOST_UNICODE_CLASSES}`;
  }
  const steps = stepsOf(expression);
  if (steps > MOST_STEPS) return `what it repeats comes to ${steps} characters: it must be at most ${MOST_STEPS}`;
  try {
    compileRegexp(expression);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A quotation, an escape, a class, how often something is repeated, or one character. */
const PIECE =
  /\\Q[^]*?(?:\\E|$)|\\[pPx]\{[^}]*(?:\}|$)|\\[^]|\[\^?\]?(?:\\[^]|\[:\^?\w+:\]|[^\]\\])*(?:\]|$)|\{\d+(?:,\d*)?\}|[^]/g;

/** How many there are when repetitions are written out; too many rather than too few. */
function stepsOf(expression: string): number {
  const outer: number[] = [];
  let sum = 0;
  let last = 0;
  for (const [piece] of expression.matchAll(PIECE)) {
    if (piece === '(') {
      outer.push(sum);
      sum = 0;
      last = 0;
    } else if (piece === ')') {
      last = sum;
      sum += outer.pop() ?? 0;
    } else if (/^\{\d/.test(piece)) {
      const times = Math.max(1, ...(piece.match(/\d+/g) ?? []).map(Number));
      sum += last * (times - 1);
      last *= times;
    } else {
      last = piece.startsWith('\\Q') ? Math.max(0, piece.length - 2) : 1;
      sum += last;
    }
  }
  return outer.reduce((all, one) => all + one, sum);
}

/**
 * An expression of RE2 that may stand in another one, or have something behind it: with an end for a quotation (`\Q`) that has none,
 * which would quote what comes behind it, too. It means the same.
 */
export function closedExpression(expression: string): string {
  let at = 0;
  for (;;) {
    const escape = expression.indexOf('\\', at);
    if (escape === -1) return expression;
    at = escape + 2;
    if (expression[escape + 1] !== 'Q') continue;
    const end = expression.indexOf('\\E', at);
    if (end === -1) return `${expression}\\E`;
    at = end + 2;
  }
}
