import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keepKeys } from '../issue/keys.ts';
import { normalizeIssue } from '../issue/normalize.ts';
import { anyIssue } from './testing/arbitrary-issue.ts';
import { readIssue } from './read-issue.ts';
import type { MarkdownFlavor } from './write-blocks.ts';
import { writeIssue } from './write-issue.ts';

const RUNS = { numRuns: Number(process.env.NEKUBE_RUNS ?? 400) };
const FLAVORS: readonly MarkdownFlavor[] = ['zenn', 'markdown'];

for (const flavor of FLAVORS) {
  test(`any issue is read from its ${flavor} as the same, with its keys`, () => {
    fc.assert(
      fc.property(anyIssue, (issue) => {
        const normal = normalizeIssue(issue);
        assert.deepEqual(readIssue(writeIssue(issue, flavor), { before: normal }).issue, normal);
      }),
      RUNS,
    );
  });

  test(`what is written as ${flavor} is written the same when it was read, whatever text it was before`, () => {
    fc.assert(
      fc.property(anyIssue, (issue) => {
        const text = writeIssue(issue, flavor);
        assert.equal(writeIssue(readIssue(text).issue, flavor), text);
      }),
      RUNS,
    );
  });
}

test('the normal form of an issue has itself as its normal form, and keeps its keys', () => {
  fc.assert(
    fc.property(anyIssue, (issue) => {
      const normal = normalizeIssue(issue);
      assert.deepEqual(normalizeIssue(normal), normal);
      assert.deepEqual(keepKeys(normal, normal), normal);
    }),
    RUNS,
  );
});
