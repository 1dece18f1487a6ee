import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalUrl, urlKey } from './canonical-url.ts';
import { rankOf, Taste } from './ranking.ts';
import { type ComparedStory, indexKeys, sameness } from './same-story.ts';

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

describe('two stories are one', () => {
  for (const { name, a, b, by } of cases<{ name: string; a: ComparedStory; b: ComparedStory; by?: string }>(
    'same-story.json',
  ))
    it(`${by === undefined ? 'not: ' : ''}${name}`, () => {
      assert.equal(sameness(a, b)?.by, by);
      assert.equal(sameness(b, a)?.by, by);
    });

  it('and have a key of an index in common', () => {
    const words = fc.constantFrom(
      'apply',
      'server',
      'side',
      'field',
      'owner',
      'conflict',
      'operator',
      'v1.2',
      '負荷分散',
    );
    const titles = fc.array(words, { minLength: 3, maxLength: 9 }).map((all) => all.join(' '));
    const story = fc.record({ title: titles, url: fc.constantFrom('https://example.org/a', 'https://example.org/b') });
    fc.assert(
      fc.property(story, story, (a, b) => {
        fc.pre(sameness(a, b) !== undefined);
        const keys = new Set(indexKeys(a));
        assert.ok(indexKeys(b).some((key) => keys.has(key)));
      }),
    );
  });

  it('and have one also if both are long, and one says a little less', () => {
    const word = (i: number): string =>
      `word${'x'.repeat(i % 7)}${String.fromCharCode(97 + (i % 26))}${i > 25 ? 'z' : ''}`;
    const pair = fc.tuple(
      fc.integer({ min: 4, max: 50 }),
      fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 9 }),
    );
    let same = 0;
    fc.assert(
      fc.property(pair, ([length, without]) => {
        const all = Array.from({ length }, (_, i) => word(i));
        const [a, b] = [all, all.filter((_, i) => !without.includes(i))].map((title) => ({ title: title.join(' ') }));
        if (sameness(a!, b!) === undefined) return;
        same++;
        const keys = new Set(indexKeys(a!));
        assert.ok(indexKeys(b!).some((key) => keys.has(key)));
      }),
      { numRuns: 500 },
    );
    assert.ok(same > 50, `${same} of 500 were the same`);
  });

  it('is known by few words of a long title', () =>
    assert.deepEqual(indexKeys({ title: 'one two three four five six seven eight nine ten', url: '' }), [
      'title:eight seven',
      'title:eight three',
      'title:eight five',
      'title:seven three',
      'title:seven five',
      'title:three five',
    ]));
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
