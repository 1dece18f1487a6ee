import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zoneOf } from './zone.ts';

const [zone, region] = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];
const oldZone = 'failure-domain.beta.kubernetes.io/zone';
const cases: readonly [what: string, labels: Record<string, string> | undefined, zone: string][] = [
  ['nothing', undefined, ''],
  ['other things', { app: 'a' }, ''],
  ['a zone', { [zone]: 'a' }, ':\0:a'],
  ['a region', { [region]: 'r' }, 'r:\0:'],
  ['both', { [zone]: 'a', [region]: 'r' }, 'r:\0:a'],
  ['a zone by both names, of which the older counts', { [zone]: 'a', [oldZone]: 'b' }, ':\0:b'],
];

for (const [what, labels, expected] of cases)
  test(`a node that says ${what} is in zone ${JSON.stringify(expected)}`, () =>
    assert.equal(zoneOf({ metadata: { name: 'n', ...(labels && { labels }) } }), expected));
