// Publishing to a disk that is full, or can only be read: it says so, loses nothing, and goes on when there is room. Needs to mount.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { publishIssue } from 'nekube/weekly';

const issue = (number, text) => ({
  number,
  language: 'en',
  title: 'Harbor Weekly',
  type: 'tech',
  topics: ['kubernetes'],
  published: true,
  introduction: [{ id: 'a', kind: 'paragraph', text }],
  sections: [],
});
const FILE = (number) => `harbor-weekly-000${number}.md`;
const TO = { format: 'markdown' };

/** A small disk, as long as the test; undefined where that is not allowed. */
function smallDisk(t) {
  const at = mkdtempSync(join(tmpdir(), 'nekube-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'nekube-weekly-test', at], { stdio: 'ignore' });
  } catch {
    rmdirSync(at);
    return t.skip('mounting is not allowed here');
  }
  t.after(() => {
    execFileSync('umount', [at]);
    rmdirSync(at);
  });
  return at;
}

/** Takes what is free but some pages. */
function fill(disk, pagesLeft) {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, 'filler'), Buffer.alloc(Math.max(0, bavail - pagesLeft) * bsize));
}

for (let pages = 0; pages < 6; pages++)
  test(`a disk with room for ${pages} pages: what was published stays whole, and the next run with room completes`, async (t) => {
    const disk = smallDisk(t);
    if (disk === undefined) return;
    const to = join(disk, 'site');
    mkdirSync(to);
    await publishIssue(issue(1, 'The first.'), { ...TO, to });
    const before = readFileSync(join(to, FILE(1)), 'utf8');
    fill(disk, pages);
    let failed;
    await publishIssue(issue(1, `The first. ${'More. '.repeat(1000)}`), { ...TO, to }).catch(
      (error) => (failed = error),
    );
    if (failed !== undefined) assert.match(failed.message, /^Cannot publish to ".*": the disk is full$/);
    assert.ok(failed !== undefined || pages > 2, 'six thousand letters and a journal do not fit');
    const there = readFileSync(join(to, FILE(1)), 'utf8');
    assert.ok(there === before || there.trimEnd().endsWith('More.'), 'a file is as it was, or whole');
    rmSync(join(disk, 'filler'), { force: true });
    await publishIssue(issue(1, 'The first, again.'), { ...TO, to });
    await publishIssue(issue(2, 'The second.'), { ...TO, to });
    assert.match(readFileSync(join(to, FILE(1)), 'utf8'), /The first, again\./);
    assert.deepEqual(readdirSync(to).sort(), ['.nekube-weekly', '.nekube-weekly.json', FILE(1), FILE(2)]);
    assert.deepEqual(readdirSync(join(to, '.nekube-weekly')), []);
  });

test('a disk that can only be read is told, and is as it was', async (t) => {
  const disk = smallDisk(t);
  if (disk === undefined) return;
  await publishIssue(issue(1, 'The first.'), { ...TO, to: disk });
  execFileSync('mount', ['-o', 'remount,ro', disk]);
  await assert.rejects(publishIssue(issue(1, 'Again.'), { ...TO, to: disk }), /: the disk can only be read$/);
  assert.match(readFileSync(join(disk, FILE(1)), 'utf8'), /The first\./);
});
