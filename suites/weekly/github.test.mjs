// A newsroom that follows GitHub, with the program as it is run: what is proposed, what is asked again for nothing, limits that are obeyed,
// and a pull request of a published issue that is closed while its successor is merged.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { start } from 'nekube/envtest';
import { FEED, PUBLICATION, STORY, storyName } from 'nekube/weekly';
import { GitHubServer, mention, pull, release } from './github-server.mjs';
import { startWeekly, until, weekly } from './processes.mjs';

const API = 'weekly.nekube.dev/v1alpha1';
const REPOSITORY = 'harbor/pilot';
const TOKEN = 'ghp_nobodyMayReadThis';
const NAMESPACE = 'default';

describe('a newsroom that follows GitHub', () => {
  let env;
  let folder;
  let github;
  let newsroom;
  let kubeconfig;
  const today = new Date().toISOString();
  const open = pull(REPOSITORY, 17, { title: 'Steer by two anchors' });
  const closed = pull(REPOSITORY, 17, {
    title: 'Steer by two anchors',
    state: 'closed',
    closed: '2031-02-03T08:00:00Z',
  });
  const successor = pull(REPOSITORY, 23, {
    title: 'Two anchors, again',
    state: 'closed',
    merged: '2031-02-04T08:00:00Z',
    body: 'This supersedes #17.',
  });
  const sources = () => ['--github-url', github.url, '--github-token-file', join(folder, 'token')];

  before(async () => {
    env = await start({ level: 'envtest' });
    kubeconfig = env.kubeconfig();
    folder = mkdtempSync(join(tmpdir(), 'nekube-github-'));
    writeFileSync(join(folder, 'token'), `${TOKEN}\n`);
    github = await new GitHubServer().start();
    github.answers.set(`/repos/${REPOSITORY}/pulls`, [
      open,
      pull(REPOSITORY, 16, { title: 'Chart the northern passage', state: 'closed', merged: today }),
    ]);
    github.answers.set(`/repos/${REPOSITORY}/releases`, [release(REPOSITORY, 'v2.0.0', today)]);
    github.answers.set(`/repos/${REPOSITORY}/pulls/17`, open);
    github.answers.set(`/repos/${REPOSITORY}/issues/17/timeline`, []);
    newsroom = startWeekly(
      kubeconfig,
      ...['run', '--install', '--subject-interval', '1s', '--target', `blog=${join(folder, 'blog')}`],
      ...sources(),
    );
    await until(
      () => `a newsroom that runs: ${newsroom.said}`,
      () => newsroom.said.includes('runs\n'),
    );
  });
  after(async () => {
    await newsroom?.stop();
    await github?.stop();
    await env?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const get = (kind, name) => env.client.get(kind, { namespace: NAMESPACE, name }).catch(() => undefined);
  const ready = ({ status } = {}) => status?.conditions?.find(({ type }) => type === 'Ready');
  const asked = (path) => github.requests.filter((request) => request.path === path);
  const refused = () => github.requests.filter(({ status }) => status === 403).map(({ path }) => path);
  /** What was on its way already when the first one was refused is refused, too, and none of it is asked for again. */
  const assertOnce = (paths) => assert.deepEqual(paths.toSorted(), [...new Set(paths)].sort());

  test('proposes what was merged and released', async () => {
    await weekly(kubeconfig, 'subscribe', REPOSITORY, '--github', 'pulls', '--name', 'pulls');
    await weekly(kubeconfig, 'subscribe', REPOSITORY, '--github', 'releases', '--name', 'releases');
    for (const page of [`pull/16`, `releases/tag/v2.0.0`]) {
      const name = storyName(`https://github.com/${REPOSITORY}/${page}`);
      await until(name, () => get(STORY, name));
    }
    for (const name of ['pulls', 'releases']) {
      const feed = await until(`what is remembered of ${name}`, async () => {
        const found = await get(FEED, name);
        return found?.status?.etag && found;
      });
      assert.equal(ready(feed).status, 'True');
    }
  });

  test('asks by what it had before, and reads nothing again', async () => {
    const { stdout } = await weekly(kubeconfig, 'collect', '--all', '--progress', 'none', ...sources());
    assert.match(stdout, /^2 feeds: 0 read, 2 unchanged, 0 failed, 0 gone; 0 not due; 0 stories proposed/);
    const { status, etag } = asked(`/repos/${REPOSITORY}/releases`).at(-1);
    assert.deepEqual([status, etag?.slice(0, 3)], [304, 'W/"']);
  });

  test('proposes, once, to tell that the pull request of a published issue was closed and its successor merged', async () => {
    const address = `https://github.com/${REPOSITORY}/pull/17`;
    await weekly(kubeconfig, 'add', address, '--title', 'Steer by two anchors');
    await weekly(kubeconfig, 'new', '12', '--title', 'Harbor Weekly 12', '--language', 'en', '--topic', 'kubernetes');
    await weekly(kubeconfig, 'accept', address, '--issue', '12');
    const publication = { issueRef: { name: 'issue-12' }, target: 'blog', published: true };
    await env.client.create({
      apiVersion: API,
      kind: 'Publication',
      metadata: { name: 'twelve', namespace: NAMESPACE },
      spec: publication,
    });
    const { status } = await until(
      () => `the publication: ${newsroom.said}`,
      async () => {
        const found = await get(PUBLICATION, 'twelve');
        return found?.status?.path && found;
      },
    );
    assert.match(readFileSync(join(folder, 'blog', status.path), 'utf8'), /Steer by two anchors/);
    const told = storyName(address);
    await until('that it is told as open', async () => (await get(STORY, told))?.status?.told?.state === 'Open');
    await until('a question that costs nothing', () =>
      asked(`/repos/${REPOSITORY}/pulls/17`).some((one) => one.status === 304),
    );

    github.answers.set(`/repos/${REPOSITORY}/pulls/17`, closed);
    github.answers.set(`/repos/${REPOSITORY}/issues/17/timeline`, [mention(REPOSITORY, successor)]);
    const name = `${storyName(successor.html_url)}-successormerged`;
    const { spec } = await until(
      () => `the follow-up: ${newsroom.said}`,
      () => get(STORY, name),
    );
    assert.deepEqual(
      [spec.title, spec.url, spec.notes, spec.followsRef],
      [
        'Two anchors, again',
        successor.html_url,
        'harbor/pilot#17 was closed; its successor harbor/pilot#23 was merged',
        { name: told },
      ],
    );
    await until('that it is told as closed', async () => (await get(STORY, told))?.status?.told?.state === 'Closed');
    const seen = asked(`/repos/${REPOSITORY}/pulls/17`).length;
    await until('that it is asked for again', () => asked(`/repos/${REPOSITORY}/pulls/17`).length > seen + 2);
    const { items } = await env.client.list(STORY);
    assert.equal(items.filter((one) => one.spec.followsRef !== undefined).length, 1);
  });

  test('asks nothing while its limit is reached, and goes on when it begins anew', async () => {
    github.limit(3);
    await until('a limit that is reached', () => refused().length > 0);
    await until('a question after the limit', () => github.requests.at(-1).status !== 403);
    assertOnce(refused());
  });

  test('follows a repository that was renamed, and no other redirect', async () => {
    github.answers.set(`/repos/${REPOSITORY}/pulls/17`, '/repositories/1/pulls/17');
    github.answers.set('/repositories/1/pulls/17', { ...closed, title: 'Steer by three anchors' });
    const name = storyName(`https://github.com/${REPOSITORY}/pull/17`);
    await until(
      'the new title',
      async () => (await get(STORY, name)).status.subject.title === 'Steer by three anchors',
      90,
    );
  });

  test('collects nothing, and says why, while the limit is reached', async () => {
    const before = refused().length;
    github.limit(3600);
    const collecting = weekly(kubeconfig, 'collect', '--all', '--progress', 'none', ...sources());
    await assert.rejects(collecting, ({ code, stdout, stderr }) => {
      assert.equal(code, 1);
      assert.match(stdout, /2 failed/);
      assert.match(stderr, /TooManyRequests: .*API rate limit exceeded/);
      return true;
    });
    const feed = await get(FEED, 'pulls');
    assert.equal(ready(feed).reason, 'TooManyRequests');
    // what the newsroom asks is nothing that is collected
    assertOnce(refused().slice(before));
  });

  test('sends its token with each request, and tells it nowhere', async () => {
    assert.ok(github.requests.every(({ authorization }) => authorization === `Bearer ${TOKEN}`));
    const all = await Promise.all([FEED, STORY, PUBLICATION].map((kind) => env.client.list(kind)));
    assert.ok(!JSON.stringify(all).includes(TOKEN));
    assert.ok(!newsroom.said.includes(TOKEN));
  });
});
