// Runs test files with node's runner, a process each, and gives what became of each of their tests.
import { relative } from 'node:path';
import { run } from 'node:test';

/**
 * What became of a test: its file from the project's root, the names from the outermost suite to it, and the result.
 *
 * @typedef {{file: string, names: readonly string[], result: 'ok' | 'failed' | 'skipped', reason?: string, ms: number}} Outcome
 */

/**
 * All tests of the files, by options of node's runner, in the order in which they ended. A suite counts only where it was skipped, or failed for another reason than
 * its tests; so does a file that ended before its tests did.
 *
 * @returns {Promise<Outcome[]>}
 */
export async function resultsOf({ root, files, onOutcome = () => {}, ...options }) {
  const outcomes = [];
  // the names of the suites around a test, by file: a child is told before its parent ends, but starts after it
  const open = new Map();
  const add = (outcome) => {
    outcomes.push(outcome);
    onOutcome(outcome);
  };
  const fileOf = ({ file }) => (file === undefined ? '' : relative(root, file));
  for await (const { type, data } of run({ files, ...options })) {
    const names = open.get(data.file) ?? [];
    if (type === 'test:start') {
      names.length = data.nesting;
      names.push(data.name);
      open.set(data.file, names);
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const path = [...names.slice(0, data.nesting), data.name];
    const outcome = { file: fileOf(data), names: path, ms: data.details.duration_ms };
    const skipped = data.skip !== undefined && data.skip !== false;
    const isSuite = data.details.type === 'suite' || files.includes(data.name);
    if (skipped) add({ ...outcome, result: 'skipped', reason: data.skip === true ? '' : String(data.skip) });
    else if (type === 'test:fail') {
      const { error } = data.details;
      if (error.failureType === 'subtestsFailed') continue;
      add({ ...outcome, result: 'failed', reason: String(error.cause?.stack ?? error.cause ?? error.stack ?? error) });
    } else if (!isSuite) add({ ...outcome, result: 'ok' });
  }
  return outcomes;
}
