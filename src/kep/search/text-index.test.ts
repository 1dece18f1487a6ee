import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { TextIndex, type TextIndexData } from './text-index.ts';

const BOOSTS = { title: 8, text: 1 };
const words = fc.constantFrom(
  'pod',
  'pods',
  'swap',
  'swaps',
  'PodSwap',
  'namespace',
  'namespaces',
  'namspaces',
  '2400',
  'ü',
);
const texts = fc.array(words, { maxLength: 6 }).map((list) => list.join(' '));
const documents = fc.array(fc.record({ title: texts, text: texts }), { minLength: 1, maxLength: 8 });

function indexOf(all: readonly Readonly<Record<string, string>>[]): TextIndex {
  const index = new TextIndex(BOOSTS);
  for (const [i, one] of all.entries()) index.add(String(i), one);
  return index;
}

describe('an index of texts', () => {
  test('finds what has each word, or one that begins so: as by looking through all of them', () => {
    fc.assert(
      fc.property(
        documents,
        fc.uniqueArray(fc.constantFrom('pod', 'swap', 'namespaces', '2400'), { minLength: 1 }),
        (all, query) => {
          const has = ({ title, text }: (typeof all)[number], word: string): boolean =>
            `${title} ${text}`
              .split(' ')
              .flatMap((one) => (one === 'PodSwap' ? ['podswap', 'pod', 'swap'] : [one]))
              .some((one) => one.startsWith(word));
          const of = (test: (one: (typeof all)[number]) => boolean): readonly string[] =>
            all.flatMap((one, i) => (test(one) ? [String(i)] : []));
          const every = of((one) => query.every((word) => has(one, word)));
          const expected = every.length > 0 ? every : of((one) => query.some((word) => has(one, word)));
          const found = indexOf(all).search(query.join(' '), { fuzzy: false });
          assert.deepEqual(found.map(({ id }) => id).sort(), [...expected].sort());
        },
      ),
    );
  });

  test('is the same when it was kept, and takes more documents then', () => {
    fc.assert(
      fc.property(documents, documents, texts, (all, more, query) => {
        const kept = TextIndex.from(BOOSTS, JSON.parse(JSON.stringify(indexOf(all))) as TextIndexData);
        for (const [i, one] of more.entries()) kept.add(String(all.length + i), one);
        assert.deepEqual(kept.search(query), indexOf([...all, ...more]).search(query));
      }),
    );
  });

  test('is the same when documents come and go, as one without those that went', () => {
    fc.assert(
      fc.property(documents, documents, fc.func(fc.boolean()), texts, (all, more, isGone, query) => {
        const index = indexOf(all);
        const gone = all.map((_, i) => isGone(i));
        for (const [i, one] of gone.entries()) if (one) index.remove(String(i));
        const kept = TextIndex.from(BOOSTS, JSON.parse(JSON.stringify(index)) as TextIndexData);
        const expected = new TextIndex(BOOSTS);
        for (const [i, one] of all.entries()) if (!gone[i]) expected.add(String(i), one);
        for (const [i, one] of more.entries())
          for (const to of [index, kept, expected]) to.add(String(all.length + i), one);
        assert.deepEqual(index.search(query), expected.search(query));
        assert.deepEqual(kept.search(query), expected.search(query));
        // one that was kept knows the words of none
        for (const [i, one] of gone.entries()) if (!one) [kept, expected].forEach((from) => from.remove(String(i)));
        assert.deepEqual(kept.search(query), expected.search(query));
      }),
    );
  });

  test('has what says a word more often, in a title, or in a shorter text in front', () => {
    const best = (...all: readonly Readonly<Record<string, string>>[]): string | undefined =>
      indexOf([...all, { text: 'other words' }]).search('swap')[0]?.id;
    assert.equal(best({ text: 'swap and memory' }, { text: 'swap swap memory' }), '1');
    assert.equal(best({ text: 'swap' }, { title: 'swap' }), '1');
    assert.equal(best({ text: 'swap of the memory of a node' }, { text: 'swap' }), '1');
    assert.equal(best({ text: 'swaps' }, { text: 'swap' }), '1');
  });

  test('finds long words that are misspelt by a letter, where one is asked to', () => {
    const index = indexOf([{ text: 'namespaces' }, { text: 'namespace' }, { text: 'name' }]);
    const found = (query: string, fuzzy?: boolean): readonly string[] =>
      index.search(query, fuzzy === undefined ? {} : { fuzzy }).map(({ id }) => id);
    for (const query of ['namspace', 'namezpace', 'nnamespace']) assert.deepEqual(found(query), ['1'], query);
    assert.deepEqual(found('namspace', false), []);
    assert.deepEqual(found('nme'), []);
  });
});
