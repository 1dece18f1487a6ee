import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import { type Clock, systemClock } from 'nekube/client';
import type { Condition, NewEvent } from 'nekube/controller';
import type { PollOutcome } from '../collect/schedule.ts';
import { keepFeed } from '../publish/publish.ts';
import { FEED, ISSUE, PUBLICATION, STORY, VOTE } from '../resources/kinds.ts';
import { storyName } from '../sources/proposals.ts';
import type { SubjectState } from '../subjects/subject-state.ts';
import { addFeedController } from './feed-controller.ts';
import { addIssueController } from './issue-controller.ts';
import { addPublicationController } from './publication-controller.ts';
import { addStoryController } from './story-controller.ts';
import { type Decided, Desk, of } from './testing/desk.ts';

const NOW = '2031-03-07T00:00:00Z';
const clock: Clock = { ...systemClock, now: () => Date.parse(NOW) };
const HOUR_MS = 3_600_000;

const conditionOf = (status: unknown, type: string): Condition | undefined =>
  (status as { conditions?: readonly Condition[] } | undefined)?.conditions?.find((one) => one.type === type);
const reasonsOf = ({ events }: Decided): readonly string[] => events.map(({ reason }) => reason);

describe('the controller of feeds', () => {
  const url = 'https://blog.example/feed.xml';
  const item = (n: number, published = '2031-03-06T00:00:00Z') => ({
    id: `${n}`,
    title: `Story ${n}`,
    link: `https://blog.example/${n}`,
    published,
    authors: [],
    categories: [],
    enclosures: [],
  });
  const read = (...items: ReturnType<typeof item>[]): PollOutcome => ({
    kind: 'read',
    permanentUrl: url,
    bodyHash: 'h',
    feed: { format: 'rss-2.0', encoding: 'utf-8', title: 'A blog', hints: {}, defects: [], items },
  });
  const polled = { observedGeneration: 1, lastPollTime: '2031-03-06T23:30:00Z', nextPollTime: '2031-03-07T00:30:00Z' };

  const cases: readonly {
    readonly name: string;
    readonly feed?: object;
    readonly status?: object;
    readonly deleted?: boolean;
    readonly outcome?: PollOutcome;
    readonly others?: readonly KubeObject[];
    readonly isAsked: boolean;
    readonly created?: readonly string[];
    readonly events?: readonly string[];
    readonly ready?: string;
    readonly againMs?: number;
  }[] = [
    {
      name: 'a feed that is new is read, and what it has of the last days is proposed',
      outcome: read(item(1), item(2), item(3, '2030-01-01T00:00:00Z')),
      isAsked: true,
      created: [storyName('https://blog.example/1'), storyName('https://blog.example/2')],
      events: ['Proposed'],
      ready: 'True',
      againMs: HOUR_MS,
    },
    {
      name: 'what is there already is proposed by nobody again',
      outcome: read(item(1)),
      others: [of(STORY, storyName('https://blog.example/1'), { title: 'Story 1' })],
      isAsked: true,
      ready: 'True',
      againMs: HOUR_MS,
    },
    { name: 'a feed that is not due is waited for', status: polled, isAsked: false, againMs: HOUR_MS / 2 },
    {
      name: 'a feed that waits for longer than any may is read: the clock was set back',
      status: { ...polled, nextPollTime: '2032-01-01T00:00:00Z' },
      outcome: { kind: 'unchanged', permanentUrl: url },
      isAsked: true,
      ready: 'True',
      againMs: HOUR_MS,
    },
    {
      name: 'what is known of another address says nothing of when this one is due',
      status: { ...polled, observedGeneration: 0 },
      outcome: read(),
      isAsked: true,
      ready: 'True',
      againMs: HOUR_MS,
    },
    {
      name: 'a failure is told, and tried again later',
      outcome: { kind: 'failed', reason: 'Timeout', message: 'no answer within 30 s' },
      isAsked: true,
      events: ['Timeout'],
      ready: 'False',
      againMs: HOUR_MS,
    },
    {
      name: 'a feed that is gone is told, and never read again',
      outcome: { kind: 'gone', url },
      isAsked: true,
      events: ['Gone'],
      ready: 'False',
    },
    { name: 'a suspended feed is left alone', feed: { suspend: true }, isAsked: false, ready: 'False' },
    { name: 'a feed that is being deleted is left alone', deleted: true, isAsked: false },
  ];

  for (const { name, feed, status, deleted, outcome, others = [], isAsked, ready, againMs, ...expected } of cases)
    it(name, async () => {
      const desk = new Desk([
        of(FEED, 'blog', { url, ...feed }, { ...(status && { status }), ...(deleted && { deleted }) }),
        ...others,
      ]);
      let asked = 0;
      const told: NewEvent[] = [];
      addFeedController(desk.manager, {
        read: async () => {
          asked++;
          return outcome!;
        },
        clock,
        random: () => 0,
        tell: (_, event) => told.push(event),
      });
      const decided = await desk.decide('weekly-feed', FEED, 'blog');
      assert.equal(asked, isAsked ? 1 : 0);
      const created = decided.written.filter(({ kind }) => kind === 'Story').map(({ metadata }) => metadata.name);
      assert.deepEqual(created, expected.created ?? []);
      assert.deepEqual(reasonsOf(decided), expected.events ?? []);
      assert.deepEqual(told, decided.events, 'who runs it is told what events tell');
      const written = decided.status ?? (decided.written.at(-1) as { status?: object } | undefined)?.status;
      assert.equal(conditionOf(written, 'Ready')?.status, ready);
      assert.equal(decided.result?.requeueAfterMs, againMs);
    });

  it('remembers a feed only when all that it brought is written', async () => {
    const desk = new Desk([of(FEED, 'blog', { url })]);
    addFeedController(desk.manager, { read: async () => read(item(1), item(2)), clock, random: () => 0 });
    const { written } = await desk.decide('weekly-feed', FEED, 'blog');
    assert.deepEqual(
      written.map(({ kind }) => kind),
      ['Story', 'Story', 'Feed'],
    );
  });

  it('shows what a feed calls itself, and obeys nothing in it', async () => {
    const desk = new Desk([of(FEED, 'blog', { url })]);
    const outcome = read() as PollOutcome & { kind: 'read' };
    const feed = { ...outcome.feed, title: 'A\u202e blog\u001b]0;x\u0007 \u009b2J' };
    addFeedController(desk.manager, { read: async () => ({ ...outcome, feed }), clock, random: () => 0 });
    const { written } = await desk.decide('weekly-feed', FEED, 'blog');
    assert.equal((written.at(-1) as { status?: { title?: string } }).status?.title, 'A blog]0;x 2J');
  });
});

describe('the controller of stories', () => {
  const page = 'https://blog.example/apply';
  const decide = async (
    objects: readonly KubeObject[],
    options: { subject?: () => Promise<SubjectState | undefined> } = {},
  ) => {
    const desk = new Desk(objects);
    addIssueController(desk.manager, { clock });
    addStoryController(desk.manager, { clock, ...options });
    return await desk.decide('weekly-story', STORY, 'apply');
  };
  const vote = (voter: string, value: string, story = 'apply') =>
    of(VOTE, `${story}.${voter}`, { storyRef: { name: story }, voter, value });

  it('counts the votes of a story, and of no other', async () => {
    const { status } = await decide([
      of(STORY, 'apply', { title: 'Apply', url: page }),
      ...[vote('anna', 'For'), vote('ben', 'For'), vote('carol', 'Against'), vote('anna', 'For', 'other')],
    ]);
    assert.deepEqual([status!['votesFor'], status!['votesAgainst']], [2, 1]);
  });

  const same = { title: 'Apply', url: `${page}?utm_source=x` };
  const older = { created: '2031-02-01T00:00:00Z' };
  for (const [name, other, more, duplicates] of [
    ['an older story of the same page is named', same, older, ['other']],
    ['a younger one is not: that one names this', same, { created: '2031-03-02T00:00:00Z' }, []],
    ['of two of one moment the first by name is the older', same, {}, []],
    ['one that was declined told nothing', { ...same, state: 'Declined' }, older, []],
    [
      'a story of another page tells something else',
      { title: 'Quotas', url: 'https://blog.example/quotas' },
      older,
      [],
    ],
  ] as const)
    it(name, async () => {
      const { status } = await decide([
        of(STORY, 'apply', { title: 'Apply', url: page }),
        of(STORY, 'other', other, more),
      ]);
      const names = (status!['duplicateOf'] as readonly { name: string }[]).map((one) => one.name);
      assert.deepEqual(names, duplicates);
      assert.equal(conditionOf(status, 'Unique')?.status, duplicates.length === 0 ? 'True' : 'False');
    });

  it('does not call what a story follows up the same', async () => {
    const { status } = await decide([
      of(STORY, 'apply', { title: 'Apply', url: page, followsRef: { name: 'other' } }),
      of(STORY, 'other', same, older),
    ]);
    assert.deepEqual(status!['duplicateOf'], []);
  });

  const pull = 'https://github.com/cilium/cilium/pull/17980';
  const open: SubjectState = { state: 'Open', title: 'DSR', url: pull };
  const merged: SubjectState = { state: 'Merged', title: 'DSR', url: pull };
  const published = of(ISSUE, 'issue-1', { number: 1 }, { status: { publishedTime: '2031-03-01T00:00:00Z' } });
  const draft = of(ISSUE, 'issue-1', { number: 1 });
  const told = { subject: open, checkedTime: '2031-03-06T12:00:00Z' };

  const cases: readonly {
    readonly name: string;
    readonly spec?: object;
    readonly status?: object;
    readonly issue?: KubeObject;
    readonly there?: readonly KubeObject[];
    readonly subject?: SubjectState | Error;
    readonly isAsked: boolean;
    readonly proposed?: number;
    readonly events?: readonly string[];
    readonly known?: string;
    readonly againMs?: number;
  }[] = [
    {
      name: 'a subject that moved on since readers were told is followed up',
      status: told,
      issue: published,
      subject: merged,
      isAsked: true,
      proposed: 1,
      events: ['FollowUp'],
      known: 'Merged',
      againMs: 6 * HOUR_MS,
    },
    {
      name: 'but not twice',
      status: told,
      issue: published,
      there: [of(STORY, `${storyName(pull)}-merged`, { title: 'DSR' })],
      subject: merged,
      isAsked: true,
      known: 'Merged',
      againMs: 6 * HOUR_MS,
    },
    {
      name: 'what readers were not told has no follow-up',
      status: told,
      issue: draft,
      subject: merged,
      isAsked: true,
      known: 'Merged',
      againMs: 6 * HOUR_MS,
    },
    {
      name: 'a subject is asked for once in six hours',
      status: { ...told, checkedTime: '2031-03-06T23:00:00Z' },
      issue: published,
      isAsked: false,
      againMs: 5 * HOUR_MS,
    },
    {
      name: 'a subject that is not there is no error',
      issue: draft,
      isAsked: true,
      known: 'NotFound',
      againMs: 6 * HOUR_MS,
    },
    {
      name: 'one that cannot be asked for is told once, and asked again',
      issue: draft,
      subject: new Error('away'),
      isAsked: true,
      events: ['Unreachable'],
      known: 'Unreachable',
      againMs: 6 * HOUR_MS,
    },
    {
      name: 'who asks to be left alone is',
      issue: draft,
      subject: Object.assign(new Error('limit'), { retryAt: new Date('2031-03-07T00:30:00Z') }),
      isAsked: true,
      events: ['Unreachable'],
      known: 'Unreachable',
      againMs: HOUR_MS / 2,
    },
    { name: 'what was declined is not followed', spec: { state: 'Declined' }, issue: draft, isAsked: false },
    { name: 'a page is no subject', spec: { url: page }, issue: draft, isAsked: false },
  ];
  for (const {
    name,
    spec,
    status,
    issue = draft,
    there = [],
    subject,
    isAsked,
    proposed = 0,
    events = [],
    known,
    againMs,
  } of cases)
    it(name, async () => {
      let asked = 0;
      const story = { title: 'DSR', url: pull, state: 'Accepted', issueRef: { name: 'issue-1' }, ...spec };
      const decided = await decide([of(STORY, 'apply', story, { ...(status && { status }) }), issue, ...there], {
        subject: async () => {
          asked++;
          if (subject instanceof Error) throw subject;
          return subject;
        },
      });
      assert.equal(asked, isAsked ? 1 : 0);
      assert.equal(decided.written.length, proposed);
      assert.deepEqual(reasonsOf(decided), events);
      assert.equal(conditionOf(decided.status, 'SubjectKnown')?.reason, known);
      assert.equal(decided.result?.requeueAfterMs, againMs);
    });
});

const WHOLE = {
  number: 7,
  title: 'Harbor Weekly 7',
  date: '2031-03-07',
  language: 'en',
  emoji: '🚢',
  type: 'tech',
  topics: ['kubernetes'],
  slug: 'harbor-weekly-0007',
  sections: [{ id: 'articles', title: 'Articles' }],
};
const STORY_OF_7 = of(STORY, 'apply', {
  title: 'Apply',
  state: 'Accepted',
  issueRef: { name: 'issue-7' },
  section: 'articles',
  blocks: [{ id: 'a', kind: 'paragraph', text: 'We own fields.' }],
});
const publication = (name: string, spec: object = {}, more: Parameters<typeof of>[3] = {}) =>
  of(PUBLICATION, name, { issueRef: { name: 'issue-7' }, target: 'blog', published: true, ...spec }, more);

describe('the controller of issues', () => {
  const decide = async (spec: object, ...objects: readonly KubeObject[]) => {
    const desk = new Desk([of(ISSUE, 'issue-7', spec), ...objects]);
    addIssueController(desk.manager, { clock });
    return (await desk.decide('weekly-issue', ISSUE, 'issue-7')).status!;
  };

  it('says that an issue is ready, and how many stories it tells', async () => {
    const status = await decide(WHOLE, STORY_OF_7, of(STORY, 'proposed', { title: 'Quotas' }));
    assert.deepEqual([conditionOf(status, 'Ready')?.status, status['stories'], status['problems']], ['True', 1, []]);
  });

  it('says what is to be mended, with its place', async () => {
    const status = await decide({ ...WHOLE, topics: [], emoji: 'ship' });
    assert.equal(conditionOf(status, 'Ready')?.reason, 'ToBeMended');
    assert.match((status['problems'] as readonly string[]).join('; '), /^emoji: must be one emoji.*; topics: must be/);
  });

  it('was published when the first of its publications was', async () => {
    const at = (publishedTime: string) => ({ status: { publishedTime } });
    const status = await decide(
      WHOLE,
      publication('late', { format: 'HTML' }, at('2031-03-09T00:00:00Z')),
      publication('early', {}, at('2031-03-08T00:00:00Z')),
      publication('never', { format: 'Email' }),
    );
    assert.equal(status['publishedTime'], '2031-03-08T00:00:00Z');
  });
});

describe('the controller of publications', () => {
  const folderOf = (t: TestContext): string => {
    const folder = mkdtempSync(join(tmpdir(), 'nekube-desk-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  };
  const deskOf = (folder: string, objects: readonly KubeObject[]): Desk => {
    const desk = new Desk(objects);
    addIssueController(desk.manager, { clock });
    addPublicationController(desk.manager, { clock, targets: new Map([['blog', { folder }]]) });
    return desk;
  };
  const decide = (folder: string, objects: readonly KubeObject[], name = 'zenn') =>
    deskOf(folder, objects).decide('weekly-publication', PUBLICATION, name);
  const issue = of(ISSUE, 'issue-7', WHOLE);
  const PATH = 'articles/harbor-weekly-0007.md';

  it('publishes an issue once, and tells it once', async (t) => {
    const folder = folderOf(t);
    const first = await decide(folder, [issue, STORY_OF_7, publication('zenn')]);
    assert.match(readFileSync(join(folder, PATH), 'utf8'), /We own fields/);
    assert.equal(first.status!['path'], PATH);
    assert.equal(first.status!['publishedTime'], NOW);
    assert.deepEqual(first.events, [{ reason: 'Published', note: `${PATH} in blog` }]);
    const again = await decide(folder, [issue, STORY_OF_7, publication('zenn', {}, { status: first.status! })]);
    assert.deepEqual([again.events, again.status!['contentHash']], [[], first.status!['contentHash']]);
  });

  for (const [name, objects, reason, againMs] of [
    ['a target that is not known here', [issue, publication('zenn', { target: 'site' })], 'UnknownTarget', undefined],
    ['an issue that is not there', [publication('zenn')], 'NoIssue', undefined],
    [
      'an issue at a time of a zone that is none',
      [issue, publication('zenn', { publishedTime: '2031-03-07T09:00:00+99:99' })],
      'TimeInvalid',
      undefined,
    ],
    [
      "an issue that breaks Zenn's rules",
      [of(ISSUE, 'issue-7', { ...WHOLE, topics: [] }), publication('zenn')],
      'RulesBroken',
      undefined,
    ],
    [
      'the file of an older publication',
      [issue, publication('zenn'), publication('first', {}, { created: '2031-02-01T00:00:00Z' })],
      'SameFile',
      undefined,
    ],
  ] as const)
    it(`does not publish ${name}, and tells that once`, async (t) => {
      const folder = folderOf(t);
      const refused = await decide(folder, objects);
      assert.equal(conditionOf(refused.status, 'Published')?.reason, reason);
      assert.deepEqual(reasonsOf(refused), [reason]);
      assert.equal(refused.result?.requeueAfterMs, againMs);
      const known = objects.map((one) => (one.metadata.name === 'zenn' ? { ...one, status: refused.status } : one));
      assert.deepEqual((await decide(folder, known as never)).events, []);
    });

  it('has told readers nothing by a draft', async (t) => {
    const draft = await decide(folderOf(t), [issue, STORY_OF_7, publication('zenn', { published: false })]);
    assert.deepEqual([draft.status!['path'], draft.status!['publishedTime']], [PATH, undefined]);
    const page = await decide(folderOf(t), [issue, publication('zenn', { published: false, format: 'HTML' })]);
    assert.equal(page.status!['publishedTime'], NOW);
  });

  it('leaves alone what somebody edited', async (t) => {
    const folder = folderOf(t);
    await decide(folder, [issue, publication('zenn')]);
    writeFileSync(join(folder, PATH), 'mine');
    const { status } = await decide(folder, [issue, STORY_OF_7, publication('zenn')]);
    assert.equal(conditionOf(status, 'Published')?.reason, 'EditedByHand');
    assert.equal(readFileSync(join(folder, PATH), 'utf8'), 'mine');
  });

  it('tries again what failed', async (t) => {
    const folder = folderOf(t);
    writeFileSync(join(folder, 'file'), '');
    const { status, result } = await decide(join(folder, 'file'), [issue, publication('zenn')]);
    assert.equal(conditionOf(status, 'Published')?.reason, 'Failed');
    assert.equal(result?.requeueAfterMs, 60_000);
  });

  it('comes back when the time of what is scheduled has come, for the feed', async (t) => {
    const folder = folderOf(t);
    await keepFeed({ to: folder, title: 'Harbor', url: 'https://harbor.example', author: 'The harbor' });
    const scheduled = publication('zenn', { publishedTime: '2031-03-07T09:00:00Z' });
    const { result, status } = await decide(folder, [issue, STORY_OF_7, scheduled]);
    assert.equal(result?.requeueAfterMs, 9 * HOUR_MS);
    assert.equal(status!['publishedTime'], '2031-03-07T09:00:00Z');
    assert.match(readFileSync(join(folder, PATH), 'utf8'), /published_at: "?2031-03-07 18:00/);
    assert.doesNotMatch(readFileSync(join(folder, 'feed.xml'), 'utf8'), /harbor-weekly-0007/);
    const later = new Desk([issue, STORY_OF_7, scheduled]);
    addIssueController(later.manager, { clock });
    const then = { ...clock, now: () => Date.parse('2031-03-07T09:00:00Z') };
    addPublicationController(later.manager, { clock: then, targets: new Map([['blog', { folder }]]) });
    assert.equal((await later.decide('weekly-publication', PUBLICATION, 'zenn')).result, undefined);
    assert.match(readFileSync(join(folder, 'feed.xml'), 'utf8'), /harbor-weekly-0007/);
  });

  it('publishes a page when its time has come, and tells until when it waits', async (t) => {
    const folder = folderOf(t);
    const page = publication('page', { format: 'HTML', publishedTime: '2031-03-07T09:00:00Z' });
    const waiting = await decide(folder, [issue, STORY_OF_7, page], 'page');
    const { reason, message } = conditionOf(waiting.status, 'Published')!;
    assert.deepEqual([reason, message], ['Scheduled', 'harbor-weekly-0007.html waits until 2031-03-07T09:00:00Z']);
    assert.deepEqual([waiting.status!['path'], waiting.status!['publishedTime']], [undefined, undefined]);
    assert.equal(waiting.result?.requeueAfterMs, 9 * HOUR_MS);
    assert.deepEqual(
      waiting.events.map(({ type, reason: why }) => [type, why]),
      [[undefined, 'Scheduled']],
    );
    assert.equal(existsSync(join(folder, 'harbor-weekly-0007.html')), false);
    const then = { ...clock, now: () => Date.parse('2031-03-07T09:00:00Z') };
    const later = new Desk([issue, STORY_OF_7, { ...page, status: waiting.status! as never }]);
    addIssueController(later.manager, { clock: then });
    addPublicationController(later.manager, { clock: then, targets: new Map([['blog', { folder }]]) });
    const done = await later.decide('weekly-publication', PUBLICATION, 'page');
    assert.match(readFileSync(join(folder, 'harbor-weekly-0007.html'), 'utf8'), /We own fields/);
    assert.deepEqual([done.status!['publishedTime'], done.result], ['2031-03-07T09:00:00Z', undefined]);
  });

  for (const [name, publishedTime, until] of [
    ['that is not at a minute', '2031-03-07T09:00:01.5Z', '2031-03-07T09:01:00Z'],
    ['that is never', '9999-12-31T23:59:59Z', '9999-12-31T14:59:00Z'],
    ['of another zone, on the 29th of February', '2032-02-29T23:30:00-11:00', '2032-03-01T10:30:00Z'],
    ['in the week between years', '2032-12-31T16:00:00+01:00', '2032-12-31T15:00:00Z'],
  ] as const)
    it(`holds back a page until a time ${name}`, async (t) => {
      const folder = folderOf(t);
      const page = publication('page', { format: 'HTML', publishedTime });
      const { status } = await decide(folder, [issue, STORY_OF_7, page], 'page');
      const { reason, message } = conditionOf(status, 'Published')!;
      assert.deepEqual([reason, message], ['Scheduled', `harbor-weekly-0007.html waits until ${until}`]);
      assert.equal(existsSync(join(folder, 'harbor-weekly-0007.html')), false);
    });

  it('decides anew when the issue, a story of it, or another publication of it changes', async (t) => {
    const desk = deskOf(folderOf(t), [issue, STORY_OF_7, publication('zenn'), publication('page', { format: 'HTML' })]);
    const wakes = (object: KubeObject) => desk.wakes('weekly-publication', object);
    assert.deepEqual(await wakes(issue), ['page', 'zenn']);
    assert.deepEqual(await wakes(STORY_OF_7), ['page', 'zenn']);
    assert.deepEqual(await wakes(of(STORY, 'other', { title: 'Quotas' })), []);
    assert.deepEqual(await wakes(publication('gone')), ['page', 'zenn']);
  });
});
