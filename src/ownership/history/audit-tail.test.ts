import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AuditTail } from './audit-tail.ts';

const folder = mkdtempSync(join(tmpdir(), 'nekube-tail-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

const line = (name: string): string =>
  `${JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    stage: 'ResponseComplete',
    verb: 'update',
    user: { username: 'alice' },
    objectRef: { resource: 'configmaps', namespace: 'shop', name },
    stageTimestamp: '2026-01-01T10:00:00Z',
  })}\n`;

function tailing() {
  const path = join(folder, `${files++}.log`);
  const told: string[] = [];
  const tail = new AuditTail(path, {
    onEntry: ({ name }) => told.push(name),
    onProblem: (text) => told.push(text.replace(folder, '')),
  });
  /** What is told by one look. */
  const read = async (): Promise<string[]> => {
    await tail.read();
    return told.splice(0);
  };
  return { path, tail, read };
}

test('a log is read from its beginning, and then as it grows, also by half a line', async () => {
  const { path, tail, read } = tailing();
  writeFileSync(path, line('a') + line('b'));
  assert.deepEqual(await read(), ['a', 'b']);
  assert.deepEqual(await read(), []);
  const next = line('c');
  appendFileSync(path, next.slice(0, 40));
  assert.deepEqual(await read(), []);
  appendFileSync(path, next.slice(40) + line('d'));
  assert.deepEqual(await read(), ['c', 'd']);
  await tail.close();
});

test('a broken line is told with its number, and passed over', async () => {
  const { path, tail, read } = tailing();
  writeFileSync(path, `${line('a')}{"kind":\n\n${line('b')}no event\n`);
  const [first, broken, second, other] = await read();
  assert.deepEqual([first, second], ['a', 'b']);
  assert.match(broken!, /^\/\d+\.log:2: not read: /);
  assert.match(other!, /^\/\d+\.log:5: not read: /);
  await tail.close();
});

test('a log that is rotated is read to its end, and the new one from its beginning', async () => {
  const { path, tail, read } = tailing();
  writeFileSync(path, line('a'));
  assert.deepEqual(await read(), ['a']);
  appendFileSync(path, line('b'));
  renameSync(path, `${path}.1`);
  writeFileSync(path, line('c'));
  assert.deepEqual(await read(), ['b', 'c']);
  truncateSync(path, 0);
  assert.deepEqual(await read(), []);
  appendFileSync(path, line('d'));
  assert.deepEqual(await read(), ['d']);
  await tail.close();
});

test('a log that is not there yet is told of once, and waited for', async () => {
  const { path, tail, read } = tailing();
  const [problem, ...rest] = await read();
  assert.match(problem!, /^Cannot read the audit log .*ENOENT.*; waiting for it$/);
  assert.deepEqual([...rest, ...(await read())], []);
  writeFileSync(path, line('a'));
  assert.deepEqual(await read(), ['a']);
  await tail.close();
});

test('a line across many reads, with letters of several bytes', async () => {
  const { path, tail, read } = tailing();
  const name = 'ü'.repeat(100_000);
  writeFileSync(path, line('a') + line(name) + line('b'));
  assert.deepEqual(await read(), ['a', name, 'b']);
  await tail.close();
});
