import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type KubeObject, parseYaml } from 'nekube/apimachinery';
import { type Readiness, readinessOf } from './readiness.ts';

interface Case {
  readonly name: string;
  readonly object: KubeObject;
  readonly ready: Readiness['state'];
  readonly message: string;
}

const file = fileURLToPath(new URL('../../../src/ownership/testdata/readiness.yaml', import.meta.url));
const cases = parseYaml(readFileSync(file, 'utf8')) as unknown as readonly Case[];
const now = Date.parse('2026-01-01T00:01:00Z');

describe('whether an object is ready', () => {
  for (const { name, object, ready, message } of cases)
    test(name, () => assert.deepEqual(readinessOf(object, now), { state: ready, message }));
});
