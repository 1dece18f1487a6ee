import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readKep } from '../document/read-kep.ts';
import type { Kep } from '../model/kep.ts';
import { GrowingIndex } from './growing-index.ts';

const kepOf = (name: string, title: string): Kep => readKep(`keps/sig-node/${name}`, `title: ${title}`).kep;

describe('an index that grows', () => {
  const texts = new Map([
    ['1-one', 'marmots'],
    ['2-two', 'badgers and marmots'],
  ]);
  const titles = new Map([
    ['1-one', 'First'],
    ['2-two', 'Second'],
  ]);
  const growing = new GrowingIndex((name) => {
    const title = titles.get(name);
    return title === undefined ? undefined : { kep: kepOf(name, title), text: texts.get(name) ?? '' };
  });
  const found = (query: string): readonly string[] => growing.index.find(query).map(({ kep }) => kep.name);
  const later = async (turns: number): Promise<void> => {
    for (let i = 0; i < turns; i++) await undefined;
  };
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test('finds by titles before texts are read, and says how many are missing', async () => {
    for (const name of titles.keys()) growing.change(name);
    assert.equal(growing.waiting(), 2);
    await turn();
    assert.deepEqual([found('first'), found('marmots'), growing.waiting()], [['1-one'], [], 2]);
    await growing.whole();
    assert.deepEqual([found('marmots'), growing.waiting()], [['1-one', '2-two'], 0]);
  });

  test('has what it had of a KEP until it has what the KEP is now', async () => {
    texts.set('1-one', 'otters');
    titles.delete('2-two');
    for (const name of texts.keys()) growing.change(name);
    await turn();
    assert.deepEqual([found('marmots'), growing.waiting()], [['1-one', '2-two'], 2]);
    await growing.whole();
    assert.deepEqual([found('otters'), found('marmots'), found('second')], [['1-one'], [], []]);
  });

  test('tells who waits what went wrong, and goes on with the next change', async () => {
    let isBroken = true;
    const own = new GrowingIndex((name) => {
      if (isBroken) throw new Error('no text');
      return { kep: kepOf(name, name), text: '' };
    });
    own.change('1-one');
    await assert.rejects(own.whole(), /no text/);
    isBroken = false;
    own.change('2-two');
    await own.whole();
    assert.deepEqual([own.waiting(), own.index.find('two').length, own.index.find('one').length], [0, 1, 1]);
  });

  test('has what changed just as it became whole', async () => {
    for (let turns = 0; turns < 8; turns++) {
      let reads = 0;
      const own = new GrowingIndex((name) => {
        // with its text
        if (++reads === 2) void later(turns).then(() => own.change('2-two'));
        return { kep: kepOf(name, name), text: '' };
      });
      own.change('1-one');
      await own.whole();
      await turn();
      await own.whole();
      assert.deepEqual([own.waiting(), own.index.find('two').length], [0, 1], `after ${turns} turns`);
    }
  });

  test('takes nothing after it was closed', async () => {
    const own = new GrowingIndex((name) => ({ kep: kepOf(name, name), text: '' }));
    own.change('1-one');
    own.close();
    await own.whole();
    assert.deepEqual(own.index.find('one'), []);
  });
});
