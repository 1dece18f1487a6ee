import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { EditedFileError, keepFeed, publishIssue } from './publish.ts';
import { rehearseIssue } from './rehearse.ts';
import { stepping } from './testing/killed-publisher.ts';
import { EDITED, folder, git, ISSUE, PATH, repository, repositoryWithRemote } from './testing/places.ts';

const OPTIONS = { format: 'zenn', commit: true } as const;
const PUSHED = { ...OPTIONS, push: 'origin' } as const;

test('where no branch is checked out nothing is written, since the commit would be of none', async (t) => {
  const to = repository(t);
  await publishIssue(ISSUE, { ...OPTIONS, to });
  git(to, 'checkout', '--quiet', '--detach');
  await assert.rejects(
    publishIssue(EDITED, { ...OPTIONS, to }),
    /^RepositoryError: Cannot commit: no branch is checked out/,
  );
  assert.equal(git(to, 'status', '--porcelain'), '');
  git(to, 'switch', '--quiet', 'main');
  assert.equal((await publishIssue(EDITED, { ...OPTIONS, to })).isChanged, true);
});

test('where git does not know who commits nothing is written, and how to tell it is said', async (t) => {
  const to = repository(t);
  git(to, 'config', '--unset', 'user.email');
  git(to, 'config', 'user.useConfigOnly', 'true');
  // what this machine knows of its user would be found
  await withEnvironment({ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' }, () =>
    assert.rejects(publishIssue(ISSUE, { ...OPTIONS, to }), /git does not know who commits: "git config user.name/),
  );
  assert.ok(!existsSync(join(to, PATH)));
});

test('an index that another git has for a moment is waited for', async (t) => {
  const to = repository(t);
  const lock = join(to, '.git/index.lock');
  const trace = join(folder(t), 'trace');
  writeFileSync(lock, '');
  writeFileSync(trace, '');
  process.env['GIT_TRACE'] = trace;
  try {
    const published = publishIssue(ISSUE, { ...OPTIONS, to });
    // the second time git is asked, the first one has found the lock
    while (readFileSync(trace, 'utf8').split('git add ').length < 3) await Promise.race([sleep(10), published]);
    rmSync(lock);
    assert.match((await published).commit ?? '', /^[0-9a-f]{40}$/);
  } finally {
    delete process.env['GIT_TRACE'];
  }
});

test('what is refused of git makes no folder', async (t) => {
  const [plain, detached, local] = [folder(t), repository(t), repository(t)];
  git(detached, 'commit', '--quiet', '--allow-empty', '--message', 'Begin');
  git(detached, 'checkout', '--quiet', '--detach');
  for (const [at, options, why] of [
    [plain, OPTIONS, /is not in the work tree of a git repository/],
    [detached, OPTIONS, /no branch is checked out/],
    [local, PUSHED, /no remote "origin" is configured/],
  ] as const) {
    await assert.rejects(publishIssue(ISSUE, { ...options, to: join(at, 'blog/posts') }), why);
    assert.ok(!existsSync(join(at, 'blog')));
  }
  await publishIssue(ISSUE, { ...OPTIONS, to: join(local, 'blog/posts') });
  assert.equal(git(local, 'status', '--porcelain'), '');
});

test('an index that stays locked is told with its file, and what was begun is completed when it is free', async (t) => {
  const to = repository(t);
  const lock = join(to, '.git/index.lock');
  writeFileSync(lock, '');
  await assert.rejects(publishIssue(ISSUE, { ...OPTIONS, to }), ({ message }: Error) =>
    message.includes(`${lock} is there: another git is at work, or was ended; if none is, remove`),
  );
  rmSync(lock);
  await publishIssue(ISSUE, { ...OPTIONS, to });
  assert.equal(git(to, 'rev-list', '--count', 'HEAD'), '1');
  assert.equal(git(to, 'status', '--porcelain'), '');
});

test('what else is changed in the work tree is neither committed nor lost', async (t) => {
  const to = repository(t);
  writeFileSync(join(to, 'a.md'), 'one\n');
  git(to, 'add', 'a.md');
  git(to, 'commit', '--quiet', '--message', 'a');
  writeFileSync(join(to, 'a.md'), 'two\n');
  writeFileSync(join(to, 'b.md'), 'new\n');
  git(to, 'add', 'a.md');
  writeFileSync(join(to, 'a.md'), 'three\n');
  await publishIssue(ISSUE, { ...OPTIONS, to });
  assert.equal(git(to, 'status', '--porcelain'), 'MM a.md\n?? b.md');
  assert.equal(readFileSync(join(to, 'a.md'), 'utf8'), 'three\n');
});

test('a push that is refused since the remote has more is told, and done by the next run', async (t) => {
  const { to, remote } = repositoryWithRemote(t);
  const other = folder(t);
  git(other, 'clone', '--quiet', remote, '.');
  git(
    other,
    '-c',
    'user.name=O',
    '-c',
    'user.email=o@example.com',
    'commit',
    '--quiet',
    '--allow-empty',
    '-m',
    'Other',
  );
  git(other, 'push', '--quiet', 'origin', 'main');
  await assert.rejects(
    publishIssue(ISSUE, { ...PUSHED, to }),
    /git push: \[rejected\] +HEAD -> main \(fetch first\); the commit is kept: bring the branch together/,
  );
  git(to, 'pull', '--quiet', '--rebase', 'origin', 'main');
  await publishIssue(ISSUE, { ...PUSHED, to });
  assert.deepEqual(git(remote, 'log', '--format=%s', 'main').split('\n'), [
    'Publish Harbor Weekly 7',
    'Other',
    'Begin',
  ]);
});

test('a remote that takes nothing says so in its words, and has it once when it does', async (t) => {
  const { to, remote } = repositoryWithRemote(t);
  const hook = join(remote, 'hooks/pre-receive');
  writeFileSync(hook, '#!/bin/sh\necho "not on Fridays" >&2\nexit 1\n');
  chmodSync(hook, 0o755);
  for (const _ of [1, 2])
    await assert.rejects(
      publishIssue(ISSUE, { ...PUSHED, to }),
      /\[remote rejected\] HEAD -> main \(pre-receive hook declined\)/,
    );
  rmSync(hook);
  await publishIssue(ISSUE, { ...PUSHED, to });
  assert.deepEqual(git(remote, 'log', '--format=%s', 'main').split('\n'), ['Publish Harbor Weekly 7', 'Begin']);
});

test('what was begun on one branch is not completed on another', async (t) => {
  const { to, remote } = repositoryWithRemote(t);
  let steps = 0;
  const disk = stepping(() => {
    // the journal is written, git was not asked yet
    if (steps++ === 6) throw new Error('ended');
  });
  await assert.rejects(publishIssue(ISSUE, { ...PUSHED, to, disk }), /ended/);
  assert.ok(existsSync(join(to, '.git/nekube-weekly/journal.json')));
  git(to, 'switch', '--quiet', '--create', 'other');
  const eighth = { ...ISSUE, number: 8, title: 'Harbor Weekly 8' };
  const { completed } = await publishIssue(eighth, { ...PUSHED, to });
  assert.deepEqual(completed, []);
  assert.deepEqual(git(to, 'log', '--format=%s').split('\n'), ['Publish Harbor Weekly 8', 'Begin']);
  git(to, 'switch', '--quiet', 'main');
  await publishIssue(ISSUE, { ...PUSHED, to });
  assert.deepEqual(git(remote, 'log', '--format=%s', 'main').split('\n'), ['Publish Harbor Weekly 7', 'Begin']);
});

test('what the remote is known to have is not pushed again', async (t) => {
  const { to, remote } = repositoryWithRemote(t);
  await publishIssue(ISSUE, { ...PUSHED, to });
  git(to, 'remote', 'set-url', 'origin', join(remote, 'nowhere'));
  assert.equal((await publishIssue(ISSUE, { ...PUSHED, to })).isChanged, false);
});

test('a merge that is not ended is told by git, and what was begun is completed after it', async (t) => {
  const to = repository(t);
  writeFileSync(join(to, 'a.md'), 'one\n');
  git(to, 'add', 'a.md');
  git(to, 'commit', '--quiet', '--message', 'a');
  git(to, 'switch', '--quiet', '--create', 'side');
  git(to, 'commit', '--quiet', '--allow-empty', '--message', 'side');
  git(to, 'switch', '--quiet', 'main');
  git(to, 'merge', '--quiet', '--no-ff', '--no-commit', 'side');
  await assert.rejects(publishIssue(ISSUE, { ...OPTIONS, to }), /cannot do a partial commit during a merge/);
  git(to, 'merge', '--abort');
  await publishIssue(ISSUE, { ...OPTIONS, to });
  assert.deepEqual(git(to, 'log', '--format=%s').split('\n'), ['Publish Harbor Weekly 7', 'a']);
});

/** Does something with variables of the environment, as those whom another program starts have them. */
async function withEnvironment(variables: Readonly<Record<string, string>>, use: () => Promise<void>): Promise<void> {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    await use();
  } finally {
    for (const name of Object.keys(variables))
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
  }
}

test('a hook of another repository publishes to the one of the folder', async (t) => {
  const [to, other] = [repository(t), repository(t)];
  const variables = { GIT_DIR: join(other, '.git'), GIT_INDEX_FILE: join(other, '.git/index'), GIT_PREFIX: 'x/' };
  await withEnvironment(variables, async () => {
    assert.match((await publishIssue(ISSUE, { ...OPTIONS, to })).commit ?? '', /^[0-9a-f]{40}$/);
  });
  assert.equal(git(to, 'log', '--format=%s'), 'Publish Harbor Weekly 7');
  assert.equal(git(to, 'status', '--porcelain'), '');
  assert.equal(git(other, 'for-each-ref'), '');
});

test('what a hook leaves running holds up nobody, and goes on, also when it says something', async (t) => {
  const to = repository(t);
  // goes with its folder, and what was left running then
  const gate = join(folder(t), 'gate');
  const said = join(folder(t), 'said');
  writeFileSync(gate, '');
  mkdirSync(join(to, '.git/hooks'), { recursive: true });
  writeFileSync(
    join(to, '.git/hooks/post-commit'),
    `#!/bin/sh\n(i=0; while [ -e '${gate}' ] && [ $i -lt 1800 ]; do sleep 0.1; i=$((i+1)); done; echo deployed && : > '${said}') &\n`,
  );
  chmodSync(join(to, '.git/hooks/post-commit'), 0o755);
  assert.match((await publishIssue(ISSUE, { ...OPTIONS, to })).commit ?? '', /^[0-9a-f]{40}$/);
  rmSync(gate);
  const end = performance.now() + 60_000;
  while (!existsSync(said) && performance.now() < end) await sleep(20);
  assert.ok(existsSync(said));
});

test('a clone that has other ends of lines was edited by nobody', async (t) => {
  const to = repository(t);
  await keepFeed({ to, title: 'Harbor', url: 'https://harbor.example', author: 'The harbor' });
  const sixth = { ...ISSUE, number: 6, title: 'Harbor Weekly 6', date: '2031-04-25' };
  for (const one of [sixth, ISSUE]) await publishIssue(one, { ...OPTIONS, to });
  await publishIssue(ISSUE, { ...OPTIONS, to, format: 'email' });
  const clone = folder(t);
  git(clone, 'clone', '--quiet', '--config', 'core.autocrlf=true', to, '.');
  for (const [name, value] of [
    ['user.name', 'Test'],
    ['user.email', 'test@example.com'],
    ['commit.gpgsign', 'false'],
  ])
    git(clone, 'config', name!, value!);
  assert.match(readFileSync(join(clone, PATH), 'utf8'), /\r\n/);
  for (const format of ['zenn', 'email'] as const) {
    assert.deepEqual((await rehearseIssue(ISSUE, { ...OPTIONS, to: clone, format })).files, []);
    assert.equal((await publishIssue(ISSUE, { ...OPTIONS, to: clone, format })).isChanged, false);
  }
  assert.equal((await publishIssue(EDITED, { ...OPTIONS, to: clone })).isChanged, true);
  assert.match(readFileSync(join(clone, 'feed.xml'), 'utf8'), /Weekly 7[^]*Weekly 6/, 'the feed keeps what it had');
  // mails have the ends of lines that others lose
  const mail = join(clone, (await publishIssue(ISSUE, { ...OPTIONS, to: clone, format: 'email' })).path);
  writeFileSync(mail, readFileSync(mail, 'utf8').replaceAll('\r\n', '\n'));
  assert.equal((await publishIssue(EDITED, { ...OPTIONS, to: clone, format: 'email' })).isChanged, true);
  writeFileSync(join(clone, PATH), 'by hand\r\n');
  await assert.rejects(publishIssue(ISSUE, { ...OPTIONS, to: clone }), EditedFileError);
});

test('a repository that git does not trust is told as that, and nothing is written', async (t) => {
  const to = repository(t);
  // git's own tests say with it that another user owns what there is
  await withEnvironment({ GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' }, () =>
    assert.rejects(publishIssue(ISSUE, { ...OPTIONS, to }), /is in a repository of another user: "git config --global/),
  );
  assert.ok(!existsSync(join(to, PATH)));
});

/** Remotes with a secret in their addresses, and what is told of each. */
const SECRET_REMOTES: readonly (readonly [name: string, url: string, told: RegExp])[] = [
  ['a password', 'http://anna:s3cret@127.0.0.1:PORT/refused.git', /'http:\/\/127\.0\.0\.1:\d+\/refused\.git\/'.* 403/],
  ['a token for a name', 'http://s3cret@127.0.0.1:PORT/asks.git', /could not read Password for 'http:\/\/127/],
  [
    'a token as a value',
    'http://127.0.0.1:PORT/refused.git?token=s3cret',
    /\?token=…': The requested URL returned error: 403/,
  ],
];
test('what a remote has of secrets in its address is not told where it refuses', async (t) => {
  const server = createServer((request, response) => {
    response.writeHead(request.url!.startsWith('/asks') ? 401 : 403, { 'www-authenticate': 'Basic' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => (server.closeAllConnections(), server.close()));
  const { port } = server.address() as AddressInfo;
  for (const [name, url, told] of SECRET_REMOTES) {
    const to = repository(t);
    git(to, 'remote', 'add', 'origin', url.replace('PORT', String(port)));
    await assert.rejects(publishIssue(ISSUE, { ...PUSHED, to }), (error: Error) => {
      assert.match(error.message, told, name);
      assert.doesNotMatch(inspect(error), /s3cret/, name);
      return true;
    });
  }
});

test('an address for a remote is told to be none, without its password', async (t) => {
  const push = 'https://anna:s3cret@git.example/site.git';
  await assert.rejects(
    publishIssue(ISSUE, { ...PUSHED, push, to: repository(t) }),
    /^RepositoryError: Cannot push: "https:\/\/git\.example\/site\.git" is no name of a remote: "git remote add NAME URL"/,
  );
});
