import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isRunning, makeFolder, makeTemporaryFolder, removeTemporaryFolder, writeWhole } from './index.ts';

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-files-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

test('folders that are missing are made, and the first of them is told', (t) => {
  const dir = folder(t);
  assert.equal(makeFolder(join(dir, 'a', 'b', 'c'), { mode: 0o700 }), join(dir, 'a'));
  for (const below of ['a', 'a/b', 'a/b/c']) assert.equal(statSync(join(dir, below)).mode & 0o777, 0o700);
  assert.equal(makeFolder(join(dir, 'a', 'b', 'd')), join(dir, 'a', 'b', 'd'));
});

test('a folder that is there stays as it is', (t) => {
  const dir = folder(t);
  chmodSync(dir, 0o750);
  assert.equal(makeFolder(dir, { mode: 0o700 }), undefined);
  assert.equal(statSync(dir).mode & 0o777, 0o750);
  assert.equal(makeFolder('/'), undefined);
});

test('a file in the way is told', (t) => {
  const file = join(folder(t), 'file');
  writeFileSync(file, '');
  assert.throws(() => makeFolder(file), { code: 'EEXIST' });
  assert.throws(() => makeFolder(join(file, 'a', 'b')), { code: 'ENOTDIR' });
});

test('below a folder that takes no folders it ends, and says which', { skip: !existsSync('/proc/self') }, () => {
  const message = 'Cannot make the folder "/proc/nekube": "/proc" takes no folders';
  for (const path of ['/proc/nekube', '/proc/nekube/a/b']) {
    assert.throws(() => makeFolder(path), { message });
    assert.throws(() => writeWhole(join(path, 'file'), 'text', { mode: 0o600 }), { message });
  }
});

test('a file is written whole, with its folder', (t) => {
  const path = join(folder(t), 'a', 'file');
  writeWhole(path, 'old', { mode: 0o600 });
  writeWhole(path, 'new', { mode: 0o600, folderMode: 0o700 });
  assert.equal(readFileSync(path, 'utf8'), 'new');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(dirname(path)), ['file']);
});

test('a file that cannot be put in its place leaves nothing behind', (t) => {
  const dir = folder(t);
  makeFolder(join(dir, 'taken', 'below'));
  assert.throws(() => writeWhole(join(dir, 'taken'), 'text', { mode: 0o600 }));
  assert.deepEqual(readdirSync(dir), ['taken']);
});

test('a process that has ended is not running', () => {
  assert.equal(isRunning(process.pid), true);
  assert.equal(isRunning(spawnSync(process.execPath, ['-e', '']).pid), false);
});

test('a large temporary folder goes, though nobody waits for it', { skip: process.platform === 'win32' }, async () => {
  const folder = makeTemporaryFolder('nekube-files-test', true);
  writeFileSync(join(folder, 'file'), '');
  removeTemporaryFolder(folder);
  while (existsSync(folder)) await new Promise((resolve) => setTimeout(resolve, 5));
});
