// The audit events of a long story, compared with those that kube-apiserver wrote of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differencesOfOurs } from './differences.mjs';

/**
 * Steps that are meant to differ: kube-apiserver loses the event of a patch that is no JSON (apply in YAML, for one), as
 * it cannot write the body into its log; here the body of YAML is written as JSON, and what is neither is left out.
 */
const BETTER = /\/(patch-unreadable|apply-yaml)$/;

test('audit events are those of kube-apiserver', async () => {
  const found = (await differencesOfOurs()).filter(({ name }) => !BETTER.test(name));
  const lines = found.flatMap(({ name, differences }) => [name, ...differences.map((line) => `    ${line}`)]);
  assert.equal(lines.join('\n'), '');
});
