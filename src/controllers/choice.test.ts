import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseControllers } from './choice.ts';

const known = ['namespace-controller', 'deployment-controller', 'replicaset-controller'];
const cases: readonly (readonly [string, readonly string[] | string])[] = [
  ['none', []],
  ['', []],
  ['all', known],
  ['*', known],
  ['*,-deployment-controller', ['namespace-controller', 'replicaset-controller']],
  ['replicaset-controller, namespace-controller', ['namespace-controller', 'replicaset-controller']],
  ['-deployment-controller', []],
  ['pods', '"pods" is not in the list of known controllers'],
  ['*,-pods', '"pods" is not in the list of known controllers'],
];

for (const [text, expected] of cases)
  test(`--controllers ${JSON.stringify(text)} is ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(chooseControllers(text, known), expected);
  });
