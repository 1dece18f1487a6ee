import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untouched } from './references.ts';

const CASES: readonly (readonly [string, readonly string[], readonly string[], readonly string[]])[] = [
  ['what is made, or changed here, is no limit', ['/secrets', '/configmaps', '/nodes', '/namespaces'], [], []],
  ['nor what the operator made', ['/services', 'apps/deployments'], ['/services', 'apps/deployments'], []],
  ['what nobody makes is', ['/services', 'shop.example/tills'], [], ['services', 'tills.shop.example']],
  ['pods are, without a workload', ['/pods'], ['/configmaps'], ['pods']],
  ['and are not with one', ['/pods'], ['apps/statefulsets'], []],
];

for (const [name, foreign, made, expected] of CASES) {
  test(`of what an operator reads: ${name}`, () => {
    const refs = made.map((key) => key.split('/')).map(([group = '', resource = '']) => ({ group, resource }));
    assert.deepEqual(untouched(new Set(foreign), refs), expected);
  });
}
