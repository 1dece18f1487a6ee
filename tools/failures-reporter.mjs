// A reporter of node's test runner that tells only what failed: the file, the names from the outermost to the test, and the
// error. tools/test.mjs has it beside the full report, and prints it last, where a log of 12,000 tests is read first.
import { relative } from 'node:path';

export default async function* failures(events) {
  // the names of the suites around a test, by file: a child is told before its parent ends, but starts after it
  const open = new Map();
  for await (const { type, data } of events) {
    if (type === 'test:start') {
      const names = open.get(data.file) ?? [];
      names.length = data.nesting;
      names.push(data.name);
      open.set(data.file, names);
    }
    if (type !== 'test:fail' || data.todo || data.skip) continue;
    const { error } = data.details;
    // a suite that fails for its tests only has nothing to add
    if (error.failureType === 'subtestsFailed') continue;
    const file = data.file === undefined ? '' : `${relative(process.cwd(), data.file)}: `;
    const parents = (open.get(data.file) ?? []).slice(0, data.nesting);
    const reason = String(error.cause?.stack ?? error.cause ?? error.stack ?? error);
    yield `${file}${[...parents, data.name].join(' > ')}\n${reason.replace(/^/gm, '    ')}\n`;
  }
}
