import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CompactedError, DamagedError, LockedError, openLmdb, StorageFullError } from './index.ts';
import { bytes, FakeClock, line, record, text, turns, withDirectory } from './testing/fixtures.ts';

const writerProgram = fileURLToPath(new URL('./testing/writer.js', import.meta.url));

describe('reopened data', () => {
  test('values, revisions and history are as before, and watches resume', () =>
    withDirectory(async (dir) => {
      const before = await openLmdb(dir);
      await before.write({ key: '/a', value: bytes('1') });
      await before.write({ key: '/a', value: bytes('2') });
      await before.write({ key: '/b', value: bytes('1'), ttlSeconds: 1000 });
      await before.write({ key: '/a', value: null });
      await before.write({ key: '/a', value: bytes('3') });
      await before.compact(3);
      const entries = before.range('').entries;
      const stats = before.stats;
      await before.close();
      const after = await openLmdb(dir);
      assert.deepEqual(plain(after.range('').entries), plain(entries));
      assert.deepEqual(after.stats, stats);
      assert.deepEqual([after.revision, after.compactedRevision], [6, 3]);
      assert.equal(text(after.get('/a', { revision: 4 })!.value), '2');
      assert.throws(() => after.get('/a', { revision: 2 }), CompactedError);
      const watched = record(after, '/', 3);
      await turns();
      assert.deepEqual(watched.events.map(line), ['+/b=1@4', '-/a@5 (was 2)', '+/a=3@6']);
      await after.close();
    }));

  test('revisions are not used again when all that they made was deleted and compacted', () =>
    withDirectory(async (dir) => {
      const before = await openLmdb(dir);
      await before.write({ key: '/a', value: bytes('1') });
      await before.write({ key: '/a', value: null });
      await before.compact(3);
      await before.close();
      const after = await openLmdb(dir);
      assert.deepEqual([after.revision, after.compactedRevision], [3, 3]);
      const result = await after.write({ key: '/a', value: bytes('2') });
      assert.equal(result.ok && result.revision, 4);
      await after.close();
    }));

  test('what expired while it was closed is deleted', () =>
    withDirectory(async (dir) => {
      const clock = new FakeClock();
      const before = await openLmdb(dir, { clock });
      await before.write({ key: '/a', value: bytes('1'), ttlSeconds: 10 });
      await before.close();
      clock.advance(60_000);
      const after = await openLmdb(dir, { clock });
      clock.advance(1);
      await after.settled(3);
      assert.equal(after.get('/a'), undefined);
      await after.close();
    }));

  test('a picture of the data can be opened while another has it, and cannot be written', () =>
    withDirectory(async (dir) => {
      const owner = await openLmdb(dir);
      await owner.write({ key: '/a', value: bytes('1') });
      const picture = await openLmdb(dir, { readOnly: true });
      await owner.write({ key: '/a', value: bytes('2') });
      assert.equal(text(picture.get('/a')!.value), '1');
      await assert.rejects(picture.write({ key: '/b', value: bytes('1') }), /was opened read-only/);
      await picture.close();
      await owner.close();
    }));
});

describe('kill -9', () => {
  test('all acknowledged writes are there, nothing half-written, no revision used twice', () =>
    withDirectory(async (dir) => {
      const acknowledged = new Map<string, Acknowledged>();
      let newest = 1;
      for (let round = 0; round < 4; round++) {
        const first = await killedWriter(dir, round, acknowledged);
        assert.ok(first > newest, `revision ${first} after ${newest}`);
        const storage = await openLmdb(dir);
        for (const [key, { revision, value }] of acknowledged) {
          const entry = storage.get(key);
          assert.ok(entry && entry.modRevision >= revision, `${key}@${revision}`);
          if (entry.modRevision === revision) assert.equal(text(entry.value), value);
          assert.match(text(entry.value), /^(\d+-\d+-\d+)(\|\1)*$/);
          newest = Math.max(newest, revision);
        }
        newest = Math.max(newest, storage.revision);
        await storage.close();
      }
      assert.ok(acknowledged.size > 0);
    }));

  test('the lock of a killed process does not hold', () =>
    withDirectory(async (dir) => {
      const child = await startWriter(dir, 0);
      child.kill('SIGKILL');
      await once(child, 'exit');
      await (await openLmdb(dir)).close();
    }));

  test('a creation that was interrupted is begun again', () =>
    withDirectory(async (dir) => {
      writeFileSync(join(dir, 'format.json.creating'), '');
      writeFileSync(join(dir, 'data.mdb'), 'half');
      const storage = await openLmdb(dir);
      assert.equal(storage.revision, 1);
      await storage.close();
    }));
});

describe('a directory in use', () => {
  test('is refused to another process, naming the one that has it', () =>
    withDirectory(async (dir) => {
      const child = await startWriter(dir, 0);
      await assert.rejects(openLmdb(dir), (error: unknown) => {
        assert.ok(error instanceof LockedError);
        assert.equal(error.message, `Cannot open storage "${dir}": it is in use by process ${child.pid}`);
        return true;
      });
      child.kill('SIGKILL');
      await once(child, 'exit');
    }));

  test('is refused to the same process, and free again after close', () =>
    withDirectory(async (dir) => {
      const storage = await openLmdb(dir);
      await assert.rejects(openLmdb(dir), LockedError);
      await storage.write({ key: '/a', value: bytes('1') });
      await storage.close();
      await (await openLmdb(dir)).close();
    }));

  test('is free if the process id now belongs to another process', () =>
    withDirectory(async (dir) => {
      const storage = await openLmdb(dir);
      const [name] = readdirSync(join(dir, 'owners'));
      const claim = JSON.parse(readFileSync(join(dir, 'owners', name!), 'utf8'));
      await storage.close();
      writeFileSync(join(dir, 'owners', 'old'), JSON.stringify({ ...claim, pid: process.ppid, started: '1' }));
      await (await openLmdb(dir)).close();
      assert.deepEqual(readdirSync(join(dir, 'owners')), []);
    }));

  const foreign: readonly [what: string, ageMs: number, held: boolean][] = [
    ['held by a container whose processes cannot be seen, as long as it says so', 1000, true],
    ['free if that container has not said so for long', 60_000, false],
  ];
  for (const [what, ageMs, held] of foreign) {
    test(`is ${what}`, () =>
      withDirectory(async (dir) => {
        const file = join(dir, 'owners', '1-x');
        mkdirSync(join(dir, 'owners'));
        writeFileSync(file, JSON.stringify({ pid: 1, started: '1', scope: 'elsewhere' }));
        utimesSync(file, new Date(Date.now() - ageMs), new Date(Date.now() - ageMs));
        if (held) await assert.rejects(openLmdb(dir), LockedError);
        else await (await openLmdb(dir)).close();
      }));
  }
});

describe('data that cannot be understood', () => {
  const rows: readonly [what: string, damage: (dir: string) => void, message: RegExp][] = [
    [
      'of a newer format',
      (dir) => writeFileSync(join(dir, 'format.json'), '{"format":"nekube-storage","version":2}'),
      /^Cannot read "[^"]*": its format version 2 is newer than 1, which is the newest this nekube knows$/,
    ],
    [
      'with a broken format file',
      (dir) => writeFileSync(join(dir, 'format.json'), '{'),
      /format\.json": it is not a format/,
    ],
    ['without a format file', (dir) => rmSync(join(dir, 'format.json')), /data\.mdb": its format file is missing/],
    ['without its file', (dir) => rmSync(join(dir, 'data.mdb')), /data\.mdb": the file is missing/],
    ['with an empty file', (dir) => writeFileSync(join(dir, 'data.mdb'), ''), /data\.mdb": it is not a database/],
    ['that was overwritten', (dir) => writeFileSync(join(dir, 'data.mdb'), 'x'.repeat(50_000)), /it is not a database/],
    ['that was cut off', (dir) => truncateSync(join(dir, 'data.mdb'), 20_000), /it was cut off: it has 20000 bytes/],
    ['with overwritten pages', (dir) => overwriteBytes(dir, 16_384, 160_000), /data\.mdb": its page \d+ is damaged/],
    ['with a changed value', (dir) => overwrite(dir, 'needle', 'noodle'), /the record of revision 7 is damaged/],
  ];
  for (const [what, damage, message] of rows) {
    test(`${what} is reported with its path, and not touched`, () =>
      withDirectory(async (dir) => {
        const storage = await openLmdb(dir);
        for (let i = 0; i < 20; i++) {
          await storage.write({ key: `/${i}`, value: bytes(i === 5 ? 'needle' : 'x'.repeat(2000)) });
        }
        await storage.close();
        damage(dir);
        const damaged = contents(dir);
        await assert.rejects(openLmdb(dir), (error: unknown) => {
          assert.ok(error instanceof DamagedError, String(error));
          assert.match(error.message, message);
          return true;
        });
        assert.deepEqual(contents(dir), damaged);
      }));
  }
});

test('a full disk refuses writes, goes on serving reads, and takes writes again when there is room', (t) =>
  withDirectory(async (dir) => {
    const disk = mountTinyDisk(join(dir, 'disk'), '4m');
    if (!disk) return t.skip('mounting a small file system needs root on Linux');
    try {
      writeFileSync(join(disk.path, 'filler'), Buffer.alloc(1024 * 1024));
      const storage = await openLmdb(join(disk.path, 'data'));
      let written = 0;
      const fill = async (): Promise<never> => {
        for (;;) {
          await Promise.all(
            [0, 1, 2, 3].map((i) => storage.write({ key: `/${written + i}`, value: Buffer.alloc(10_000) })),
          );
          written += 4;
        }
      };
      for (let i = 0; i < 3; i++) await assert.rejects(fill(), StorageFullError);
      assert.ok(written >= 100, `${written} writes`);
      assert.equal(storage.range('/').entries.length, written);
      assert.equal(storage.get(`/${written - 1}`)!.value.length, 10_000);
      rmSync(join(disk.path, 'filler'));
      assert.equal((await storage.write({ key: '/later', value: bytes('1') })).ok, true);
      await storage.close();
      const reopened = await openLmdb(join(disk.path, 'data'));
      assert.equal(reopened.range('/').entries.length, written + 1);
      await reopened.close();
    } finally {
      disk.unmount();
    }
  }));

interface Acknowledged {
  readonly revision: number;
  readonly value: string;
}

/** Starts a process that writes to a directory without end; it has begun when this resolves. */
async function startWriter(dir: string, round: number): Promise<ChildProcess> {
  const child = fork(writerProgram, [dir, String(round)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await once(child, 'message');
  return child;
}

/** Runs a writer until so much was acknowledged, and kills it. Notes what that was; returns the first revision. */
async function killedWriter(dir: string, round: number, acknowledged: Map<string, Acknowledged>): Promise<number> {
  const child = await startWriter(dir, round);
  let first = Number.POSITIVE_INFINITY;
  let count = 0;
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the writer ended with ${code}`)));
    child.on('message', ([key, value, revision]: [string, string, number]) => {
      first = Math.min(first, revision);
      const before = acknowledged.get(key);
      if (!before || before.revision < revision) acknowledged.set(key, { revision, value });
      if (++count === 300 + 111 * round) resolve();
    });
  });
  child.kill('SIGKILL');
  await once(child, 'close');
  return first;
}

function plain(entries: readonly { readonly value: Uint8Array }[]): unknown[] {
  return entries.map((entry) => ({ ...entry, value: text(entry.value) }));
}

/** All files of a directory, but for those that say who looks at it. */
function contents(dir: string): Record<string, string> {
  const names = readdirSync(dir).filter((name) => name !== 'lock.mdb' && statSync(join(dir, name)).isFile());
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(dir, name), 'latin1')]));
}

function overwrite(dir: string, from: string, to: string): void {
  const file = join(dir, 'data.mdb');
  writeFileSync(file, readFileSync(file, 'latin1').replaceAll(from, to), 'latin1');
}

function overwriteBytes(dir: string, from: number, to: number): void {
  const file = join(dir, 'data.mdb');
  writeFileSync(file, readFileSync(file).fill(0xaa, from, to));
}

/** A file system of so many bytes in memory; undefined if it cannot be had. */
function mountTinyDisk(path: string, size: string): { path: string; unmount: () => void } | undefined {
  try {
    mkdirSync(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return { path, unmount: () => execFileSync('umount', [path]) };
}
