import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { ContainerLog, containerLogPath, rotatedLogs } from './container-logs.ts';

test('a log that is full several times within a second keeps what was said, in order', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-logs-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, 'c', '0.log');
  const log = new ContainerLog(path, () => Date.UTC(2026, 0, 1, 23, 59, 58), { maxBytes: 60, maxFiles: 4 });
  await log.follow(Readable.from([Buffer.from('one\ntwo\nthree\nfour\nfive\n')]), 'stdout');
  await log.close();
  const files = [...rotatedLogs(path), path];
  assert.deepEqual(
    files.map((file) => readFileSync(file, 'utf8').trim().split(' ').at(-1)),
    ['two', 'three', 'four', 'five'],
  );
  assert.deepEqual(files.map((file) => basename(file)).slice(0, 3), [
    '0.log.20260101-235959',
    '0.log.20260102-000000',
    '0.log.20260102-000001',
  ]);
});

const uid = '01234567-89ab-cdef-0123-456789abcdef';
const folders: readonly { readonly name: string; readonly pod: string; readonly folder: string }[] = [
  { name: 'an ordinary pod', pod: 'web-0', folder: `default_web-0_${uid}` },
  { name: 'a pod whose name is as long as can be', pod: 'a'.repeat(253), folder: `default_${'a'.repeat(210)}_${uid}` },
];
for (const { name, pod, folder } of folders)
  test(`the logs of ${name} have a folder that can be made`, () => {
    assert.equal(
      containerLogPath('/logs', { namespace: 'default', name: pod, uid }, 'c', 1),
      `/logs/${folder}/c/1.log`,
    );
    assert.ok(folder.length <= 255);
  });
