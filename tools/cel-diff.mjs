// Compares our CEL with that of kube-apiserver on random expressions: messages of the compiler, types, estimates, values
// or errors, and costs must be the same.
//
//   node tools/cel-diff.mjs [--seed 1] [--count 10000] [--broken 0.15] [--max-differences 20]
//   node tools/cel-diff.mjs --expression 'self.int + 1' [--self]    both answers of one
//   node tools/cel-diff.mjs --keep 600 --out FILE                   records so many cases for src/cel/testdata/random.jsonl
//
// The other side is tools/cel-oracle, which is built with Go when it is not there. A difference is told with the smallest
// expression that shows one of the same kind. What cel/explained.mjs names is none. Ends with `N expressions, N differences`.
import { writeFileSync } from 'node:fs';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { Generator, VARIABLES } from './cel/generate.mjs';
import { runCase, SELF, SELF_SCHEMA } from './cel/ours.mjs';
import { explain } from './cel/explained.mjs';
import { startCelOracle } from './cel/oracle.mjs';

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '10000' },
    'max-differences': { type: 'string', default: '20' },
    expression: { type: 'string' },
    self: { type: 'boolean', default: false },
    broken: { type: 'string', default: '0.15' },
    keep: { type: 'string' },
    out: { type: 'string' },
  },
});

const BATCH = 500;

const oracle = startCelOracle();

/** What the real one makes of cases. */
function ask(cases) {
  return oracle.ask(cases.map(request));
}

function request({ expression, isSelf }) {
  if (!isSelf) return JSON.stringify({ expression, variables: VARIABLES });
  const plain = SELF.replaceAll('\n', ' ');
  return `{"expression":${JSON.stringify(expression)},"schema":${JSON.stringify(SELF_SCHEMA)},"self":${plain},"oldSelf":${plain}}`;
}

function ours(c) {
  try {
    return runCase(c);
  } catch (error) {
    return { thrown: error.stack };
  }
}

/** The parts of two answers that differ. */
function differences(theirs, mine) {
  const different = [];
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    if (
      theirs.error?.startsWith('panic: ') ||
      key === 'unstable' ||
      (theirs.unstable && ['value', 'error', 'cost'].includes(key))
    )
      continue;
    if (key === 'value' && theirs.value?.unprintable) continue;
    if (!isSamePart(key, theirs[key], mine[key])) different.push(key);
  }
  return different.sort();
}

/** Ours are doubles: what is more than they can tell apart is compared to twelve digits. */
function isSamePart(key, theirs, mine) {
  if (theirs === undefined || mine === undefined) return theirs === mine;
  if (key === 'cost') return isSamePart('estimate', [theirs], [mine]);
  if (key !== 'estimate') return isDeepStrictEqual(theirs, mine);
  const isSame = (a, b) => a === b || (a > 2 ** 52 && Math.abs(a - b) < a * 1e-12);
  return theirs.every((n, i) => isSame(Number(n), mine[i]));
}

async function differenceOf(c) {
  const [theirs] = await ask([c]);
  return kindOf(c, theirs, ours(c));
}

function kindOf(c, theirs, mine) {
  const parts = differences(theirs, mine);
  return parts.length === 0 || explain(c, theirs, mine, parts) !== undefined ? '' : parts.join();
}

/** A shorter expression with the same kind of difference. */
async function reduce(c, kind) {
  let best = c;
  const isSyntax = (answer) => answer.compileError?.includes('Syntax error') ?? false;
  const [whole] = await ask([c]);
  for (let tries = 0, size = Math.floor(c.expression.length / 2); size >= 1 && tries < 1500; ) {
    let found = false;
    const parts = [...best.expression];
    const candidates = [];
    for (let at = 0; at + size <= parts.length; at++)
      candidates.push({ ...best, expression: [...parts.slice(0, at), ...parts.slice(at + size)].join('') });
    tries += candidates.length;
    const answers = await ask(candidates);
    for (const [i, candidate] of candidates.entries()) {
      if (isSyntax(answers[i]) === isSyntax(whole) && kindOf(candidate, answers[i], ours(candidate)) === kind) {
        best = candidate;
        found = true;
        break;
      }
    }
    if (!found) size = size > 8 ? Math.floor(size * 0.7) : size - 1;
    else size = Math.min(size, best.expression.length - 1);
  }
  return best;
}

async function compareRandom() {
  const generator = new Generator(Number(options.seed), { broken: Number(options.broken) });
  const count = Number(options.count);
  let differing = 0;
  let explained = 0;
  const outcomes = {};
  for (let done = 0; done < count; done += BATCH) {
    const cases = Array.from({ length: Math.min(BATCH, count - done) }, () => generator.next());
    const answers = await ask(cases);
    for (const [i, c] of cases.entries()) {
      const theirs = answers[i];
      const outcome = ['compileError', 'planError', 'error'].find((key) => theirs[key] !== undefined) ?? 'value';
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      const mine = ours(c);
      const parts = differences(theirs, mine);
      if (parts.length === 0) continue;
      if (explain(c, theirs, mine, parts) !== undefined) {
        explained++;
        continue;
      }
      differing++;
      if (differing <= Number(options['max-differences'])) await tell(c, parts.join());
    }
  }
  console.log(JSON.stringify(outcomes));
  console.log(`${count} expressions, ${differing} differences, ${explained} explained`);
  return differing;
}

async function tell(c, kind) {
  const small = await reduce(c, kind);
  const [theirs] = await ask([small]);
  const mine = ours(small);
  console.log(`--- ${kind}${small.isSelf ? ' (self)' : ''}: ${small.expression}`);
  for (const part of kind.split(','))
    console.log(`  ${part}\n    theirs ${JSON.stringify(theirs[part])}\n    ours   ${JSON.stringify(mine[part])}`);
}

async function record() {
  const generator = new Generator(Number(options.seed), { broken: Number(options.broken) });
  const kept = [];
  while (kept.length < Number(options.keep)) {
    const cases = Array.from({ length: BATCH }, () => generator.next());
    const answers = await ask(cases);
    for (const [i, c] of cases.entries()) {
      if (answers[i].unstable || c.expression.length > 120 || differences(answers[i], ours(c)).length > 0) continue;
      if (answers[i].error?.startsWith('panic: ') || answers[i].value?.unprintable) continue;
      const { expression, isSelf } = c;
      kept.push(JSON.stringify({ expression, ...(isSelf && { isSelf }), ...answers[i] }));
    }
  }
  writeFileSync(
    options.out,
    kept
      .slice(0, Number(options.keep))
      .map((line) => `${line}\n`)
      .join(''),
  );
}

try {
  if (options.expression !== undefined) {
    const c = { expression: options.expression, isSelf: options.self };
    const [theirs] = await ask([c]);
    console.log({ theirs, ours: ours(c), difference: await differenceOf(c) });
  } else if (options.out !== undefined) await record();
  else if ((await compareRandom()) > 0) process.exitCode = 1;
} finally {
  oracle.stop();
}
