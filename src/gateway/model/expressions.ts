import { compileRegexp } from 'nekube/apimachinery';

/**
 * So many characters and classes an expression may come to when what it repeats is written out. RE2 is linear in them, but a few
 * characters may stand for a million of them, which take seconds and megabytes to compile, for each of them.
 */
const MOST_STEPS = 2000;
/** What is known of expressions: a route that changes has most of them as before. */
const MOST_KNOWN = 10_000;
const known = new Map<string, string | undefined>();

/**
 * What is wrong with an expression, which is RE2's; undefined: nothing. Data planes look at bytes, so a character beyond them has no
 * number, but stands as it is.
 */
export function expressionProblem(expression: string): string | undefined {
  if (known.has(expression)) return known.get(expression);
  const problem = findProblem(expression);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(expression, problem);
  return problem;
}

function findProblem(expression: string): string | undefined {
  const beyond = /\\x\{0*[1-9A-Fa-f][0-9A-Fa-f]{2,}\}/.exec(expression)?.[0];
  if (beyond !== undefined) return `${beyond} must stand as the character itself`;
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
