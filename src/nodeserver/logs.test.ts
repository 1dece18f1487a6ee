import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import { LogWriter, parseLogLine } from './log-lines.ts';
import { logTarget } from './log-target.ts';
import { readLog } from './read-log.ts';

const dir = mkdtempSync(join(tmpdir(), 'nekube-logs-'));
after(() => rmSync(dir, { recursive: true }));

const ended = { terminated: { containerID: 'x://1' } };
const targets: readonly (readonly [name: string, status: object, previous: boolean, expected: object])[] = [
  ['one that runs', { restartCount: 2, state: { running: {} } }, false, { restartCount: 2, isRunning: true }],
  ['one that ended', { restartCount: 0, state: ended }, false, { restartCount: 0, isRunning: false }],
  [
    'one that waits to run again',
    { restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: ended },
    false,
    { restartCount: 3, isRunning: false },
  ],
  [
    'the run before of one that runs',
    { restartCount: 3, state: { running: {} }, lastState: ended },
    true,
    { restartCount: 2, isRunning: false },
  ],
  [
    'the run before of one that waits',
    { restartCount: 3, state: { waiting: {} }, lastState: ended },
    true,
    { restartCount: 3, isRunning: false },
  ],
  [
    'the run before of the first',
    { state: { running: {} } },
    true,
    { problem: 'previous terminated container "c" in pod "p" not found' },
  ],
  [
    'one whose image cannot be pulled',
    { state: { waiting: { reason: 'ErrImagePull' } } },
    false,
    { problem: 'container "c" in pod "p" is waiting to start: image can\'t be pulled' },
  ],
  [
    'one whose image is tried again',
    { state: { waiting: { reason: 'ImagePullBackOff' } } },
    false,
    { problem: 'container "c" in pod "p" is waiting to start: trying and failing to pull image' },
  ],
  [
    'one that is being made',
    { state: { waiting: { reason: 'ContainerCreating' } } },
    false,
    { problem: 'container "c" in pod "p" is waiting to start: ContainerCreating' },
  ],
  ['one of no state', {}, false, { problem: 'container "c" in pod "p" is waiting to start - no logs yet' }],
  [
    'one that ended without a run',
    { state: { terminated: {} } },
    false,
    { problem: 'container "c" in pod "p" is terminated' },
  ],
];
for (const [name, status, previous, expected] of targets)
  test(`the log of ${name} is found or explained`, () => {
    const pod = { metadata: { name: 'p' }, status: { containerStatuses: [{ name: 'c', ...status }] } };
    assert.deepEqual(logTarget(pod as unknown as KubeObject, 'c', previous), expected);
  });

test('the log of a container without a status is not available', () => {
  const pod = { metadata: { name: 'p' } } as unknown as KubeObject;
  assert.deepEqual(logTarget(pod, 'c', false), { problem: 'container "c" in pod "p" is not available' });
});

const line = (text: string, second = 0, stream = 'stdout', tag = 'F'): string =>
  `2026-01-01T00:00:${String(second).padStart(2, '0')}.123456789Z ${stream} ${tag} ${text}\n`;

test('lines are chosen and written as they are asked for', () => {
  const lines = [line('a', 1), line('b', 2, 'stderr'), line('c', 3, 'stdout', 'P'), line('d', 3)];
  const written = (options: object): string => {
    const writer = new LogWriter({ follow: false, timestamps: false, ...options });
    return lines.map((one) => writer.write(parseLogLine(Buffer.from(one.trimEnd()))!).toString()).join('');
  };
  assert.equal(written({}), 'a\nb\ncd\n');
  assert.equal(written({ stream: 'stderr' }), 'b\n');
  assert.equal(written({ since: Date.parse('2026-01-01T00:00:02Z') }), 'b\ncd\n');
  assert.equal(written({ limitBytes: 3 }), 'a\nb');
  assert.equal(
    written({ timestamps: true, stream: 'stdout' }),
    '2026-01-01T00:00:01.123456789Z a\n2026-01-01T00:00:03.123456789Z cd\n',
  );
  assert.equal(parseLogLine(Buffer.from('no line')), undefined);
});

async function texts(path: string, options: object = {}): Promise<string[]> {
  const read: string[] = [];
  for await (const { text } of readLog(path, { signal: new AbortController().signal, ...options }))
    read.push(text.toString());
  return read;
}

test('what was rotated is read first, and tail counts over all', async () => {
  const path = join(dir, 'rotated', '0.log');
  mkdirSync(join(dir, 'rotated'));
  writeFileSync(`${path}.20260101-000000`, line('one') + line('two'));
  writeFileSync(path, line('three', 0, 'stdout', 'P') + line('!'));
  assert.deepEqual(await texts(path), ['one', 'two', 'three', '!']);
  assert.deepEqual(await texts(path, { tailLines: 2 }), ['two', 'three', '!']);
  assert.deepEqual(await texts(path, { tailLines: 0 }), []);
  assert.deepEqual(await texts(join(dir, 'none', '0.log')), []);
});

test('a log that is followed goes on over a rotation, until its container ends', async () => {
  const path = join(dir, 'followed', '0.log');
  mkdirSync(join(dir, 'followed'));
  writeFileSync(path, line('one'));
  let end: () => void = () => {};
  const until = new Promise<void>((resolve) => (end = resolve));
  const read: string[] = [];
  const signal = new AbortController().signal;
  for await (const { text } of readLog(path, { until, signal })) {
    read.push(text.toString());
    if (read.length === 1) appendFileSync(path, line('two'));
    if (read.length === 2) {
      renameSync(path, `${path}.20260101-000000`);
      writeFileSync(path, line('three'));
    }
    if (read.length === 3) {
      appendFileSync(path, line('four'));
      end();
    }
  }
  assert.deepEqual(read, ['one', 'two', 'three', 'four']);
});

test('a log that is followed ends with its reader', async () => {
  const path = join(dir, 'left', '0.log');
  mkdirSync(join(dir, 'left'));
  writeFileSync(path, line('one'));
  const leaving = new AbortController();
  for await (const _ of readLog(path, { until: new Promise(() => {}), signal: leaving.signal })) leaving.abort();
});
