// `nekube weekly run` as a process: what it may not do, one of two that works, and kills at random moments. What was published is in a
// repository with a remote: each text is one commit there, however often whoever published it was killed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'nekube/client';
import { installWeekly, PUBLICATION, STORY } from 'nekube/weekly';
import { startNekube } from '../servers.mjs';
import { startWeekly, until, weekly } from './processes.mjs';

const API = 'weekly.nekube.dev/v1alpha1';
const NAMESPACE = 'default';
const DOCS = new URL('../../docs/weekly-newsroom.md', import.meta.url);
/** How often a process is killed in each of the ways. */
const KILLS = Number(process.env.NEKUBE_WEEKLY_KILLS ?? 8);
const SEED = Number(process.env.NEKUBE_SEED ?? 1);

describe('nekube weekly run', () => {
  let server;
  let client;
  let folder;
  const started = [];
  const random = randomOf(SEED);

  before(async () => {
    server = await startNekube({ args: ['--authorization-mode', 'RBAC'] });
    client = await connect({ kubeconfig: server.kubeconfig });
    await installWeekly(client);
    folder = mkdtempSync(join(tmpdir(), 'nekube-run-'));
  });
  after(async () => {
    await Promise.all(started.map((one) => one.stop('SIGKILL')));
    await client?.close();
    await server?.stop();
    // a git of one that was killed may still write
    if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  const run = (kubeconfig, ...args) => {
    const one = startWeekly(kubeconfig, 'run', ...args);
    started.push(one);
    return one;
  };
  const says = (one, what) =>
    until(
      () => `${JSON.stringify(what)} in ${JSON.stringify(one.said)}`,
      () => one.said.includes(what),
    );
  const git = (at, ...args) => execFileSync('git', ['-C', at, ...args], { encoding: 'utf8' }).trim();

  /** A repository and its remote. */
  function repository(name) {
    const [at, remote] = [join(folder, name), join(folder, `${name}.git`)];
    mkdirSync(at);
    git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', remote);
    git(at, 'init', '--quiet', '--initial-branch=main');
    // nothing goes on behind what is done, and files that a git leaves beside it are none of ours
    const upkeep = { 'maintenance.auto': 'false', 'receive.autogc': 'false' };
    for (const [key, value] of Object.entries(upkeep)) for (const one of [at, remote]) git(one, 'config', key, value);
    for (const [key, value] of Object.entries({ 'user.name': 'Test', 'user.email': 'test@example.com' }))
      git(at, 'config', key, value);
    git(at, 'remote', 'add', 'origin', remote);
    git(at, 'commit', '--quiet', '--allow-empty', '--message', 'Begin');
    git(at, 'push', '--quiet', 'origin', 'main');
    return { at, remote, target: `git+origin:${at}` };
  }

  async function issue(number, target) {
    const name = `issue-${number}`;
    const sections = [{ id: 'articles', title: 'Articles' }];
    const spec = {
      number,
      title: `Harbor Weekly ${number}`,
      language: 'en',
      type: 'tech',
      topics: ['kubernetes'],
      emoji: '🚢',
      sections,
    };
    await make('Issue', name, spec);
    await make('Story', `story-${number}`, {
      title: 'A story',
      url: `https://example.org/${number}`,
      state: 'Accepted',
      section: 'articles',
      issueRef: { name },
      blocks: [{ id: 'a', kind: 'paragraph', text: 'Text 0.' }],
    });
    if (target !== undefined) await make('Publication', name, { issueRef: { name }, target, published: true });
  }
  const make = (kind, name, spec) =>
    client.create({ apiVersion: API, kind, metadata: { name, namespace: NAMESPACE }, spec });
  const tell = (number, text) =>
    client.patch(
      STORY,
      { namespace: NAMESPACE, name: `story-${number}` },
      { merge: { spec: { blocks: [{ id: 'a', kind: 'paragraph', text }] } } },
    );
  const published = (number) =>
    until(
      () => `issue ${number} published; ${started.map(({ said }) => said).join('')}`,
      async () => {
        const { status } = await client.get(PUBLICATION, { namespace: NAMESPACE, name: `issue-${number}` });
        return status?.conditions?.some(({ type, status: is }) => type === 'Published' && is === 'True');
      },
    );
  const path = (number) => `articles/harbor-weekly-${String(number).padStart(4, '0')}.md`;
  const textOf = (file) => /^Text \d+\.$/m.exec(readFileSync(file, 'utf8'))?.[0];
  /** The texts of an issue in the remote, the oldest first. */
  const textsOf = (remote, number) =>
    git(remote, 'log', '--reverse', '--format=%H', 'main', '--', path(number))
      .split('\n')
      .filter((commit) => commit !== '')
      .map((commit) => /^Text \d+\.$/m.exec(git(remote, 'show', `${commit}:${path(number)}`))?.[0]);

  test('a dry run of publish tells what would be done, and leaves server and repository as they are', async () => {
    const { at } = repository('dry');
    await issue(40);
    const dryRun = () => weekly(server.kubeconfig, ...publish, '--dry-run').catch((error) => error);
    const publish = ['publish', '40', '--to', at, '--push', 'origin', '--published'];
    const everything = async () => {
      const kinds = ['Feed', 'Story', 'Vote', 'Issue', 'Publication'].map((kind) => ({ apiVersion: API, kind }));
      const lists = await Promise.all(kinds.map((kind) => client.list(kind, { namespace: NAMESPACE })));
      const files = readdirSync(folder, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'base64')]);
      return { objects: lists.map(({ items }) => items), files: files.sort() };
    };
    const before = await everything();
    const { code, stdout, stderr } = await dryRun();
    assert.equal(code, 1, stderr);
    assert.match(
      stdout,
      /^create .*0040\.md\n@@ [^]*^create .*json\n@@ [^]*^commit "Publish Harbor Weekly 40" on main\npush main to origin\ntell the newsroom that issue 40 is published\n$/m,
    );
    assert.deepEqual(await everything(), before);
    await weekly(server.kubeconfig, ...publish);
    const after = await everything();
    const again = await dryRun();
    assert.deepEqual([again.code, again.stdout], [undefined, `${join(at, path(40))} unchanged\n`]);
    assert.deepEqual(await everything(), after);
  });

  test('says each verb and resource that RBAC does not give, and needs no more than the Role of its page', async () => {
    const kubeconfig = join(folder, 'limited');
    writeFileSync(
      kubeconfig,
      readFileSync(server.kubeconfig, 'utf8').replace(/^( *)(token|client-key-data): /m, '$1as: editor\n$&'),
    );
    const ended = await weekly(kubeconfig, 'run').catch((error) => error);
    assert.equal(ended.code, 2, ended.stderr);
    assert.match(
      ended.stderr,
      /namespace default cannot run: this user may not list feeds\.weekly\.nekube\.dev, watch feeds\./,
    );
    assert.match(
      ended.stderr,
      /create stories\.weekly\.nekube\.dev, patch feeds\/status\..*, update leases\.coordination\.k8s\.io\n/,
    );

    const page = readFileSync(DOCS, 'utf8').split('Its Role:\n')[1].split('\n');
    const lines = page.filter((line) => line.includes('apiGroups: ')).map((line) => line.trim().slice(3, -1));
    const listOf = (line, key) => new RegExp(`${key}: \\[([^\\]]*)\\]`).exec(line)[1].split(', ');
    const rules = lines.map((line) => ({
      apiGroups: listOf(line, 'apiGroups'),
      resources: listOf(line, 'resources'),
      verbs: listOf(line, 'verbs'),
    }));
    assert.equal(rules.length, 5);
    const metadata = { name: 'newsroom', namespace: NAMESPACE };
    const RBAC = 'rbac.authorization.k8s.io';
    await client.create({ apiVersion: `${RBAC}/v1`, kind: 'Role', metadata, rules });
    await client.create({
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: RBAC, kind: 'Role', name: 'newsroom' },
      subjects: [{ apiGroup: RBAC, kind: 'User', name: 'editor' }],
    });
    await issue(30, 'site');
    const one = run(kubeconfig, '--target', `site=${join(folder, 'site')}`);
    await published(30);
    assert.ok(!/forbidden/.test(one.said), one.said);

    // what is taken from it while it runs is in its log
    const less = rules.map((rule) => ({
      ...rule,
      resources: rule.resources.filter((name) => name !== 'publications/status'),
    }));
    await client.patch({ apiVersion: `${RBAC}/v1`, kind: 'Role' }, metadata, { merge: { rules: less } });
    await issue(34, 'site');
    await says(one, 'cannot patch resource \\"publications/status\\" in API group \\"weekly.nekube.dev\\"');
    await client.patch({ apiVersion: `${RBAC}/v1`, kind: 'Role' }, metadata, { merge: { rules } });
    await published(34);
    assert.equal(await one.stop(), 0);
  });

  test('is one of two: the other says for whom it waits, and goes on when that ends', async () => {
    const { at, remote, target } = repository('two');
    await issue(31, 'two');
    const first = run(server.kubeconfig, '--target', `two=${target}`);
    await says(first, 'the newsroom of namespace default runs');
    const second = run(server.kubeconfig, '--target', `two=${target}`);
    await says(second, 'runs the newsroom of namespace default: waiting until it ends');
    await published(31);
    await says(first, `publication/issue-31: Published: ${path(31)} in two`);
    for (let i = 1; i <= 3; i++) {
      await tell(31, `Text ${i}.`);
      await until(`text ${i}`, () => textOf(join(at, path(31))) === `Text ${i}.`);
    }
    assert.ok(!second.said.includes('default runs\n'), second.said);
    // its Lease it lets go also when the server takes its time to answer
    process.kill(server.pid, 'SIGSTOP');
    const stopped = first.stop();
    await sleep(2000);
    process.kill(server.pid, 'SIGCONT');
    assert.equal(await stopped, 0);
    await says(second, 'the newsroom of namespace default runs');
    await tell(31, 'Text 4.');
    await until('text 4', () => textsOf(remote, 31).at(-1) === 'Text 4.');
    await second.stop();
    const texts = textsOf(remote, 31);
    assert.deepEqual(texts, [...new Set(texts)], 'nothing is published twice');
  });

  test(`killed at random moments, the next one completes and publishes nothing twice (seed ${SEED})`, async () => {
    const { at, remote, target } = repository('killed');
    await issue(32, 'killed');
    for (let i = 1; i <= KILLS; i++) {
      const one = run(server.kubeconfig, '--target', `killed=${target}`, '--no-leader-elect');
      await says(one, 'runs\n');
      await tell(32, `Text ${i}.`);
      await sleep(random() * 250);
      assert.equal(await one.stop('SIGKILL'), 'SIGKILL');
    }
    const last = run(server.kubeconfig, '--target', `killed=${target}`, '--no-leader-elect');
    await until(
      () => `the last text: ${last.said}`,
      () => textsOf(remote, 32).at(-1) === `Text ${KILLS}.`,
    );
    // the one before may have been killed with that text at the remote already, and with the rest still to do
    await until(
      () => `an end of what was begun: ${last.said}`,
      () => begun(join(at, '.git/nekube-weekly')).length === 0,
    );
    await last.stop();
    consistent(at, remote, 32);
  });

  test(`so is nekube weekly publish, to a folder and to a repository (seed ${SEED})`, async () => {
    const { at, remote } = repository('once');
    const site = join(folder, 'once-site');
    await issue(33);
    for (const to of [
      ['--to', at, '--push', 'origin'],
      ['--to', site],
    ])
      for (let i = 1; i <= KILLS; i++) {
        await tell(33, `Text ${i}.`);
        const one = startWeekly(server.kubeconfig, 'publish', '33', '--published', ...to);
        // most of the time it starts, and reads the server
        await sleep(300 + random() * 900);
        await one.stop('SIGKILL');
        await weekly(server.kubeconfig, 'publish', '33', '--published', ...to);
        const { stdout } = await weekly(server.kubeconfig, 'publish', '33', '--published', ...to);
        assert.match(stdout, /unchanged\n$/);
        assert.equal(textOf(join(to[1], path(33))), `Text ${i}.`);
      }
    consistent(at, remote, 33);
    assert.equal(textsOf(remote, 33).length, KILLS);
    assert.deepEqual(begun(join(site, '.nekube-weekly')), []);
  });

  /** What of publishing is not ended; a file that a lock was to become is nothing to anybody. */
  const begun = (at) => readdirSync(at).filter((name) => !name.startsWith('lock.'));

  /** Each text is one commit, all of it is at the remote, and nothing is left over. */
  function consistent(at, remote, number) {
    const texts = textsOf(remote, number);
    assert.deepEqual(texts, [...new Set(texts)], 'no text is committed twice');
    assert.equal(git(at, 'rev-parse', 'HEAD'), git(remote, 'rev-parse', 'main'));
    assert.equal(git(at, 'status', '--porcelain'), '');
    assert.deepEqual(begun(join(at, '.git/nekube-weekly')), []);
  }
});

/** Numbers from 0 to 1, the same for a seed (mulberry32). */
function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
