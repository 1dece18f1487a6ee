// The newsroom's kinds and controllers on a server: what is proposed, once; votes; what tells the same; what goes on.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Manager } from 'nekube/controller';
import { start } from 'nekube/envtest';
import {
  addFeedController,
  addIssueController,
  addPublicationController,
  addStoryController,
  editorName,
  FEED,
  installWeekly,
  ISSUE,
  PUBLICATION,
  sourceHash,
  STORY,
  storyName,
  translationsApply,
  VOTE,
} from 'nekube/weekly';

const API = 'weekly.nekube.dev/v1alpha1';
const NAMESPACE = 'default';

describe('the newsroom', () => {
  let env;
  let manager;
  let running;
  let folder;
  const stopping = new AbortController();
  const clock = {
    now: () => Date.parse('2026-01-15T00:00:00Z') + aheadMs,
    elapsed: () => performance.now(),
    after: (ms, call) => {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
  };
  let aheadMs = 0;
  /** What each feed answers, and how often it was asked. */
  const answers = new Map();
  const asked = new Map();
  const subjects = new Map();

  before(async () => {
    env = await start();
    await installWeekly(env.client);
    manager = new Manager({ client: env.client });
    addFeedController(manager, {
      clock,
      random: () => 0,
      read: async ({ metadata: { name } }, state) => {
        asked.set(name, (asked.get(name) ?? 0) + 1);
        return answers.get(name)(state);
      },
    });
    addStoryController(manager, { clock, checkMs: 200, subject: async (url) => subjects.get(url) });
    folder = mkdtempSync(join(tmpdir(), 'nekube-newsroom-'));
    addIssueController(manager, { clock });
    addPublicationController(manager, { clock, targets: new Map([['blog', { folder }]]) });
    running = manager.start(stopping.signal);
  });
  after(async () => {
    stopping.abort();
    await running;
    await env?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const make = (kind, name, spec) =>
    env.client.create({ apiVersion: API, kind, metadata: { name, namespace: NAMESPACE }, spec });
  const get = (kind, name) => env.client.get(kind, { namespace: NAMESPACE, name });

  /** Waits until something holds of an object; the last that was seen stands in the failure. */
  async function until(kind, name, holds) {
    let last;
    for (const end = Date.now() + 60_000; Date.now() < end; ) {
      last = await get(kind, name).catch(() => undefined);
      if (last !== undefined && holds(last)) return last;
      await sleep(50);
    }
    assert.fail(`${kind.kind} ${name} did not come to hold: ${JSON.stringify(last, null, 1)}`);
  }
  async function waitFor(holds) {
    for (const end = Date.now() + 60_000; Date.now() < end; ) {
      if (await holds()) return;
      await sleep(50);
    }
    assert.fail('it did not come to hold');
  }

  /** A feed as it is read. */
  const read = (url, title, items) => {
    const feed = { format: 'rss-2.0', encoding: 'utf-8', title, hints: {}, defects: [], items };
    return { kind: 'read', permanentUrl: url, bodyHash: '1', etag: '"1"', feed };
  };
  const condition = ({ status }, type) => status?.conditions?.find((one) => one.type === type);

  test('proposes what a feed has new, and nothing twice', async () => {
    const item = (n) => ({
      id: `${n}`,
      title: `Story number ${n}`,
      link: `https://blog.example.org/${n}?utm_source=rss`,
      published: '2026-01-14T00:00:00Z',
    });
    answers.set('blog', ({ url }) => read(url, 'A blog', [item(1), item(2)]));
    await make('Feed', 'blog', { url: 'https://blog.example.org/feed.xml', section: 'articles', intervalSeconds: 60 });
    const feed = await until(FEED, 'blog', ({ status }) => status?.proposed === 2);
    assert.deepEqual([feed.status.title, feed.status.items, condition(feed, 'Ready').status], ['A blog', 2, 'True']);
    const story = await get(STORY, storyName('https://blog.example.org/1'));
    assert.deepEqual(story.spec, {
      title: 'Story number 1',
      url: 'https://blog.example.org/1',
      feedRef: { name: 'blog' },
      publishedTime: '2026-01-14T00:00:00Z',
      section: 'articles',
    });

    // what it remembers is gone, as if it had been ended between proposing and remembering
    await env.client.patch(FEED, { namespace: NAMESPACE, name: 'blog' }, { merge: { spec: { weightPercent: 50 } } });
    await until(
      FEED,
      'blog',
      ({ status, metadata }) => status?.observedGeneration === metadata.generation && asked.get('blog') > 1,
    );
    const { items } = await env.client.list(STORY);
    assert.equal(items.filter(({ spec }) => spec.feedRef?.name === 'blog').length, 2);
  });

  test('says why a feed is not read, and asks later each time', async () => {
    answers.set('broken', () => ({ kind: 'failed', reason: 'NameNotFound', message: 'no such host' }));
    await make('Feed', 'broken', { url: 'https://broken.example.org/feed.xml', intervalSeconds: 3600 });
    const feed = await until(FEED, 'broken', ({ status }) => status?.failures === 1);
    const { status, reason, message } = condition(feed, 'Ready');
    assert.deepEqual([status, reason, message], ['False', 'NameNotFound', 'no such host']);
    assert.equal(feed.status.nextPollTime, '2026-01-15T01:00:00Z');
  });

  test('does not ask a feed that is gone, or suspended', async () => {
    answers.set('gone', ({ url }) => ({ kind: 'gone', url }));
    await make('Feed', 'gone', { url: 'https://gone.example.org/feed.xml' });
    await make('Feed', 'paused', { url: 'https://paused.example.org/feed.xml', suspend: true });
    const gone = await until(FEED, 'gone', (feed) => condition(feed, 'Ready') !== undefined);
    assert.equal(gone.status.nextPollTime, undefined);
    await until(FEED, 'paused', (feed) => condition(feed, 'Ready')?.reason === 'Suspended');
    assert.equal(asked.get('paused'), undefined);
  });

  test('counts votes, one each', async () => {
    await make('Story', 'voted', { title: 'A story that is voted for by people', url: 'https://a.example.org/voted' });
    const vote = (voter, value) => make('Vote', `voted.${voter}`, { storyRef: { name: 'voted' }, voter, value });
    await vote('one');
    await vote('two');
    await vote('three', 'Against');
    await until(STORY, 'voted', ({ status }) => status?.votesFor === 2 && status.votesAgainst === 1);
    await assert.rejects(
      make('Vote', 'again', { storyRef: { name: 'voted' }, voter: 'one' }),
      /the name must be STORY.VOTER/,
    );
    await env.client.delete(VOTE, { namespace: NAMESPACE, name: 'voted.two' });
    await until(STORY, 'voted', ({ status }) => status?.votesFor === 1);
  });

  test('lets nobody vote as another one, but whoever may act as that user', async () => {
    await make('Story', 'disputed', { title: 'A disputed story', url: 'https://a.example.org/disputed' });
    const rules = [{ apiGroups: ['weekly.nekube.dev'], resources: ['votes'], verbs: ['*'] }];
    const rbac = 'rbac.authorization.k8s.io/v1';
    await env.client.create({ apiVersion: rbac, kind: 'ClusterRole', metadata: { name: 'voters' }, rules });
    const acting = [{ apiGroups: [''], resources: ['users'], resourceNames: ['ben'], verbs: ['impersonate'] }];
    await env.client.create({ apiVersion: rbac, kind: 'ClusterRole', metadata: { name: 'as-ben' }, rules: acting });
    for (const [role, name] of [
      ['voters', 'Anna@Example.org'],
      ['voters', 'carol'],
      ['as-ben', 'carol'],
    ])
      await env.client.create({
        apiVersion: rbac,
        kind: 'ClusterRoleBinding',
        metadata: { name: `${role}-${name.toLowerCase().replace('@', '-')}` },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }],
      });
    const as = (name) => env.client.with({ impersonate: { user: name, groups: ['system:authenticated'] } });
    const vote = (client, voter, value = 'For', user = undefined) =>
      client.apply(
        {
          apiVersion: API,
          kind: 'Vote',
          metadata: { name: `disputed.${voter}`, namespace: NAMESPACE },
          spec: { storyRef: { name: 'disputed' }, voter, value, ...(user && { user }) },
        },
        { fieldManager: voter },
      );
    const anna = as('Anna@Example.org');
    const mine = 'anna-example.org--40u100001';
    await vote(anna, mine, 'For', 'Anna@Example.org');
    await assert.rejects(vote(anna, mine, 'For', 'ben'), /you are Anna@Example.org, and may not vote as ben/);
    await assert.rejects(vote(anna, 'ben'), new RegExp(`you are ${mine} here, and may not vote as ben`));
    await vote(as('carol'), 'ben');
    await assert.rejects(vote(anna, 'ben', 'Against'), /may not vote as ben/);
    await assert.rejects(anna.delete(VOTE, { namespace: NAMESPACE, name: 'disputed.ben' }), /may not vote as ben/);
    await assert.rejects(vote(as('carol'), mine, 'Against'), /may not vote as anna/);
    await anna.delete(VOTE, { namespace: NAMESPACE, name: `disputed.${mine}` });
    await vote(env.client, 'anyone');
  });

  test('calls users as the command does, none as another one, and lets them withdraw what they voted under a name that was not theirs alone', async () => {
    await make('Story', 'named', { title: 'A story of many names', url: 'https://a.example.org/named' });
    const users = [
      'dora',
      'Dora@Example.org',
      'dora@example.org',
      'dora-example.org',
      'a..b',
      'a--b',
      '-a',
      '山田',
      'Иван Ильич',
      'system:serviceaccount:x:y',
    ];
    await env.client.create({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'named-voters' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'voters' },
      subjects: users.map((name) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name })),
    });
    const as = (name) => env.client.with({ impersonate: { user: name, groups: ['system:authenticated'] } });
    const vote = (client, voter, user) =>
      client.apply(
        {
          apiVersion: API,
          kind: 'Vote',
          metadata: { name: `named.${voter}`, namespace: NAMESPACE },
          spec: { storyRef: { name: 'named' }, voter, ...(user && { user }) },
        },
        { fieldManager: voter },
      );
    for (const user of users) await vote(as(user), editorName(user), user);
    await until(STORY, 'named', ({ status }) => status?.votesFor === users.length);

    const key = (voter) => ({ namespace: NAMESPACE, name: `named.${voter}` });
    await assert.rejects(
      as('Dora@Example.org').delete(VOTE, key('dora-example.org')),
      /may not vote as dora-example.org/,
    );
    await as('dora-example.org').delete(VOTE, key('dora-example.org'));
    await vote(env.client, 'dora-example.org');
    await assert.rejects(vote(as('Dora@Example.org'), 'dora-example.org'), /may not vote as dora-example.org/);
    await as('Dora@Example.org').delete(VOTE, key('dora-example.org'));
  });

  test('says which story and issue told the same', async () => {
    await make('Issue', 'issue-11', { number: 11, title: 'Eleven', language: 'en' });
    await make('Story', 'old', {
      title: 'Server Side Apply Is Great',
      url: 'https://kubernetes.io/ssa',
      state: 'Accepted',
      issueRef: { name: 'issue-11' },
    });
    await until(STORY, 'old', ({ status }) => condition({ status }, 'Unique')?.status === 'True');
    await sleep(1100);
    await make('Story', 'new', { title: 'SSA', url: 'http://www.kubernetes.io/ssa/?utm_source=x' });
    const found = await until(STORY, 'new', (story) => condition(story, 'Unique')?.status === 'False');
    assert.deepEqual(found.status.duplicateOf, [{ name: 'old', by: 'URL', issueNumber: 11 }]);
    assert.equal(condition(await get(STORY, 'old'), 'Unique').status, 'True');
  });

  test('proposes a follow-up, once, when the subject of a published story has moved on', async () => {
    const url = 'https://github.com/cilium/cilium/pull/17980';
    const next = { url: 'https://github.com/cilium/cilium/pull/23884', title: 'DSR with IPIP, again', state: 'Merged' };
    subjects.set(url, { state: 'Open', title: 'DSR with IPIP', url });
    await make('Issue', 'issue-12', { number: 12, title: 'Twelve', language: 'en' });
    await env.client.apply(
      {
        apiVersion: API,
        kind: 'Issue',
        metadata: { name: 'issue-12', namespace: NAMESPACE },
        status: { publishedTime: '2026-01-10T00:00:00Z' },
      },
      { fieldManager: 'test', subresource: 'status' },
    );
    await make('Story', 'dsr', {
      title: 'Support DSR with IPIP',
      url,
      state: 'Accepted',
      issueRef: { name: 'issue-12' },
    });
    await until(STORY, 'dsr', ({ status }) => status?.told?.state === 'Open');

    subjects.set(url, { state: 'Closed', title: 'DSR with IPIP', url, successor: next });
    aheadMs += 86_400_000;
    const name = `${storyName(next.url)}-successormerged`;
    const story = await until(STORY, name, () => true);
    assert.deepEqual(
      [story.spec.title, story.spec.url, story.spec.notes, story.spec.followsRef],
      [
        next.title,
        next.url,
        'cilium/cilium#17980 was closed; its successor cilium/cilium#23884 was merged',
        { name: 'dsr' },
      ],
    );
    await until(STORY, 'dsr', ({ status }) => status?.told?.state === 'Closed');
  });

  test('proposes a follow-up also of what moved on before it was asked for again after publishing', async () => {
    const url = 'https://github.com/cilium/cilium/pull/20000';
    subjects.set(url, { state: 'Open', title: 'Another', url });
    await make('Issue', 'issue-14', { number: 14, title: 'Fourteen', language: 'en' });
    await make('Story', 'quick', {
      title: 'It moves on quickly',
      url,
      state: 'Accepted',
      issueRef: { name: 'issue-14' },
    });
    await until(STORY, 'quick', ({ status }) => status?.subject?.state === 'Open');
    subjects.set(url, { state: 'Merged', title: 'Another', url });
    const status = { publishedTime: '2026-01-11T00:00:00Z' };
    await env.client.apply(
      { apiVersion: API, kind: 'Issue', metadata: { name: 'issue-14', namespace: NAMESPACE }, status },
      { fieldManager: 'test', subresource: 'status' },
    );
    aheadMs += 86_400_000;
    await until(STORY, `${storyName(url)}-merged`, ({ spec }) => spec.followsRef?.name === 'quick');
  });

  test('an item that can be no story holds up none of the others', async () => {
    const item = (id, link) => ({ id, title: `Item ${id}`, link, published: '2026-01-14T00:00:00Z' });
    answers.set('odd', ({ url }) => read(url, 'Odd', [item('1', 'http://_/'), item('2', 'https://odd.example.org/2')]));
    await make('Feed', 'odd', { url: 'https://odd.example.org/feed.xml' });
    await until(FEED, 'odd', ({ status }) => status?.items === 2);
    await get(STORY, storyName('https://odd.example.org/2'));
  });

  test('refuses a feed without an address', async () => {
    await assert.rejects(make('Feed', 'nowhere', {}), /url is required where type is Feed/);
    await assert.rejects(make('Feed', 'norepo', { type: 'GitHubReleases' }), /repository is required of GitHub/);
  });

  test('lets two editors own a block each of one story', async () => {
    const edit = (manager_, blocks) =>
      env.client.apply(
        {
          apiVersion: API,
          kind: 'Story',
          metadata: { name: 'shared', namespace: NAMESPACE },
          spec: { title: 'Shared', blocks },
        },
        { fieldManager: manager_ },
      );
    await edit('one', [{ id: 'a', kind: 'paragraph', text: 'By one.' }]);
    await edit('two', [{ id: 'b', kind: 'card', url: 'https://example.org/' }]);
    assert.deepEqual(
      (await get(STORY, 'shared')).spec.blocks.map(({ id }) => id),
      ['a', 'b'],
    );
    await assert.rejects(edit('two', [{ id: 'a', kind: 'paragraph', text: 'By two.' }]), /conflict with "one"/);
  });

  test('a translation belongs to who translated, and outlives its text without harm', async () => {
    const text = (blocks) =>
      env.client.apply(
        {
          apiVersion: API,
          kind: 'Story',
          metadata: { name: 'foreign', namespace: NAMESPACE },
          spec: { title: 'Foreign', url: 'https://example.org/foreign', blocks },
        },
        { fieldManager: 'anna' },
      );
    const [one, two] = [
      { id: 'a', kind: 'paragraph', text: 'Eins.' },
      { id: 'b', kind: 'paragraph', text: 'Zwei.' },
    ];
    await text([one, two]);
    const translate = async (editor, texts) => {
      const translations = texts.map(([place, source, said]) => ({
        place,
        language: 'en',
        text: said,
        sourceHash: sourceHash(source),
      }));
      const { fieldManager, configuration } = translationsApply(
        'Story',
        await get(STORY, 'foreign'),
        editor,
        'en',
        translations,
      );
      return await env.client.apply(configuration, { fieldManager });
    };
    await translate('ben', [
      ['title', 'Foreign', 'Foreign'],
      ['blocks/a', 'Eins.', 'One.'],
      ['blocks/b', 'Zwei.', 'Two.'],
    ]);
    const isFresh = (reason) => (story) => condition(story, 'TranslationsFresh')?.reason === reason;
    await until(STORY, 'foreign', isFresh('Fresh'));

    await text([one, { ...two, text: 'Zwo.' }]);
    const stale = await until(STORY, 'foreign', isFresh('Stale'));
    assert.match(condition(stale, 'TranslationsFresh').message, /^en: blocks\/b: the text has changed/);

    // whose text it is removes it: nothing but a translation of nothing is left
    await text([one]);
    const orphaned = await until(STORY, 'foreign', isFresh('Orphaned'));
    assert.deepEqual(orphaned.spec.blocks, [one]);
    assert.equal(condition(orphaned, 'TranslationsFresh').status, 'True');

    await assert.rejects(translate('carol', [['blocks/a', 'Eins.', 'The first.']]), /conflict with "ben.translations"/);
    const kept = await translate('ben', [['blocks/a', 'Eins.', 'One.']]);
    assert.deepEqual(
      kept.spec.translations.map(({ place }) => place),
      ['blocks/a'],
    );
  });

  test('says what an issue lacks to be published, and publishes it, as it is, when it lacks nothing', async () => {
    const sections = [{ id: 'articles', title: 'Articles' }];
    await make('Issue', 'issue-20', { number: 20, title: 'Twenty', language: 'en', sections });
    const lacking = await until(ISSUE, 'issue-20', (issue) => condition(issue, 'Ready') !== undefined);
    assert.equal(condition(lacking, 'Ready').status, 'False');
    assert.match(lacking.status.problems.join(), /emoji/);

    await make('Publication', 'twenty', {
      issueRef: { name: 'issue-20' },
      target: 'blog',
      published: true,
      publishedTime: '2026-01-20T00:00:00Z',
    });
    const refused = await until(PUBLICATION, 'twenty', (one) => condition(one, 'Published') !== undefined);
    assert.equal(condition(refused, 'Published').reason, 'RulesBroken');

    await make('Story', 'told', {
      ...{
        title: 'A story of twenty',
        url: 'https://example.org/twenty',
        state: 'Accepted',
        issueRef: { name: 'issue-20' },
      },
      blocks: [{ id: 'a', kind: 'paragraph', text: 'What we think of it.' }],
    });
    const spec = { slug: 'weekly-number-20', emoji: '🐈', type: 'tech', topics: ['kubernetes'] };
    await env.client.patch(ISSUE, { namespace: NAMESPACE, name: 'issue-20' }, { merge: { spec } });
    const done = await until(PUBLICATION, 'twenty', (one) => condition(one, 'Published')?.status === 'True');
    assert.equal(done.status.path, 'articles/weekly-number-20.md');
    assert.equal(done.status.publishedTime, '2026-01-20T00:00:00Z');
    const file = join(folder, done.status.path);
    const has = (text) => async () => readFileSync(file, 'utf8').includes(text);
    await waitFor(has('What we think of it.'));
    assert.match(readFileSync(file, 'utf8'), /published_at: "?2026-01-20 09:00/);
    const issue = await until(ISSUE, 'issue-20', ({ status }) => status.publishedTime !== undefined);
    assert.deepEqual([condition(issue, 'Ready').status, issue.status.stories], ['True', 1]);

    // what changes later is published, too
    const blocks = [{ id: 'a', kind: 'paragraph', text: 'What we think of it now.' }];
    await env.client.patch(STORY, { namespace: NAMESPACE, name: 'told' }, { merge: { spec: { blocks } } });
    await waitFor(has('What we think of it now.'));
    assert.equal((await get(PUBLICATION, 'twenty')).status.publishedTime, '2026-01-20T00:00:00Z');

    // but never over what somebody edited there
    writeFileSync(file, 'edited by hand');
    await env.client.patch(
      STORY,
      { namespace: NAMESPACE, name: 'told' },
      { merge: { spec: { title: 'Another title' } } },
    );
    await until(PUBLICATION, 'twenty', (one) => condition(one, 'Published')?.reason === 'EditedByHand');
    assert.equal(readFileSync(file, 'utf8'), 'edited by hand');
  });

  test('publishes one file by the older of two Publications, and by the other when that is gone', async () => {
    const spec = { emoji: '🐈', type: 'tech', topics: ['kubernetes'], slug: 'weekly-number-21' };
    await make('Issue', 'issue-21', { number: 21, title: 'Twenty-one', language: 'en', ...spec });
    await make('Publication', 'first', { issueRef: { name: 'issue-21' }, target: 'blog', published: true });
    await until(PUBLICATION, 'first', (one) => condition(one, 'Published') !== undefined);
    await sleep(1100);
    await make('Publication', 'second', {
      issueRef: { name: 'issue-21' },
      target: 'blog',
      format: 'Zenn',
      language: 'en',
    });
    const second = await until(PUBLICATION, 'second', (one) => condition(one, 'Published') !== undefined);
    const { status, reason, message } = condition(second, 'Published');
    assert.deepEqual([status, reason], ['False', 'SameFile']);
    assert.match(message, /^Publication "first" is that file/);
    await make('Publication', 'page', { issueRef: { name: 'issue-21' }, target: 'blog', format: 'HTML' });
    await until(PUBLICATION, 'page', (one) => condition(one, 'Published')?.status === 'True');
    await env.client.delete(PUBLICATION, { namespace: NAMESPACE, name: 'first' });
    await until(PUBLICATION, 'second', (one) => condition(one, 'Published')?.reason !== 'SameFile');
  });

  test('says that the issue of a Publication is gone, and leaves what was published', async () => {
    await env.client.delete(ISSUE, { namespace: NAMESPACE, name: 'issue-21' });
    const page = await until(PUBLICATION, 'page', (one) => condition(one, 'Published')?.reason === 'NoIssue');
    assert.equal(condition(page, 'Published').message, 'There is no Issue "issue-21"');
    assert.match(readFileSync(join(folder, page.status.path), 'utf8'), /Twenty-one/);
    assert.notEqual(page.status.publishedTime, undefined);
  });

  test('makes nothing of the status of a feed that was deleted while it was read', async () => {
    let begun;
    const reading = new Promise((resolve) => (begun = resolve));
    let end;
    const ended = new Promise((resolve) => (end = resolve));
    answers.set('short', async ({ url }) => {
      begun();
      await ended;
      const link = 'https://short.example.org/1';
      return read(url, 'Old', [{ id: '1', title: 'Of the feed that was', link, published: '2026-01-14T00:00:00Z' }]);
    });
    await make('Feed', 'short', { url: 'https://short.example.org/feed.xml' });
    await reading;
    await env.client.delete(FEED, { namespace: NAMESPACE, name: 'short' });
    await make('Feed', 'short', { url: 'https://long.example.org/feed.xml' });
    answers.set('short', ({ url }) => read(url, 'New', []));
    end();
    const feed = await until(FEED, 'short', ({ status }) => status?.lastPollTime !== undefined);
    assert.deepEqual([feed.status.title, feed.status.url], ['New', 'https://long.example.org/feed.xml']);
  });

  test('publishes nowhere but where it was told that it may', async () => {
    await make('Publication', 'elsewhere', { issueRef: { name: 'issue-20' }, target: '../../etc' });
    await until(PUBLICATION, 'elsewhere', (one) => condition(one, 'Published')?.reason === 'UnknownTarget');
  });
});
