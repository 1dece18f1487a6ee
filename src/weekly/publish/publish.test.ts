import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { IssueDocument } from '../issue/model.ts';
import { type Disk, diskBelow } from './disk.ts';
import { writeEmail } from '../render/email.ts';
import { EditedFileError, keepFeed, publishIssue } from './publish.ts';
import { stepping } from './testing/killed-publisher.ts';
import { EDITED, folder, git, ISSUE, PATH, repository } from './testing/places.ts';

test('an issue is published once: again, nothing is written', async (t) => {
  const to = folder(t);
  const first = await publishIssue(ISSUE, { to, format: 'zenn' });
  assert.equal(first.path, PATH);
  assert.equal(first.isChanged, true);
  const changes: string[] = [];
  const again = await publishIssue(ISSUE, { to, format: 'zenn', disk: stepping(() => changes.push('step')) });
  assert.deepEqual([again.isChanged, again.contentHash], [false, first.contentHash]);
  assert.equal(changes.length, 6, 'the lock, the journal that is not there, and the lock again');
  assert.deepEqual(readdirSync(to).sort(), ['.nekube-weekly', '.nekube-weekly.json', 'articles']);
  assert.deepEqual(readdirSync(join(to, '.nekube-weekly')), []);
});

test('an issue that was changed takes the place of what was published, with its slug', async (t) => {
  const to = folder(t);
  await publishIssue(ISSUE, { to, format: 'zenn' });
  const { path, isChanged } = await publishIssue({ ...EDITED, title: 'Another Title' }, { to, format: 'zenn' });
  assert.deepEqual([path, isChanged], [PATH, true]);
  assert.match(readFileSync(join(to, path), 'utf8'), /Hello again/);
});

test('an issue keeps the address that it was published with', async (t) => {
  const to = folder(t);
  await publishIssue(ISSUE, { to, format: 'zenn' });
  await assert.rejects(publishIssue({ ...ISSUE, slug: 'another-address' }, { to, format: 'zenn' }), {
    message:
      'Cannot publish issue 7 as "another-address": it was published as "harbor-weekly-0007", and its address must stay',
  });
});

test('a file that was edited by hand is not overwritten, unless that is asked for', async (t) => {
  const to = folder(t);
  await publishIssue(ISSUE, { to, format: 'zenn' });
  const path = join(to, PATH);
  writeFileSync(path, readFileSync(path, 'utf8').replace('Hello.', 'Hello, by hand.'));
  await assert.rejects(publishIssue(EDITED, { to, format: 'zenn' }), (error: EditedFileError) => {
    assert.equal(error.message, `Cannot publish to "${PATH}": it was edited since it was published`);
    assert.match(error.diff, /^-Hello, by hand\.\n\+Hello again\.$/m);
    return error instanceof EditedFileError;
  });
  await publishIssue(EDITED, { to, format: 'zenn', force: true });
  assert.match(readFileSync(path, 'utf8'), /Hello again/);
});

test('a file that was never published is not overwritten', async (t) => {
  const to = folder(t);
  writeFileSync(join(to, 'harbor-weekly-0007.md'), 'mine\n');
  await assert.rejects(publishIssue(ISSUE, { to, format: 'markdown' }), /it is there and was not published from here/);
  assert.equal(readFileSync(join(to, 'harbor-weekly-0007.md'), 'utf8'), 'mine\n');
});

test('a mail that is published is the one that is rendered: it is for nobody yet, and tells nothing of the folder', async (t) => {
  const to = folder(t);
  const { path } = await publishIssue({ ...ISSUE, slug: 'harbor-weekly-0007' }, { to, format: 'email' });
  assert.equal(readFileSync(join(to, path), 'utf8'), writeEmail({ ...ISSUE, slug: 'harbor-weekly-0007' }));
});

test('a slug that leads elsewhere is refused', async (t) => {
  await assert.rejects(
    publishIssue({ ...ISSUE, slug: '../elsewhere' }, { to: folder(t), format: 'markdown' }),
    /must be a file's name/,
  );
});

for (const change of ['the first time', 'again, after a change'] as const) {
  test(`whatever step publishing ends at ${change}, the next run completes it`, async (t) => {
    for (let end = 0, ended = true; ended; end++) {
      const to = folder(t);
      if (change !== 'the first time') await publishIssue(EDITED, { to, format: 'zenn' });
      let steps = 0;
      const disk = stepping(() => {
        if (steps++ >= end) throw new Error('ended');
      });
      try {
        await publishIssue(ISSUE, { to, format: 'zenn', disk });
        ended = false;
      } catch (error) {
        assert.equal((error as Error).message, 'ended');
      }
      const there = existsSync(join(to, PATH)) ? readFileSync(join(to, PATH), 'utf8') : '';
      assert.match(there, /^$|Hello\.\n$|Hello again\.\n$/, 'a file is whole or not there');
      await publishIssue(ISSUE, { to, format: 'zenn' });
      const reference = folder(t);
      await publishIssue(ISSUE, { to: reference, format: 'zenn' });
      for (const file of [PATH, '.nekube-weekly.json']) {
        assert.equal(readFileSync(join(to, file), 'utf8'), readFileSync(join(reference, file), 'utf8'));
      }
      assert.deepEqual(readdirSync(join(to, '.nekube-weekly')), [], `nothing is left of step ${end}`);
      assert.equal((await publishIssue(ISSUE, { to, format: 'zenn' })).isChanged, false);
    }
  });
}

/** Publishes, and ends before a step. */
async function endedAt(end: number, issue: IssueDocument, to: string): Promise<void> {
  let steps = 0;
  const disk = stepping(() => {
    if (steps++ >= end) throw new Error('ended');
  });
  try {
    await publishIssue(issue, { to, format: 'zenn', disk });
  } catch (error) {
    assert.equal((error as Error).message, 'ended');
  }
}

test('whatever step publishing of an issue ends at, the files of others stay as they are', async (t) => {
  const eighth: IssueDocument = { ...ISSUE, number: 8, title: 'Harbor Weekly 8' };
  for (let end = 0; end < 16; end++) {
    const to = folder(t);
    await publishIssue(ISSUE, { to, format: 'zenn' });
    const before = readFileSync(join(to, PATH), 'utf8');
    await endedAt(end, eighth, to);
    await publishIssue(ISSUE, { to, format: 'zenn' });
    assert.equal(readFileSync(join(to, PATH), 'utf8'), before, `ended at step ${end}`);
    await publishIssue(eighth, { to, format: 'zenn' });
    assert.match(readFileSync(join(to, 'articles/harbor-weekly-0008.md'), 'utf8'), /Harbor Weekly 8/);
  }
});

test('a file that was edited since publishing of it ended is left alone, and holds up no other issue', async (t) => {
  const eighth: IssueDocument = { ...ISSUE, number: 8, title: 'Harbor Weekly 8' };
  for (let end = 0; end < 16; end++) {
    const to = folder(t);
    await publishIssue(ISSUE, { to, format: 'zenn' });
    await endedAt(end, EDITED, to);
    writeFileSync(join(to, PATH), 'by hand\n');
    assert.equal((await publishIssue(eighth, { to, format: 'zenn', force: true })).isChanged, true);
    assert.equal(readFileSync(join(to, PATH), 'utf8'), 'by hand\n', `ended at step ${end}`);
    await assert.rejects(publishIssue(EDITED, { to, format: 'zenn' }), EditedFileError);
  }
});

test('no link in the folder leads what is published out of it', async (t) => {
  const elsewhere = folder(t);
  writeFileSync(join(elsewhere, 'precious'), 'precious\n');
  for (const [name, target] of [
    ['articles', elsewhere],
    ['.nekube-weekly', elsewhere],
    ['.nekube-weekly.json', join(elsewhere, 'precious')],
    ['.nekube-weekly.json.tmp', join(elsewhere, 'precious')],
    [PATH, join(elsewhere, 'precious')],
  ] as const) {
    const to = folder(t);
    if (name === PATH) mkdirSync(join(to, 'articles'));
    symlinkSync(target, join(to, name));
    try {
      await publishIssue(ISSUE, { to, format: 'zenn', force: true });
    } catch (error) {
      assert.match((error as Error).message, /is a link|Cannot read/, name);
    }
    assert.deepEqual(readdirSync(elsewhere), ['precious'], name);
    assert.equal(readFileSync(join(elsewhere, 'precious'), 'utf8'), 'precious\n', name);
  }
});

test('no link that is laid in the folder while we write leads out of it', {
  skip: !existsSync('/proc/self/fd'),
}, async (t) => {
  for (let at = 0; at < 16; at++) {
    const [to, elsewhere] = [folder(t), folder(t)];
    await publishIssue(ISSUE, { to, format: 'zenn' });
    let steps = 0;
    const disk = stepping(() => {
      if (steps++ !== at) return;
      renameSync(join(to, 'articles'), join(to, 'away'));
      symlinkSync(elsewhere, join(to, 'articles'));
    });
    await publishIssue(EDITED, { to, format: 'zenn', disk }).catch((error: Error) =>
      assert.match(error.message, /^Cannot publish to "articles": it is a link, which may lead elsewhere; remove it$/),
    );
    assert.deepEqual(readdirSync(elsewhere), [], `laid at step ${at}`);
  }
});

test('an issue does not take the place of another one that has its slug', async (t) => {
  const to = folder(t);
  await publishIssue({ ...ISSUE, slug: 'harbor-weekly' }, { to, format: 'markdown' });
  await assert.rejects(publishIssue({ ...EDITED, number: 8, slug: 'harbor-weekly' }, { to, format: 'markdown' }), {
    message: 'Cannot publish issue 8 as "harbor-weekly": issue 7 is published there; give it another slug',
  });
  assert.match(readFileSync(join(to, 'harbor-weekly.md'), 'utf8'), /Hello\./);
});

test('what is published at once to one place is published one after the other', async (t) => {
  const to = repository(t);
  const numbers = [1, 2, 3, 4, 5];
  await Promise.all(
    numbers.map((number) =>
      publishIssue({ ...ISSUE, number, title: 'Harbor Weekly' }, { to, format: 'zenn', commit: true }),
    ),
  );
  assert.equal(git(to, 'rev-list', '--count', 'HEAD'), '5');
  assert.equal(git(to, 'status', '--porcelain'), '');
});

test('a process killed at any step of publishing to a repository is completed by the next, with one commit', async (t) => {
  const program = fileURLToPath(new URL('testing/killed-publisher.js', import.meta.url));
  let killed = 0;
  for (let at = 0, wasKilled = true; wasKilled; at++) {
    const to = repository(t);
    const request = JSON.stringify({ issue: ISSUE, options: { to, format: 'zenn', commit: true } });
    const { signal, status, stderr } = spawnSync(process.execPath, [program, String(at), request], {
      encoding: 'utf8',
    });
    wasKilled = signal === 'SIGKILL';
    if (wasKilled) killed++;
    else assert.equal(status, 0, stderr);
    await publishIssue(ISSUE, { to, format: 'zenn', commit: true });
    assert.equal(git(to, 'rev-list', '--count', 'HEAD'), '1', `killed at step ${at}`);
    assert.equal(git(to, 'status', '--porcelain'), '');
    assert.equal(git(to, 'log', '-1', '--format=%s'), 'Publish Harbor Weekly 7');
  }
  assert.ok(killed > 10, 'it was killed at each step');
});

test('a commit has what was published and nothing else, and is pushed to a remote that is configured', async (t) => {
  const to = repository(t);
  const remote = folder(t);
  git(remote, 'init', '--quiet', '--bare', '--initial-branch=main');
  git(to, 'remote', 'add', 'origin', remote);
  writeFileSync(join(to, 'other.md'), 'not yet');
  git(to, 'add', 'other.md');
  const { commit } = await publishIssue(ISSUE, { to, format: 'zenn', commit: 'The seventh', push: 'origin' });
  assert.equal(git(remote, 'rev-parse', 'main'), commit);
  assert.deepEqual(git(to, 'show', '--name-only', '--format=%s', 'HEAD').split('\n'), [
    'The seventh',
    '',
    '.nekube-weekly.json',
    PATH,
  ]);
  assert.equal(git(to, 'status', '--porcelain'), 'A  other.md');
  assert.equal((await publishIssue(ISSUE, { to, format: 'zenn', commit: true })).commit, undefined);
  await assert.rejects(publishIssue(EDITED, { to, format: 'zenn', commit: true, push: 'elsewhere' }), {
    message: 'Cannot push: no remote "elsewhere" is configured: "git remote add elsewhere URL" first',
  });
});

test('an issue that a hook refuses holds up no other one, and is committed when the hook takes it', async (t) => {
  const to = repository(t);
  const hook = join(to, '.git/hooks/pre-commit');
  mkdirSync(join(to, '.git/hooks'), { recursive: true });
  writeFileSync(
    hook,
    '#!/bin/sh\ngit diff --cached --name-only | grep -q 0007 && echo "not the seventh" >&2 && exit 1\nexit 0\n',
    { mode: 0o755 },
  );
  const refused = (): Promise<unknown> => publishIssue(ISSUE, { to, format: 'zenn', commit: true });
  await assert.rejects(refused(), { name: 'RepositoryError', message: /not the seventh/ });
  const eighth: IssueDocument = { ...ISSUE, number: 8, title: 'Harbor Weekly 8' };
  const { commit, uncommitted } = await publishIssue(eighth, { to, format: 'zenn', commit: true });
  assert.match(commit!, /^[0-9a-f]{40}$/);
  assert.deepEqual(uncommitted, []);
  await assert.rejects(refused(), /not the seventh/, 'the seventh is still refused');
  rmSync(hook);
  assert.match((await publishIssue(ISSUE, { to, format: 'zenn', commit: true })).commit!, /^[0-9a-f]{40}$/);
  assert.equal(git(to, 'status', '--porcelain'), '');
});

test('what a killed process left and a hook refuses is told by the next run, which publishes', async (t) => {
  const to = repository(t);
  const program = fileURLToPath(new URL('testing/killed-publisher.js', import.meta.url));
  mkdirSync(join(to, '.git/hooks'), { recursive: true });
  writeFileSync(
    join(to, '.git/hooks/pre-commit'),
    '#!/bin/sh\ngit diff --cached --name-only | grep -q 0007 && exit 1\nexit 0\n',
    { mode: 0o755 },
  );
  const eighth: IssueDocument = { ...ISSUE, number: 8, title: 'Harbor Weekly 8' };
  // behind the journal, before git
  spawnSync(process.execPath, [
    program,
    '6',
    JSON.stringify({ issue: ISSUE, options: { to, format: 'zenn', commit: true } }),
  ]);
  assert.ok(existsSync(join(to, '.git/nekube-weekly/journal.json')));
  const { commit, uncommitted } = await publishIssue(eighth, { to, format: 'zenn', commit: true });
  assert.match(commit!, /^[0-9a-f]{40}$/);
  assert.deepEqual(
    uncommitted.map(({ path }) => path),
    [PATH],
  );
});

test('there is no commit where there is no repository', async (t) => {
  await assert.rejects(publishIssue(ISSUE, { to: folder(t), format: 'zenn', commit: true }), /is not in the work tree/);
});

const FEED = { title: 'Harbor Weekly', url: 'https://harbor.example/weekly', author: 'The harbor' };
const EIGHTH_PATH = 'articles/harbor-weekly-0008.md';
const EIGHTH: IssueDocument = { ...ISSUE, number: 8, title: 'Harbor Weekly 8', date: '2031-05-09' };

test('a feed that is kept has each issue that is published, as if it was made of all at once', async (t) => {
  const to = folder(t);
  await publishIssue(ISSUE, { to, format: 'zenn' });
  assert.deepEqual(await keepFeed({ to, ...FEED }), { path: 'feed.xml', isChanged: true });
  assert.equal((await keepFeed({ to, ...FEED })).isChanged, false);
  await publishIssue(EIGHTH, { to, format: 'zenn' });
  const feed = (): string => readFileSync(join(to, 'feed.xml'), 'utf8');
  const slugs = (): string[] => [...feed().matchAll(/<id>.*\/weekly\/(.+)<\/id>/g)].map(([, slug]) => slug!);
  assert.deepEqual(slugs(), ['harbor-weekly-0008', 'harbor-weekly-0007']);
  const step = feed();
  rmSync(join(to, 'feed.xml'));
  await publishIssue(EIGHTH, { to, format: 'zenn' });
  assert.equal(feed(), step, 'made anew of the folder');
  await publishIssue(EDITED, { to, format: 'zenn' });
  assert.match(feed(), /Hello again/);
  await publishIssue({ ...EIGHTH, published: false }, { to, format: 'zenn' });
  assert.deepEqual(slugs(), ['harbor-weekly-0007'], 'what readers may no longer see has left it');
});

test('a feed has what is scheduled once its time has come, whatever is published then', async (t) => {
  const to = folder(t);
  await keepFeed({ to, ...FEED });
  const scheduled = { ...ISSUE, publishedAt: '2031-05-02 18:00' };
  const [before, after] = [new Date('2031-05-02T08:59:00Z'), new Date('2031-05-02T09:00:00Z')];
  const feed = (): string => readFileSync(join(to, 'feed.xml'), 'utf8');
  const publish = (issue: IssueDocument, now: Date) => publishIssue(issue, { to, format: 'zenn', now });
  await publish(scheduled, before);
  assert.match(readFileSync(join(to, PATH), 'utf8'), /published_at: "?2031-05-02 18:00/, 'Zenn holds it back itself');
  assert.doesNotMatch(feed(), /harbor-weekly-0007/);
  await publish(EIGHTH, before);
  assert.doesNotMatch(feed(), /harbor-weekly-0007/);
  await publish(EIGHTH, after);
  assert.match(feed(), /harbor-weekly-0007<\/id>\n.*\n<updated>2031-05-02T09:00:00Z</);
  assert.equal((await publish(scheduled, after)).isChanged, false);
  const step = feed();
  rmSync(join(to, 'feed.xml'));
  await keepFeed({ to, ...FEED, now: after });
  assert.equal(feed(), step, 'as if it was made at once');
  await publish({ ...scheduled, publishedAt: '2031-05-03 18:00' }, after);
  assert.doesNotMatch(feed(), /harbor-weekly-0007/, 'what is put off has left it');
});

test('a publish reads of the folder what the feed lacks, and nothing else', async (t) => {
  const to = folder(t);
  await keepFeed({ to, ...FEED });
  const [before, after] = [new Date('2031-05-02T08:59:00Z'), new Date('2031-05-02T09:00:00Z')];
  await publishIssue({ ...ISSUE, publishedAt: '2031-05-02 18:00' }, { to, format: 'zenn', now: before });
  for (let number = 1; number < 5; number++)
    await publishIssue(
      { ...ISSUE, number, publishedAt: `2031-04-0${number} 18:00` },
      { to, format: 'zenn', now: before },
    );
  const read: string[] = [];
  const disk = (at: string): Disk => {
    const there = diskBelow(at);
    return { ...there, read: (path) => (read.push(relative(to, path)), there.read(path)) };
  };
  const articles = () => read.splice(0).filter((path) => path.startsWith('articles/') && path !== EIGHTH_PATH);
  await publishIssue(EIGHTH, { to, format: 'zenn', now: before, disk });
  assert.deepEqual(articles(), []);
  await publishIssue(EIGHTH, { to, format: 'zenn', now: after, disk });
  assert.deepEqual(articles(), [PATH]);
  await publishIssue(EIGHTH, { to, format: 'zenn', now: after, disk });
  assert.deepEqual(articles(), [], 'the feed has it');
  assert.match(readFileSync(join(to, 'feed.xml'), 'utf8'), /harbor-weekly-0007/);
});

test('no ledger leads a feed to what is not of the folder', async (t) => {
  const above = folder(t);
  const to = join(above, 'site');
  await keepFeed({ to, ...FEED });
  const secret = '---\npublished: true\npublished_at: 2031-05-01\nslug: secret\n---\n# Secret\n';
  writeFileSync(join(above, 'secret.md'), secret);
  symlinkSync(join(above, 'secret.md'), join(to, 'link.md'));
  const ledger = JSON.parse(readFileSync(join(to, '.nekube-weekly.json'), 'utf8'));
  for (const path of ['../secret.md', 'link.md', join(above, 'secret.md')])
    ledger.files[path] = { ...ENTRY, slug: path, publishedAt: '2031-05-01' };
  writeFileSync(join(to, '.nekube-weekly.json'), JSON.stringify(ledger));
  await publishIssue(ISSUE, { to, format: 'zenn', now: new Date('2031-06-01') });
  assert.doesNotMatch(readFileSync(join(to, 'feed.xml'), 'utf8'), /secret/i);
});

for (const [format, file] of [
  ['html', 'harbor-weekly-0007.html'],
  ['email', 'harbor-weekly-0007.eml'],
] as const)
  test(`readers see no ${format} before its time, and what they have stays until then`, async (t) => {
    const to = folder(t);
    await keepFeed({ to, ...FEED });
    const [before, after] = [new Date('2031-05-02T08:59:00Z'), new Date('2031-05-02T09:00:00Z')];
    const scheduled = { ...ISSUE, publishedAt: '2031-05-02 18:00' };
    const publish = (issue: IssueDocument, now: Date) => publishIssue(issue, { to, format, now });
    for (const issue of [scheduled, { ...scheduled, published: false }]) {
      const { isChanged, waitsUntil, path } = await publish(issue, before);
      assert.deepEqual([isChanged, waitsUntil, path], [false, after, file]);
    }
    assert.deepEqual(readdirSync(to).sort(), ['.nekube-weekly', '.nekube-weekly.json', 'feed.xml']);
    const { isChanged, waitsUntil } = await publish(scheduled, after);
    assert.deepEqual([isChanged, waitsUntil], [true, undefined]);
    assert.match(readFileSync(join(to, 'feed.xml'), 'utf8'), /harbor-weekly-0007/);
    const there = readFileSync(join(to, file), 'utf8');
    const putOff = { ...EDITED, publishedAt: '2031-05-03 18:00' };
    assert.deepEqual((await publish(putOff, after)).waitsUntil, new Date('2031-05-03T09:00:00Z'));
    assert.equal(readFileSync(join(to, file), 'utf8'), there);
    writeFileSync(join(to, file), 'by hand');
    await assert.rejects(publish(putOff, after), EditedFileError, 'told before its time');
  });

test('a feed that was edited by hand stops publishing, unless that is forced', async (t) => {
  const to = folder(t);
  await keepFeed({ to, ...FEED });
  writeFileSync(join(to, 'feed.xml'), 'mine');
  await assert.rejects(publishIssue(ISSUE, { to, format: 'zenn' }), { name: 'EditedFileError', message: /feed\.xml/ });
  assert.equal(existsSync(join(to, PATH)), false, 'nothing is written by halves');
  await publishIssue(ISSUE, { to, format: 'zenn', force: true });
  assert.match(readFileSync(join(to, 'feed.xml'), 'utf8'), /harbor-weekly-0007/);
});

test('whatever step publishing ends at, the next run has the issue and the feed in one commit', async (t) => {
  for (let end = 0, ended = true; ended; end++) {
    const to = repository(t);
    await keepFeed({ to, ...FEED });
    let steps = 0;
    const disk = stepping(() => {
      if (steps++ >= end) throw new Error('ended');
    });
    try {
      await publishIssue(ISSUE, { to, format: 'zenn', commit: true, disk });
      ended = false;
    } catch (error) {
      assert.equal((error as Error).message, 'ended');
    }
    await publishIssue(ISSUE, { to, format: 'zenn', commit: true });
    assert.equal(git(to, 'rev-list', '--count', 'HEAD'), '1', `ended at step ${end}`);
    assert.equal(git(to, 'status', '--porcelain'), '');
    assert.match(git(to, 'show', 'HEAD:feed.xml'), /harbor-weekly-0007/);
    assert.deepEqual(readdirSync(join(to, '.git/nekube-weekly')), []);
  }
});

const ENTRY = { hash: 'h', slug: 's', language: 'en', format: 'zenn' };
const FOREIGN: Readonly<Record<string, unknown>> = {
  'a file above the folder': { files: [{ path: '../owned.md', entry: ENTRY, staged: 'staged-0' }] },
  'a file above it by way of a folder': {
    files: [{ path: 'articles/../../owned.md', entry: ENTRY, staged: 'staged-0' }],
  },
  'a file of anywhere': { files: [{ path: '/tmp/owned.md', entry: ENTRY, staged: 'staged-0' }] },
  "a hook of git's": { files: [{ path: '.git/hooks/post-commit', entry: ENTRY, staged: 'staged-0' }] },
  'a text from elsewhere': { files: [{ path: 'articles/owned.md', entry: ENTRY, staged: '../../secret' }] },
  'no files': {},
  'no file': { files: [null] },
  nothing: null,
};
for (const [what, journal] of Object.entries(FOREIGN))
  test(`a journal that somebody laid in the folder is not carried out: it says ${what}`, async (t) => {
    const above = folder(t);
    const to = join(above, 'site');
    mkdirSync(join(to, '.nekube-weekly'), { recursive: true });
    writeFileSync(join(above, 'secret'), 'secret');
    writeFileSync(join(to, '.nekube-weekly/staged-0'), 'owned');
    writeFileSync(join(to, '.nekube-weekly/journal.json'), JSON.stringify(journal));
    await assert.rejects(
      publishIssue(ISSUE, { to, format: 'zenn' }),
      /journal\.json": it is not what a publisher leaves/,
    );
    assert.deepEqual(readdirSync(above).sort(), ['secret', 'site']);
    assert.deepEqual(readdirSync(to), ['.nekube-weekly']);
    rmSync(join(to, '.nekube-weekly/journal.json'));
    assert.equal((await publishIssue(ISSUE, { to, format: 'zenn' })).isChanged, true);
  });

test('a ledger that does not say what a file was is refused, and named', async (t) => {
  const to = folder(t);
  writeFileSync(join(to, '.nekube-weekly.json'), JSON.stringify({ files: { 'articles/a.md': null } }));
  await assert.rejects(publishIssue(ISSUE, { to, format: 'zenn' }), {
    message: 'Cannot read .nekube-weekly.json: it does not say what "articles/a.md" was',
  });
});
