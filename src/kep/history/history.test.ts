import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { folderTree } from '../checkout/folder-tree.ts';
import { checkoutContent } from '../site/checkout-content.ts';
import { commitAt, gitTree } from '../checkout/git-tree.ts';
import { isCheckout } from '../checkout/is-checkout.ts';
import { readCheckout } from '../checkout/read-checkout.ts';
import { atomFeed, changeText, jsonFeed } from '../feed/feed.ts';
import { cloneRepository, headOf } from '../git/clone.ts';
import { GitError } from '../git/git.ts';
import { historiesOf } from './history.ts';
import { readLog } from './read-log.ts';

const hasGit = (() => {
  try {
    execFileSync('git', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test('a log is read to commits and what they changed: moved, copied, with odd names, merged or squashed', () => {
  const zero = '0'.repeat(40);
  const [one, two] = ['1'.repeat(40), '2'.repeat(40)];
  const text = [
    `\x01${one}\t2021-01-02T03:04:05+02:00\tMerge pull request #12 from x/y`,
    `\n:000000 100644 ${zero} ${one} A`,
    'keps/a "b"\n/kep.yaml',
    `:100644 100644 ${one} ${two} R087`,
    'keps/old/kep.yaml',
    'keps/new/kep.yaml',
    `\x01${two}\t2021-02-02T00:00:00Z\tkep: one (#34)`,
    `\n:100644 000000 ${one} ${zero} D`,
    'keps/new/kep.yaml',
    `\x01${zero}\t2021-02-03T00:00:00Z\tno request #1 here`,
    '',
  ].join('\0');
  assert.deepEqual(readLog(text), [
    {
      name: one,
      time: '2021-01-02T01:04:05Z',
      subject: 'Merge pull request #12 from x/y',
      pullRequest: 12,
      files: [
        { kind: 'A', path: 'keps/a "b"\n/kep.yaml', oid: one },
        { kind: 'R', path: 'keps/new/kep.yaml', from: 'keps/old/kep.yaml', oid: two },
      ],
    },
    {
      name: two,
      time: '2021-02-02T00:00:00Z',
      subject: 'kep: one (#34)',
      pullRequest: 34,
      files: [{ kind: 'D', path: 'keps/new/kep.yaml', oid: zero }],
    },
    { name: zero, time: '2021-02-03T00:00:00Z', subject: 'no request #1 here', files: [] },
  ]);
});

describe('the history of a checkout', { skip: hasGit ? false : 'git is not installed' }, () => {
  let root = '';
  const run = (day: string, ...args: string[]): void => {
    const time = `${day}T12:00:00Z`;
    const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@x', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@x' };
    const env = {
      ...process.env,
      ...who,
      GIT_AUTHOR_DATE: time,
      GIT_COMMITTER_DATE: time,
      GIT_CONFIG_GLOBAL: '/dev/null',
    };
    execFileSync('git', ['-C', root, ...args], { env, stdio: 'ignore' });
  };
  const commit = (day: string, subject: string, files: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    run(day, 'add', '-A');
    run(day, 'commit', '-q', '-m', subject);
  };
  const kep = (status: string, more = ''): string =>
    `title: One & <two>\nkep-number: 1\nowning-sig: sig-node\nauthors: ["@rata"]\nstatus: ${status}\n${more}`;

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'nekube-kep-history-'));
    run('2021-01-01', 'init', '-q', '-b', 'main');
    commit('2021-01-01', 'one (#7)', { 'keps/sig-node/1-one/kep.yaml': kep('provisional') });
    commit('2021-02-01', 'two', { 'keps/sig-node/1-one/kep.yaml': kep('implementable', 'stage: alpha\n') });
    mkdirSync(join(root, 'keps/sig-cli'), { recursive: true });
    run('2021-03-01', 'mv', 'keps/sig-node/1-one', 'keps/sig-cli/1-one');
    run('2021-03-01', 'commit', '-q', '-m', 'moved');
    commit('2021-04-01', 'text', { 'keps/sig-cli/1-one/README.md': '# One' });
    run('2021-05-01', 'checkout', '-q', '-b', 'side', 'HEAD~1');
    commit('2021-05-01', 'on the side', { 'keps/sig-cli/1-one/kep.yaml': kep('imlpemented', 'stage: alpha\n') });
    run('2021-06-01', 'checkout', '-q', 'main');
    run('2021-06-01', 'merge', '-q', '--no-ff', '-m', 'Merge pull request #9 from a/side', 'side');
  });
  after(() => rmSync(root, { recursive: true }));

  const changes = (): readonly string[] =>
    historiesOf(root, readCheckout(folderTree(root)).keps)
      .get('1-one')!
      .changes.map((change) => `${change.time.slice(0, 10)} ${change.pullRequest ?? '-'} ${changeText(change)}`);

  test('is what changed in a KEP, through its places, at the day of the merge that brought it', () => {
    assert.deepEqual(changes(), [
      '2021-01-01 7 proposed',
      '2021-01-01 7 title: One & <two>',
      '2021-01-01 7 kep-number: 1',
      '2021-01-01 7 owning-sig: sig-node',
      '2021-01-01 7 status: provisional',
      '2021-02-01 - status: provisional → implementable',
      '2021-02-01 - stage: alpha',
      '2021-06-01 9 status: implementable → imlpemented',
    ]);
  });

  test('is the same whatever settings of git there are, and where a hook of another repository runs', () => {
    const expected = changes();
    const other = mkdtempSync(join(tmpdir(), 'nekube-kep-other-'));
    const settings = {
      'log.showRoot': 'false',
      'log.diffMerges': 'off',
      'diff.renames': 'false',
      'diff.orderFile': 'x',
    };
    try {
      execFileSync('git', ['init', '-q', '--bare', other]);
      process.env['GIT_DIR'] = other;
      process.env['GIT_CONFIG_COUNT'] = String(Object.keys(settings).length);
      Object.entries(settings).forEach(([key, value], i) => {
        process.env[`GIT_CONFIG_KEY_${i}`] = key;
        process.env[`GIT_CONFIG_VALUE_${i}`] = value;
      });
      assert.deepEqual(changes(), expected);
    } finally {
      for (const name of Object.keys(process.env)) if (/^GIT_(?:DIR|CONFIG_)/.test(name)) delete process.env[name];
      rmSync(other, { recursive: true });
    }
  });

  test('is none of a shallow clone, where all would begin with its oldest commit', () => {
    const clone = mkdtempSync(join(tmpdir(), 'nekube-kep-shallow-'));
    try {
      execFileSync('git', ['clone', '-q', '--depth', '1', `file://${root}`, clone], { stdio: 'ignore' });
      const { keps } = readCheckout(folderTree(clone));
      assert.throws(() => historiesOf(clone, keps), { name: 'GitError', message: /git fetch --unshallow/ });
      assert.throws(() => commitAt(clone, '2021-01-31'), { name: 'GitError', message: /shallow/ });
      assert.equal(checkoutContent(clone).keps.length, 1);
    } finally {
      rmSync(clone, { recursive: true });
    }
  });

  test('knows when something beside a KEP changed last', () => {
    const { keps } = readCheckout(gitTree(root, commitAt(root, '2021-04-30')));
    assert.equal(historiesOf(root, keps, commitAt(root, '2021-04-30')).get('1-one')?.changed, '2021-04-01T12:00:00Z');
  });

  for (const { moment, path, status } of [
    { moment: '2021-01-31', path: 'keps/sig-node/1-one', status: 'provisional' },
    { moment: '2021-02-01', path: 'keps/sig-node/1-one', status: 'implementable' },
    { moment: '2021-05-15', path: 'keps/sig-cli/1-one', status: 'implementable' },
    { moment: 'side', path: 'keps/sig-cli/1-one', status: 'imlpemented' },
    { moment: 'HEAD', path: 'keps/sig-cli/1-one', status: 'imlpemented' },
  ])
    test(`at ${moment} the main line had ${status}`, () => {
      const [own] = readCheckout(gitTree(root, commitAt(root, moment))).keps;
      assert.deepEqual([own!.path, own!.status ?? own!.written['status']], [path, status]);
    });

  for (const [moment, why] of [
    ['2020-12-31', 'nothing was there yet at 2020-12-31'],
    ['2021-02-30', '2021-02-30 is no day of the calendar'],
    ['2021-1-5', '"2021-1-5" is neither a day as 2006-01-31 nor a revision'],
    ['2021', '2021 is no day as 2021-12-31, and too short for the name of a commit'],
    ['no-such-branch', '"no-such-branch" is neither a day as 2006-01-31 nor a revision'],
    ['--output=/tmp/x', '"--output=/tmp/x" is neither a day as 2006-01-31 nor a revision'],
  ] as const)
    test(`${moment} is refused, and why`, () => {
      assert.throws(() => commitAt(root, moment), { name: 'GitError', message: why });
    });

  test('is a feed in which what one commit changed is one entry, and every text is escaped', () => {
    const { keps } = readCheckout(folderTree(root));
    const own = historiesOf(root, keps)
      .get('1-one')!
      .changes.map((change) => ({ kep: keps[0]!, change }));
    const atom = atomFeed(own);
    assert.equal(atom.match(/<entry>/g)?.length, 3);
    assert.match(atom, /<title>KEP-1 One &amp; &lt;two&gt;: status: implementable → imlpemented<\/title>/);
    assert.match(atom, /<updated>2021-06-01T12:00:00Z<\/updated>\n  <author>/);
    const { items } = jsonFeed(own) as { readonly items: readonly { readonly url: string }[] };
    assert.equal(items[0]!.url, 'https://github.com/kubernetes/enhancements/pull/9');
  });

  test('is cloned with the repository, and the clone is brought up to date', () => {
    const clone = `${root}-clone`;
    try {
      assert.equal(cloneRepository(`file://${root}`, clone), headOf(root));
      run('2021-07-01', 'commit', '-q', '--allow-empty', '-m', 'more');
      const commit = cloneRepository(`file://${root}`, clone);
      assert.equal(commit, headOf(root));
      assert.deepEqual(gitTree(clone, commit).files, gitTree(root, commit).files);
    } finally {
      rmSync(clone, { recursive: true, force: true });
    }
  });

  test('is cloned where another left a part of a clone or a lock, which go or do not matter', () => {
    const clone = `${root}-left`;
    const left = `${clone}.999999999.tmp`;
    mkdirSync(left);
    try {
      cloneRepository(`file://${root}`, clone);
      assert.equal(existsSync(left), false);
      run('2021-07-02', 'commit', '-q', '--allow-empty', '-m', 'and more');
      writeFileSync(join(clone, 'refs/heads/nekube.lock'), '');
      assert.equal(cloneRepository(`file://${root}`, clone), headOf(root));
    } finally {
      rmSync(clone, { recursive: true, force: true });
      rmSync(left, { recursive: true, force: true });
    }
  });

  test('is read of a bare repository as of a checkout, with its newest commit', () => {
    const bare = `${root}-bare`;
    try {
      execFileSync('git', ['clone', '-q', '--bare', root, bare], { stdio: 'ignore' });
      assert.equal(isCheckout(bare), true);
      assert.equal(isCheckout(join(bare, 'refs')), false);
      const [own, expected] = [checkoutContent(bare), checkoutContent(root)];
      assert.deepEqual([own.keps, own.findings, own.source], [expected.keps, expected.findings, expected.source]);
      assert.deepEqual(own.histories(), expected.histories());
      assert.deepEqual(own.keps.map(own.textOf), expected.keps.map(expected.textOf));
      assert.equal(checkoutContent(bare, { asOf: '2021-01-31' }).keps[0]!.status, 'provisional');
    } finally {
      rmSync(bare, { recursive: true, force: true });
    }
  });

  test('a bare repository without KEPs, or without a commit, is no checkout', () => {
    const bare = mkdtempSync(join(tmpdir(), 'nekube-kep-bare-'));
    try {
      execFileSync('git', ['init', '-q', '--bare', bare]);
      assert.equal(isCheckout(bare), false);
    } finally {
      rmSync(bare, { recursive: true });
    }
  });

  test('that is no repository is not cloned, and leaves nothing', () => {
    const clone = `${root}-none`;
    assert.throws(() => cloneRepository('file:///no/such/repository', clone), GitError);
    assert.equal(existsSync(clone), false);
  });

  test('a folder without a repository is refused', () => {
    const other = mkdtempSync(join(tmpdir(), 'nekube-kep-none-'));
    try {
      assert.throws(() => historiesOf(other, []), GitError);
    } finally {
      rmSync(other, { recursive: true });
    }
  });
});
