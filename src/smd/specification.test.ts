import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { load } from 'js-yaml';
import { runSpecification, type Specification } from './specification.ts';

const folder = new URL('../../src/smd/testdata/apply/', import.meta.url);

for (const file of readdirSync(folder).sort()) {
  const specifications = load(readFileSync(new URL(file, folder), 'utf8')) as Specification[];
  describe(file, () => {
    for (const specification of specifications) {
      test(specification.name, () => assert.deepEqual(runSpecification(specification), []));
    }
  });
}
