import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IssueObject, StoryObject, StorySpec } from 'nekube/weekly';
import { boardOf, pastStories, placementsOf } from './board.ts';

const api = { apiVersion: 'weekly.nekube.dev/v1alpha1' } as const;
const issue: IssueObject = {
  ...api,
  kind: 'Issue',
  metadata: { name: 'issue-12' },
  spec: {
    number: 12,
    title: 'Twelve',
    sections: [
      { id: 'articles', title: 'Articles', introduction: [] },
      { id: 'prs', title: 'PRs', introduction: [] },
    ],
  },
};
const story = (name: string, spec: Partial<StorySpec> = {}): StoryObject => ({
  ...api,
  kind: 'Story',
  metadata: { name, creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { title: name, ...spec },
});
const taken = (name: string, spec: Partial<StorySpec> = {}) =>
  story(name, { state: 'Accepted', issueRef: { name: 'issue-12' }, ...spec });
const board = (stories: readonly StoryObject[], filter = '') =>
  boardOf({ stories, issue, weights: new Map(), now: new Date('2026-01-02T00:00:00Z'), filter });
const names = (stories: readonly StoryObject[], filter = '') =>
  board(stories, filter).map(({ id, cards }) => `${id}: ${cards.map((card) => card.story.metadata.name).join(' ')}`);

describe('the board', () => {
  const stories = [
    story('new'),
    taken('second', { order: 20 }),
    taken('first', { order: 10, section: 'articles' }),
    taken('pr', { section: 'prs', presenter: 'Alice' }),
    taken('strange', { section: 'gone', order: 30 }),
    story('past', { state: 'Accepted', issueRef: { name: 'issue-11' } }),
    story('no', { state: 'Declined' }),
  ];

  it('has each story of the issue in its section, in order, and others as proposed or declined', () =>
    assert.deepEqual(names(stories), [
      'proposed: new',
      'section-articles: first second strange',
      'section-prs: pr',
      'declined: no',
    ]));

  it('shows what has the words of the filter', () =>
    assert.deepEqual(names(stories, 'ＡLICE'), ['proposed: ', 'section-articles: ', 'section-prs: pr', 'declined: ']));
});

describe('what other issues told', () => {
  const eleven: IssueObject = { ...issue, metadata: { name: 'issue-11' }, spec: { ...issue.spec, number: 11 } };
  const told = (name: string, text: string) =>
    story(name, {
      state: 'Accepted',
      issueRef: { name: 'issue-11' },
      blocks: [{ id: 'a', kind: 'paragraph', text }],
    });
  const stories = [told('one', 'about etcd'), told('two', 'コンフリクト'), taken('here', {}), story('new')];
  const found = (filter: string) =>
    pastStories(stories, [issue, eleven], issue, filter).map(
      ({ story: { metadata }, number }) => `${metadata.name} ${number}`,
    );

  it('is found by the words of its text', () => {
    assert.deepEqual(found('ETCD about'), ['one 11']);
    assert.deepEqual(found('フリク'), ['two 11']);
    assert.deepEqual(found('here'), []);
  });
  it('is not shown before words are typed', () => assert.deepEqual(found(' '), []));
});

describe('a story that is put somewhere', () => {
  const one = taken('one', { order: 10, section: 'articles' });
  const two = taken('two', { order: 20, section: 'articles' });
  const close = taken('close', { order: 11, section: 'articles' });
  const fresh = story('fresh');
  const put = (stories: readonly StoryObject[], what: StoryObject, column: string, index: number) =>
    placementsOf(what, board(stories).find(({ id }) => id === column)!, index, issue).map(
      ({ story: moved, decision }) =>
        `${moved.metadata.name} ${decision.state} ${decision.section ?? '-'} ${decision.order ?? '-'}`,
    );

  it('is accepted with a place between its neighbours', () =>
    assert.deepEqual(put([one, two, fresh], fresh, 'section-articles', 1), ['fresh Accepted articles 15']));
  it('is accepted at the end, and as the first of an empty section', () => {
    assert.deepEqual(put([one, two, fresh], fresh, 'section-articles', 2), ['fresh Accepted articles 30']);
    assert.deepEqual(put([fresh], fresh, 'section-prs', 0), ['fresh Accepted prs 10']);
  });
  it('has all numbered anew where there is no room', () =>
    assert.deepEqual(put([one, close, fresh], fresh, 'section-articles', 1), [
      'one Accepted articles 10',
      'fresh Accepted articles 20',
      'close Accepted articles 30',
    ]));
  it('is moved below the other one', () =>
    assert.deepEqual(put([one, two], one, 'section-articles', 1), ['one Accepted articles 30']));
  it('changes nothing where it is', () => {
    assert.deepEqual(put([one, two], one, 'section-articles', 0), []);
    assert.deepEqual(put([fresh], fresh, 'proposed', 0), []);
  });
  it('is declined, or proposed again', () => {
    assert.deepEqual(put([one], one, 'declined', 0), ['one Declined - -']);
    assert.deepEqual(put([one], one, 'proposed', 0), ['one Proposed - -']);
  });
});
