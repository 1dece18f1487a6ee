import assert from 'node:assert/strict';
import { test } from 'node:test';
import { facetsOf, fits, type Kep, parseFilter, type SiteContent } from 'nekube/kep';
import { filterable } from './source.ts';

const kep = { name: '1-nap', owningSig: 'sig-node', status: 'provisional', participatingSigs: [], written: {} };
const content: SiteContent = {
  source: { repository: 'https://example.test/keps' },
  keps: [kep as unknown as Kep],
  findings: new Map(),
  histories: () => new Map([['1-nap', { changes: [], changed: '2026-02-03T10:00:00Z' }]]),
  textOf: () => '',
  allTexts: () => Promise.resolve(() => ''),
};

test('the day of a last change, which the history has, is looked at by lists and by counts', () => {
  for (const [text, count] of [
    ['changed:2026-02-03', 1],
    ['changed:<2026-02-03', 0],
  ] as const) {
    const filter = parseFilter(text);
    const { keps, isStale } = filterable(content, filter);
    assert.equal(keps.filter((one) => fits(one, filter, isStale)).length, count, text);
    const [facet] = facetsOf(keps, filter, isStale, { fields: ['sig'] });
    assert.equal(facet!.values.length, count, text);
  }
});
