import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Offer, type Suggestions } from './offer.ts';

const FOUND: Suggestions = {
  from: 0,
  to: 2,
  options: [
    { text: 'app', insert: 'app=' },
    { text: 'api', insert: 'api=' },
  ],
};

function offered() {
  const offer = new Offer();
  offer.ask('ap', 2);
  offer.show(offer.asked.peek()!, FOUND);
  return offer;
}

test('nothing is chosen at first, and arrows lead through all and back to the field', () => {
  const offer = offered();
  const chosen = [offer.chosen?.text];
  for (const by of [1, 1, 1, -1] as const) {
    offer.step(by);
    chosen.push(offer.chosen?.text);
  }
  assert.deepEqual(chosen, [undefined, 'app', 'api', undefined, 'api']);
});

test('with one letter more nothing of what was offered can be taken, also where that letter is deleted at once', () => {
  const offer = offered();
  offer.step(1);
  offer.ask('apx', 3);
  assert.equal(offer.open.value, undefined);
  assert.equal(offer.chosen, undefined);
  offer.ask('ap', 2);
  assert.equal(offer.chosen, undefined);
});

test('what is found late, for another text or when it is closed, is not shown', () => {
  const offer = new Offer();
  offer.ask('a', 1);
  const before = offer.asked.peek()!;
  offer.ask('ap', 2);
  offer.show(before, FOUND);
  assert.equal(offer.open.value, undefined);
  const asked = offer.asked.peek()!;
  offer.close();
  offer.show(asked, FOUND);
  assert.equal(offer.open.value, undefined);
});
