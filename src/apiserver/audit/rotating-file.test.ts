import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { RotatingFile, type RotationOptions } from './rotating-file.ts';

const folders: string[] = [];
let folder = '';
let now = new Date('2026-01-02T03:04:05.678Z');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nekube-rotate-'));
  folders.push(folder);
  now = new Date('2026-01-02T03:04:05.678Z');
});
after(() => folders.forEach((one) => rmSync(one, { recursive: true, force: true })));

function open(options: Partial<RotationOptions> = {}): RotatingFile {
  const all = { maxBytes: 10, maxBackups: 0, maxAgeDays: 0, compress: false, now: () => now, ...options };
  return new RotatingFile(join(folder, 'deep', 'audit.log'), all);
}

function files(): string[] {
  return readdirSync(join(folder, 'deep')).sort();
}

function read(name: string): string {
  return readFileSync(join(folder, 'deep', name), 'utf8');
}

test('a file that would become too large is put aside with the time in its name', async () => {
  const file = open();
  file.write('12345\n');
  file.write('6789\n');
  await file.close();
  assert.deepEqual(files(), ['audit-2026-01-02T03-04-05.678.log', 'audit.log']);
  assert.equal(read('audit.log'), '6789\n');
  assert.equal(read('audit-2026-01-02T03-04-05.678.log'), '12345\n');
});

test('files are for their owner only', async () => {
  const file = open({ compress: true });
  file.write('12345\n');
  file.write('6789\n');
  await file.close();
  const modes = files().map((name) => statSync(join(folder, 'deep', name)).mode & 0o777);
  assert.deepEqual(modes, [0o600, 0o600]);
  assert.equal(statSync(join(folder, 'deep')).mode & 0o777, 0o700);
});

test('an existing file is appended to, and counts', async () => {
  const first = open();
  first.write('1234\n');
  await first.close();
  const second = open();
  second.write('56789\n');
  await second.close();
  assert.equal(files().length, 2);
});

test('a file without a limit grows', async () => {
  const file = open({ maxBytes: 0 });
  for (let i = 0; i < 5; i++) file.write('123456789\n');
  await file.close();
  assert.deepEqual(files(), ['audit.log']);
});

test('a text that no file may hold is refused, and others go on', async () => {
  const file = open();
  assert.throws(() => file.write('12345678901'), { message: 'write length 11 exceeds maximum file size 10' });
  file.write('1\n');
  await file.close();
  assert.equal(read('audit.log'), '1\n');
});

test('old files beyond a number go, the oldest first', async () => {
  const file = open({ maxBackups: 2 });
  for (let i = 0; i < 5; i++) {
    file.write(`line ${i}\n`);
    now = new Date(now.getTime() + 1000);
  }
  await file.close();
  assert.deepEqual(files().map(read), ['line 2\n', 'line 3\n', 'line 4\n']);
});

test('old files beyond an age go; what has another name stays', async () => {
  const file = open({ maxAgeDays: 1 });
  writeFileSync(join(folder, 'deep', 'audit-2025-12-31T00-00-00.000.log'), 'old');
  writeFileSync(join(folder, 'deep', 'audit-2026-01-02T00-00-00.000.log'), 'new');
  writeFileSync(join(folder, 'deep', 'audit-notes.log'), 'mine');
  file.write('12345\n');
  file.write('6789\n');
  await file.close();
  assert.deepEqual(files(), [
    'audit-2026-01-02T00-00-00.000.log',
    'audit-2026-01-02T03-04-05.678.log',
    'audit-notes.log',
    'audit.log',
  ]);
});

test('old files are compressed', async () => {
  const file = open({ compress: true });
  file.write('12345\n');
  file.write('6789\n');
  await file.close();
  const [packed] = files();
  assert.equal(packed, 'audit-2026-01-02T03-04-05.678.log.gz');
  assert.equal(gunzipSync(readFileSync(join(folder, 'deep', packed!))).toString(), '12345\n');
});

test('two files that are put aside in the same millisecond are both kept', async () => {
  const file = open();
  for (const line of ['11111\n', '22222\n', '33333\n']) file.write(line);
  await file.close();
  assert.deepEqual(files().map(read).sort(), ['11111\n', '22222\n', '33333\n']);
});
