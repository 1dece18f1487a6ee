import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesIn, reasonOf } from './guilty.ts';

const NAMES = ['web', 'web-2', 'default/api/rule/0', 'a', 'eg.http'];

const CASES: readonly (readonly [error: string, names: readonly string[]])[] = [
  ['Error adding/updating cluster(s) web: unknown filter, a: no filter', ['web', 'a']],
  ['Error adding/updating listener(s) eg.http: Proto constraint validation failed (web)', ['eg.http']],
  ["Only a single cluster 'default/api/rule/0' is allowed", ['default/api/rule/0']],
  ['route: unknown cluster web-2', ['web-2']],
  ['cannot be: web.', ['web']],
  ['a regular expression is not one', []],
  ['missing ]: [invalid', []],
];

for (const [error, names] of CASES) {
  test(`"${error}" is about ${names.join(' and ') || 'nobody'}`, () => assert.deepEqual(namesIn(error, NAMES), names));
}

const REASONS: readonly (readonly [error: string, name: string, reason: string])[] = [
  ['Error adding/updating cluster(s) web: unknown filter, a: no filter', 'web', 'unknown filter'],
  ['Error adding/updating cluster(s) web: unknown filter, a: no filter', 'a', 'no filter'],
  ['Error adding/updating listener(s) eg.http: bad\n : words\na: other\n', 'eg.http', 'bad\n : words'],
  ['Error adding/updating listener(s) eg.http: bad\na: other\n', 'a', 'other'],
  ["Only a single cluster 'web' is allowed", 'web', "Only a single cluster 'web' is allowed"],
];

for (const [error, name, reason] of REASONS) {
  test(`of ${JSON.stringify(error)} this is about ${name}: ${JSON.stringify(reason)}`, () => {
    assert.equal(reasonOf(error, name, NAMES), reason);
  });
}
