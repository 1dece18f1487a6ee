import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { IssueDocument } from '../issue/model.ts';
import { EditedFileError, keepFeed, publishIssue, type PublishOptions } from './publish.ts';
import { rehearseIssue, type Rehearsal } from './rehearse.ts';
import { EDITED, folder, git, ISSUE, PATH, repository, repositoryWithRemote } from './testing/places.ts';

const LEDGER = '.nekube-weekly.json';
const FEED = { title: 'Harbor Weekly', url: 'https://harbor.example/weekly', author: 'The harbor' };

/** All that is in a folder, with git's own: names, bytes and times of change. */
function everything(at: string): readonly unknown[] {
  return readdirSync(at, { withFileTypes: true, recursive: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { mode, mtimeMs } = lstatSync(path);
      return [path, mode, mtimeMs, entry.isFile() ? readFileSync(path, 'base64') : ''] as const;
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Rehearses, and sees that nothing was written. */
async function rehearse(above: string, issue: IssueDocument, options: PublishOptions): Promise<Rehearsal> {
  const before = everything(above);
  try {
    return await rehearseIssue(issue, options);
  } finally {
    assert.deepEqual(everything(above), before, 'nothing is written');
  }
}

interface Situation {
  readonly name: string;
  readonly before?: (to: string, above: string) => unknown;
  readonly issue?: IssueDocument;
  readonly options?: Partial<PublishOptions>;
  readonly files: readonly (readonly [path: string, isThere: boolean])[];
}

const SITUATIONS: readonly Situation[] = [
  {
    name: 'a folder that is not there',
    files: [
      [PATH, false],
      [LEDGER, false],
    ],
  },
  { name: 'what is there already', before: (to) => publishIssue(ISSUE, { to, format: 'zenn' }), files: [] },
  {
    name: 'a folder with a feed',
    before: (to) => keepFeed({ to, ...FEED }),
    files: [
      [PATH, false],
      ['feed.xml', true],
      [LEDGER, true],
    ],
  },
  {
    name: 'an issue that changed',
    before: (to) => publishIssue(ISSUE, { to, format: 'zenn' }),
    issue: EDITED,
    files: [
      [PATH, true],
      [LEDGER, true],
    ],
  },
  {
    name: 'what somebody edited, by force',
    before: async (to) => {
      await publishIssue(ISSUE, { to, format: 'zenn' });
      writeFileSync(join(to, PATH), 'by hand');
    },
    issue: EDITED,
    options: { force: true },
    files: [
      [PATH, true],
      [LEDGER, true],
    ],
  },
  {
    name: 'a page for later',
    issue: { ...ISSUE, publishedAt: '2031-05-02 18:00' },
    options: { format: 'html', now: new Date('2031-05-01') },
    files: [],
  },
  {
    name: 'what a killed process left',
    before: (to) => killed(to, 6),
    issue: { ...ISSUE, number: 8, title: 'Harbor Weekly 8' },
    files: [
      [PATH, false],
      [LEDGER, false],
      ['articles/harbor-weekly-0008.md', false],
    ],
  },
];

for (const { name, before, issue = ISSUE, options, files } of SITUATIONS)
  test(`what would be written is told, and then is: ${name}`, async (t) => {
    const above = folder(t);
    const to = join(above, 'site');
    await before?.(to, above);
    const all: PublishOptions = { to, format: 'zenn', ...options };
    const planned = await rehearse(above, issue, all);
    assert.deepEqual(
      planned.files.map(({ path, isThere }) => [path, isThere]),
      files,
    );
    const there = new Map(planned.files.map(({ path, diff }) => [path, diff]));
    const published = await publishIssue(issue, all);
    const { files: _, commits: _commits, pushes: _pushes, ...same } = planned;
    assert.deepEqual(same, published);
    for (const [path, diff] of there) assertApplied(diff, readFileSync(join(to, path), 'utf8'), path);
    assert.deepEqual((await rehearse(above, issue, all)).files, [], 'nothing is left to do');
  });

/** The lines that a diff brings are those of the text. */
function assertApplied(diff: string, text: string, path: string): void {
  const come = diff.split('\n').filter((line) => line.startsWith('+'));
  assert.ok(come.length > 0, path);
  assert.ok(`\n${text}`.includes(`\n${come.map((line) => line.slice(1)).join('\n')}`), path);
}

function killed(to: string, at: number, options: object = {}): void {
  const program = fileURLToPath(new URL('testing/killed-publisher.js', import.meta.url));
  const request = JSON.stringify({ issue: ISSUE, options: { to, format: 'zenn', ...options } });
  const { signal } = spawnSync(process.execPath, [program, String(at), request]);
  assert.equal(signal, 'SIGKILL');
}

test('it refuses what publishing would refuse', async (t) => {
  const above = folder(t);
  const to = join(above, 'site');
  await publishIssue(ISSUE, { to, format: 'zenn' });
  writeFileSync(join(to, PATH), 'by hand');
  await assert.rejects(rehearse(above, EDITED, { to, format: 'zenn' }), EditedFileError);
  await assert.rejects(rehearse(above, ISSUE, { to, format: 'zenn', commit: true }), /is not in the work tree/);
  await assert.rejects(rehearse(above, { ...ISSUE, slug: 'another-address' }, { to, format: 'zenn' }), /must stay/);
});

async function plansOf(
  above: string,
  to: string,
  issue: IssueDocument,
  options: Partial<PublishOptions>,
): Promise<readonly unknown[]> {
  const { commits, pushes, branch } = await rehearse(above, issue, { to, format: 'zenn', ...options });
  return [commits, pushes, branch];
}

test('it tells which commits would be made and pushed', async (t: TestContext) => {
  const { to, remote } = repositoryWithRemote(t);
  const plans = async (issue: IssueDocument, options: Partial<PublishOptions> = {}): Promise<readonly unknown[]> => {
    const before = everything(remote);
    const plan = await plansOf(to, to, issue, { commit: true, push: 'origin', ...options });
    assert.deepEqual(everything(remote), before);
    return plan;
  };
  const message = 'Publish Harbor Weekly 7';
  assert.deepEqual(await plans(ISSUE), [[message], ['origin'], 'main']);
  assert.deepEqual(await plans(ISSUE, { to: join(to, 'deep/site') }), [[message], ['origin'], 'main']);
  await publishIssue(ISSUE, { to, format: 'zenn' });
  assert.deepEqual(await plans(ISSUE), [[message], ['origin'], 'main'], 'it is there, and in no commit');
  await publishIssue(ISSUE, { to, format: 'zenn', commit: true });
  assert.deepEqual(await plans(ISSUE), [[], ['origin'], 'main'], 'its commit is here alone');
  await publishIssue(ISSUE, { to, format: 'zenn', commit: true, push: 'origin' });
  assert.deepEqual(await plans(ISSUE), [[], [], 'main']);
  assert.deepEqual(await plans(EDITED, { commit: 'In words' }), [['In words'], ['origin'], 'main']);
  writeFileSync(join(to, PATH), 'by hand\n');
  git(to, 'add', PATH);
  assert.deepEqual(await plans(EDITED, { force: true }), [[message], ['origin'], 'main']);
});

test('it tells of a commit that a killed process did not come to, and of its own', async (t) => {
  const to = repository(t);
  killed(to, 9, { commit: true });
  const eighth: IssueDocument = { ...ISSUE, number: 8, title: 'Harbor Weekly 8' };
  assert.deepEqual(await plansOf(to, to, eighth, { commit: true }), [
    ['Publish Harbor Weekly 7', 'Publish Harbor Weekly 8'],
    [],
    'main',
  ]);
  await publishIssue(eighth, { to, format: 'zenn', commit: true });
  assert.equal(git(to, 'rev-list', '--count', 'HEAD'), '2');
});

test('texts that git keeps otherwise than they are in the folder are known as committed', async (t) => {
  const to = repository(t);
  mkdirSync(join(to, '.git/info'), { recursive: true });
  writeFileSync(join(to, '.git/info/attributes'), '*.md filter=upper\n');
  git(to, 'config', 'filter.upper.clean', 'tr a-z A-Z');
  await publishIssue(ISSUE, { to, format: 'zenn', commit: true });
  assert.match(git(to, 'show', `HEAD:${PATH}`), /HARBOR WEEKLY/);
  assert.deepEqual(await plansOf(to, to, ISSUE, { commit: true }), [[], [], 'main']);
});
