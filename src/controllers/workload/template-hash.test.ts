import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { meaningOfTemplate, templateHash } from './template-hash.ts';

interface Case {
  readonly name: string;
  readonly template: object;
  readonly collisionCount?: number;
  /** What Go's ComputeHash of the same template gave. */
  readonly hash: string;
}

const cases = JSON.parse(
  readFileSync(new URL('../../../src/controllers/workload/testdata/template-hashes.json', import.meta.url), 'utf8'),
) as readonly Case[];

for (const { name, template, collisionCount, hash } of cases)
  test(`a template has Go's hash: ${name}`, () => {
    assert.equal(templateHash(template, collisionCount), hash);
  });

test('templates mean the same whichever way an amount is written, and what is empty is nothing', () => {
  const of = (resources: object, more: object = {}): string =>
    meaningOfTemplate({ spec: { containers: [{ name: 'web', resources, ...more }] } });
  assert.equal(
    of({ limits: { cpu: '1', memory: '1Gi' } }),
    of({ limits: { cpu: '1000m', memory: '1073741824' } }, { args: [] }),
  );
  assert.notEqual(of({ limits: { cpu: '1' } }), of({ limits: { cpu: '1001m' } }));
  assert.notEqual(of({}), of({}, { securityContext: {} }));
});
