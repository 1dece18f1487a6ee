import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalUrl, urlKey } from './canonical-url.ts';
import { rankOf, Taste } from './ranking.ts';
import { StoryIndex } from './story-index.ts';
import { SAME_TITLE, tellingParts, titleParts, titleSimilarity } from './titles.ts';

function cases<T>(name: string): readonly T[] {
  return JSON.parse(readFileSync(new URL(`../../../src/weekly/stories/testdata/${name}`, import.meta.url), 'utf8'));
}

describe('the canonical address of a page', () => {
  for (const { name, address, canonical } of cases<{ name: string; address: string; canonical?: string }>(
    'addresses.json',
  ))
    it(name, () => assert.equal(canonicalUrl(address), canonical));

  const addresses = fc.oneof(
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.constantFrom(...cases<{ address: string }>('addresses.json').map(({ address }) => address)),
  );

  it('is that of the canonical address, too', () => {
    fc.assert(
      fc.property(addresses, (address) => {
        const once = canonicalUrl(address);
        if (once !== undefined) assert.equal(canonicalUrl(once), once);
      }),
    );
  });

  it('is compared as the address is', () => {
    fc.assert(
      fc.property(addresses, (address) => assert.equal(urlKey(canonicalUrl(address) ?? address), urlKey(address))),
    );
  });
});

interface Told {
  readonly title: string;
  readonly url: string;
}

describe('a story is told already', () => {
  for (const { name, a, b, by } of cases<{ name: string; a: Told; b: Told; by?: string }>('same-story.json'))
    it(`${by === undefined ? 'not: ' : ''}${name}`, () => {
      for (const [one, other] of [
        [a, b],
        [b, a],
      ] as const) {
        const index = new StoryIndex();
        index.add({ id: 'one', title: one.title, urls: [one.url] });
        const [found] = index.duplicatesOf({ id: 'other', title: other.title, urls: [other.url] });
        assert.equal(found?.by, by);
      }
    });

  it('is not so for itself, nor for what was taken out', () => {
    const index = new StoryIndex();
    const story = { id: 'one', title: 'Testing Production Kubernetes Controllers', urls: ['https://example.org/a'] };
    index.add(story);
    assert.deepEqual(index.duplicatesOf(story), []);
    assert.equal(index.duplicatesOf({ ...story, id: 'two' }).length, 1);
    index.remove('one');
    assert.deepEqual(index.duplicatesOf({ ...story, id: 'two' }), []);
    assert.equal(index.size, 0);
  });

  it('is found among titles exactly where comparing each with each finds it', () => {
    const words = fc.constantFrom(
      'apply',
      'server',
      'side',
      'field',
      'owner',
      'conflict',
      'operator',
      'chart',
      'envoy',
      'v1.2',
      '負荷分散',
    );
    const titles = fc.array(
      fc.array(words, { minLength: 3, maxLength: 9 }).map((all) => all.join(' ')),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(titles, (all) => {
        const index = new StoryIndex();
        all.forEach((title, i) => index.add({ id: `${i}`, title, urls: [] }));
        all.forEach((title, i) => {
          const same = all.flatMap((other, j) =>
            i !== j && titleSimilarity(titleParts(title), titleParts(other)) >= SAME_TITLE ? [`${j}`] : [],
          );
          const found = index.duplicatesOf({ id: `${i}`, title, urls: [] }).map(({ of }) => of.id);
          assert.deepEqual([...found].sort(), same.sort());
        });
      }),
    );
  });

  it('is told by few parts of a long title', () => {
    const parts = titleParts('one two three four five six seven eight nine ten');
    assert.deepEqual(tellingParts(parts), ['eight', 'seven', 'three']);
  });
});

describe('the rank of a story', () => {
  const now = new Date('2026-01-15T00:00:00Z');
  const story = { title: 'eBPF in the kernel', url: 'https://ebpf.io/a', votesFor: 0, votesAgainst: 0, time: now };
  const nothing = new Taste([]);

  it('rises with each vote for it and falls with each against it', () => {
    assert.equal(rankOf({ ...story, votesFor: 3, votesAgainst: 1 }, nothing, now).score, 2);
  });

  it('falls by a vote in two weeks, and what is dated in the future is new', () => {
    assert.equal(rankOf({ ...story, time: new Date('2026-01-01T00:00:00Z') }, nothing, now).score, -1);
    assert.equal(rankOf({ ...story, time: new Date('2027-01-01T00:00:00Z') }, nothing, now).score, 0);
  });

  it('doubles the weight of its source for a vote', () => {
    assert.equal(rankOf({ ...story, sourceWeight: 4 }, nothing, now).score, 2);
    assert.equal(rankOf({ ...story, sourceWeight: 0 }, nothing, now).score, -4);
  });

  it('learns from what was published and what was not, and says from what', () => {
    const past = [
      { title: 'eBPF for load balancing', url: 'https://ebpf.io/b', isPublished: true },
      { title: 'eBPF verifier news', url: 'https://ebpf.io/c', isPublished: true },
      { title: 'Ten reasons to migrate', url: 'https://vendor.example.com/d', isPublished: false },
      { title: 'Ten reasons to buy', url: 'https://vendor.example.com/e', isPublished: false },
    ];
    const taste = new Taste(past);
    const liked = rankOf(story, taste, now);
    const disliked = rankOf(
      { ...story, title: 'Ten reasons to stay', url: 'https://vendor.example.com/f' },
      taste,
      now,
    );
    assert.ok(liked.learned > 0.5 && disliked.learned < -0.5, `${liked.learned} ${disliked.learned}`);
    assert.deepEqual(liked.because.map(({ feature }) => feature).sort(), ['host:ebpf.io', 'word:ebpf']);
  });

  it('learns nothing from a past in which all was published', () => {
    assert.equal(rankOf(story, new Taste([{ ...story, isPublished: true }]), now).learned, 0);
  });

  it('is moved by all that is learned by two votes at most', () => {
    const past = Array.from({ length: 500 }, (_, i) => ({
      title: story.title,
      url: story.url,
      isPublished: i % 50 !== 0,
    }));
    const past2 = [
      ...past,
      ...Array.from({ length: 500 }, () => ({ title: 'x', url: 'https://x.example.org', isPublished: false })),
    ];
    assert.ok(Math.abs(rankOf(story, new Taste(past2), now).learned) <= 2);
  });
});
