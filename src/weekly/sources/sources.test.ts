import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { FeedSpec } from '../resources/kinds.ts';
import { itemsOfGitHub } from './github-items.ts';
import { type ChangedKep, itemsOfKeps } from './kep-items.ts';
import { proposalsOf, type SourceItem, storyName } from './proposals.ts';

interface Case {
  readonly name: string;
  readonly items: readonly SourceItem[];
  /** Ids that were seen; absent: the source is new. */
  readonly seen?: readonly string[];
  readonly spec?: FeedSpec;
  readonly titles: readonly string[];
}

const since = new Date('2026-01-01T00:00:00Z');
const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL('../../../src/weekly/sources/testdata/proposals.json', import.meta.url), 'utf8'),
);

describe('a source proposes', () => {
  for (const { name, items, seen, spec = {}, titles } of cases)
    it(name, () => {
      const before =
        seen &&
        proposalsOf(
          items.filter(({ id }) => seen.includes(id)),
          {},
          { seen: [], since },
        ).seen;
      const found = proposalsOf(items, spec, { seen: before, since });
      assert.deepEqual(
        found.proposals.map(({ title }) => title),
        titles,
      );
      assert.deepEqual(proposalsOf(items, spec, { seen: found.seen, since }).proposals, []);
    });

  it('of more items than are remembered the newest alone, so that the others do not come again and again', () => {
    const items = Array.from({ length: 1500 }, (_, i) => ({
      ...{ id: `${i}`, title: `${i}`, url: `https://example.org/${i}` },
      published: new Date(Date.UTC(2015, 0, 1 + i)).toISOString(),
    }));
    const first = proposalsOf(items, {}, { seen: undefined, since });
    assert.deepEqual([first.proposals.length, first.seen.length], [0, 1000]);
    const more = [
      ...items,
      { id: 'new', title: 'New', url: 'https://example.org/new', published: '2026-02-01T00:00:00Z' },
    ];
    assert.deepEqual(
      proposalsOf(more, {}, { seen: first.seen, since }).proposals.map(({ title }) => title),
      ['New'],
    );
  });

  it('each page of a feed that gives all its items one id, once', () => {
    const items = [1, 2, 3].map((n) => ({ id: 'post', title: `${n}`, url: `https://example.org/${n}?utm_source=x` }));
    const titlesOf = (of: readonly SourceItem[], seen: readonly string[]): readonly string[] =>
      proposalsOf(of, {}, { seen, since }).proposals.map(({ title }) => title);
    const { seen } = proposalsOf(items.slice(1), {}, { seen: [], since });
    assert.deepEqual(titlesOf(items, seen), ['1']);
    assert.deepEqual(titlesOf([{ ...items[1]!, title: 'edited' }, items[2]!], seen), []);
    const alone = proposalsOf([items[0]!], {}, { seen: [], since });
    assert.deepEqual(
      titlesOf([{ ...items[0]!, url: 'https://example.org/moved' }], alone.seen),
      [],
      'a page that moved',
    );
  });

  it('no day of a program that knows none', () => {
    const times = [
      '0001-01-01T00:00:00.000Z',
      '1970-01-01T00:00:00.000Z',
      '1999-12-31T00:00:00.000Z',
      '9998-12-31T00:00:00.000Z',
    ];
    const items = times.map((published, n) => ({
      id: `${n}`,
      title: `${n}`,
      url: `https://example.org/${n}`,
      published,
    }));
    assert.deepEqual(
      proposalsOf(items, {}, { seen: [], since }).proposals.map(({ publishedTime }) => publishedTime),
      [undefined, undefined, ...times.slice(2)],
    );
  });

  it('no page whose address is too long to be kept', () => {
    const items = [{ id: '1', title: 'Long', url: `https://example.org/${'a'.repeat(5000)}` }];
    assert.deepEqual(proposalsOf(items, {}, { seen: [], since }).proposals, []);
  });

  it('a page under one name, by whatever address it is found', () => {
    const names = ['https://www.example.org/a/?utm_source=x', 'http://example.org/a#top'].map(storyName);
    assert.equal(names[0], names[1]);
    assert.match(names[0]!, /^example-org-[0-9a-f]{10}$/);
    for (const address of ['https://例え.jp/あ', 'http://_/', `https://${'a-'.repeat(30)}.example.org/`])
      assert.match(storyName(address), /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
  });
});

describe('of a repository it is worth telling', () => {
  const record = {
    url: 'https://github.com/o/r/x',
    repository: 'o/r',
    isPrerelease: false,
    labels: [],
    text: '',
    created: '1',
    since: '2',
  };
  const rows = [
    [{ kind: 'Release', tag: 'v1.2', title: 'v1.2', state: 'Published' }, 'r v1.2'],
    [{ kind: 'Release', tag: 'v1.2', title: 'The great release', state: 'Published' }, 'The great release'],
    [{ kind: 'Release', tag: 'v1.2', title: 'v1.2', state: 'Draft' }, undefined],
    [{ kind: 'PullRequest', number: 1, title: 'One', state: 'Merged' }, 'One'],
    [{ kind: 'PullRequest', number: 1, title: 'One', state: 'Open' }, undefined],
    [{ kind: 'Issue', number: 1, title: 'Two', state: 'Open' }, 'Two'],
  ] as const;
  for (const [given, title] of rows)
    it(`${title === undefined ? 'not ' : ''}a ${given.kind} that is ${given.state}: ${given.title}`, () =>
      assert.equal(itemsOfGitHub([{ ...record, ...given }])[0]?.title, title));
});

describe('of KEPs it is worth telling', () => {
  const kep: ChangedKep = {
    apiVersion: 'keps.nekube.dev/v1alpha1',
    kind: 'Kep',
    metadata: { name: '127-user-namespaces' },
    spec: { number: 127, title: 'User namespaces', path: 'keps/sig-node/127-user-namespaces' },
    status: {
      history: [
        { commit: 'a', time: '2022-03-08T00:00:00Z', pullRequest: 3065, field: 'kep', to: 'x' },
        {
          commit: 'b',
          time: '2022-06-09T00:00:00Z',
          pullRequest: 3275,
          field: 'status',
          from: 'provisional',
          to: 'implementable',
        },
        { commit: 'b', time: '2022-06-09T00:00:00Z', pullRequest: 3275, field: 'stage', to: 'alpha' },
        { commit: 'c', time: '2022-07-01T00:00:00Z', field: 'title', from: 'User namespace', to: 'User namespaces' },
      ],
    },
  };

  it('what one commit changed as one item, the newest first; not a title that is corrected', () =>
    assert.deepEqual(itemsOfKeps([kep]), [
      {
        id: 'b/127-user-namespaces',
        title: 'KEP-127: User namespaces (status: provisional → implementable; stage: alpha)',
        url: 'https://github.com/kubernetes/enhancements/pull/3275',
        published: '2022-06-09T00:00:00Z',
      },
      {
        id: 'a/127-user-namespaces',
        title: 'KEP-127: User namespaces (proposed)',
        url: 'https://github.com/kubernetes/enhancements/pull/3065',
        published: '2022-03-08T00:00:00Z',
      },
    ]));
});

it('a source proposes titles that are text in Markdown, whatever they say', () => {
  const items = [{ id: '1', title: '![](https://elsewhere.example/i.png)', url: 'https://example.org/1' }];
  const [proposal] = proposalsOf(items, {}, { seen: [], since }).proposals;
  assert.equal(proposal?.title, '\\!\\[\\](https:\\/\\/elsewhere.example/i.png)');
});
