// The numbered cases of the datapath, and what became of each by the tests that prove it. No I/O.

/**
 * A case: its number, what must hold, and the tests that prove it, each as `FILE: SUITE > TEST`. A `*` stands for anything within a name;
 * `{mode}`, `{family}` and `{protocol}` for each of those that there are, so that all combinations must have been tried.
 *
 * @typedef {{number: number, holds: string, tests: readonly string[], missing?: string}} Case
 */

/** The file of a test and the names from its outermost suite on. */
function parsed(reference) {
  const at = reference.indexOf(': ');
  if (at < 0) throw new TypeError(`"${reference}" must name a file and a test: FILE: SUITE > TEST`);
  return { place: reference.slice(0, at), names: reference.slice(at + 2).split(' > ') };
}

/** The file that runs: tests beside sources run where they are emitted. */
export function fileOf(reference) {
  const { place } = parsed(reference);
  return place.startsWith('src/') ? `dist/${place.slice(4)}.test.js` : `${place}.test.mjs`;
}

/** A reference for each of the combinations that its placeholders stand for. */
export function expanded(reference, dimensions) {
  return Object.entries(dimensions).reduce(
    (all, [name, values]) =>
      all.flatMap((one) =>
        one.includes(`{${name}}`) ? values.map((value) => one.replaceAll(`{${name}}`, `${value}`)) : [one],
      ),
    [reference],
  );
}

function isNamed(pattern, name) {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}

/** Whether an outcome is that of the reference's test, or of a suite around it. */
function isOf(reference, { file, names }) {
  const wanted = parsed(reference);
  if (file !== fileOf(reference)) return false;
  return names.length <= wanted.names.length && names.every((name, i) => isNamed(wanted.names[i], name));
}

/** Whether any test is the reference's. */
export function isReferred(references, outcome) {
  return references.some((reference) => isOf(reference, outcome));
}

/** What became of a case: `ok`, `FAIL`, `skipped` or `not built`, with the reasons. */
export function resultOf(one, outcomes, dimensions) {
  if (one.tests.length === 0)
    return { result: 'not built', reasons: [one.missing ?? 'no test proves it'], tests: 0, skipped: 0 };
  const references = one.tests.flatMap((reference) => expanded(reference, dimensions));
  const reasons = [];
  const counts = { ok: 0, skipped: 0 };
  for (const reference of references) {
    const own = outcomes.filter((outcome) => isOf(reference, outcome));
    const failed = own.filter(({ result }) => result === 'failed');
    const skipped = own.filter(({ result }) => result === 'skipped');
    if (own.length === 0) reasons.push(`there is no test ${reference}`);
    for (const { names, reason } of failed) reasons.push(`${names.join(' > ')}: ${firstLine(reason)}`);
    for (const { reason } of skipped) {
      counts.skipped++;
      reasons.push(reason || 'it is skipped');
    }
    counts.ok += own.filter(({ result }) => result === 'ok').length;
  }
  const isBroken = references.some((reference) => {
    const own = outcomes.filter((outcome) => isOf(reference, outcome));
    return own.length === 0 || own.some(({ result }) => result === 'failed');
  });
  const result = isBroken ? 'FAIL' : counts.ok === 0 ? 'skipped' : 'ok';
  return { result, reasons: [...new Set(reasons)], tests: counts.ok, skipped: counts.skipped };
}

function firstLine(text = '') {
  return text.split('\n').find((line) => line.trim() !== '') ?? '';
}

/** Results of the tests of each combination of mode, family and protocol: `ok 3`, `FAIL`, `skipped`, `MISSING`. */
export function cellsOf(outcomes, { mode, family, protocol }) {
  return mode.map((of) => ({
    mode: of,
    cells: family.flatMap((version) =>
      protocol.map((name) => {
        const suite = `${of}, IPv${version}, ${name}`;
        const own = outcomes.filter(({ names }) => names[0] === suite);
        const passed = own.filter(({ result }) => result === 'ok').length;
        const failed = own.some(({ result }) => result === 'failed');
        if (own.length === 0) return { name: `IPv${version} ${name}`, result: 'MISSING' };
        return { name: `IPv${version} ${name}`, result: failed ? 'FAIL' : passed > 0 ? `ok ${passed}` : 'skipped' };
      }),
    ),
  }));
}

/**
 * Tells of what has ended, as lines: each test with its result, and each case once all tests that prove it have ended.
 *
 * @param {readonly Case[]} cases
 */
export function progressOf(cases, dimensions, write) {
  const outcomes = [];
  const waiting = new Set(cases.filter(({ tests }) => tests.length > 0));
  const references = new Map(
    cases.map((one) => [one, one.tests.flatMap((reference) => expanded(reference, dimensions))]),
  );
  return (outcome) => {
    outcomes.push(outcome);
    const { file, names, result, ms } = outcome;
    const word = { ok: 'ok', failed: 'FAIL', skipped: 'skipped' }[result];
    write(`${word.padEnd(10)}     ${file}: ${names.join(' > ')}  (${(ms / 1000).toFixed(1)} s)`);
    for (const one of waiting) {
      const all = references.get(one);
      if (!isReferred(all, outcome) || !all.every((reference) => outcomes.some((other) => isOf(reference, other))))
        continue;
      waiting.delete(one);
      write(`${resultOf(one, outcomes, dimensions).result.padEnd(10)} ${`${one.number}`.padStart(2)}  ${one.holds}`);
    }
  };
}
