// The table of features in the docs is what the suite, the claims and the reports say; and all features are claimed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { claimedFeatures, featuresTable, suiteFeatures, TABLE } from './features-table.mjs';

const suite = suiteFeatures();
const claimed = await claimedFeatures();

test('every feature of the five profiles of gateways is claimed', () => {
  const asked = Object.values(suite.profiles).flatMap(({ core, extended }) => [...core, ...extended]);
  assert.equal(Object.keys(suite.profiles).length, 5);
  assert.deepEqual(
    [...new Set(asked)].filter((feature) => !claimed.includes(feature)),
    [],
  );
});

test('what is claimed is a feature of the suite', () => {
  const known = new Set(suite.tests.flatMap(({ features }) => features));
  for (const { core, extended } of Object.values(suite.profiles))
    for (const one of [...core, ...extended]) known.add(one);
  assert.deepEqual(
    claimed.filter((feature) => !known.has(feature)),
    [],
  );
});

test('docs/conformance/features.md is made of this: node suites/gateway/features-table.mjs', () => {
  assert.equal(readFileSync(TABLE, 'utf8'), featuresTable(suite, claimed));
});
