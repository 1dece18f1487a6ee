import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DamagedError, openLmdb, openMemory, restoreSnapshot, saveSnapshot } from './index.ts';
import { bytes, text, withDirectory } from './testing/fixtures.ts';

/** A store of some entries at revision 7, compacted nowhere. */
async function filled() {
  const storage = openMemory();
  await storage.write({ key: '/b', value: bytes('1') });
  await storage.write({ key: '/a', value: bytes('1'), ttlSeconds: 1e6 });
  await storage.write({ key: '/gone', value: bytes('1') });
  await storage.write({ key: '/b', value: bytes('2') });
  await storage.write({ key: '/empty', value: bytes('') });
  await storage.write({ key: '/gone', value: null });
  return storage;
}

test('a restored snapshot has the same entries at the same revisions', () =>
  withDirectory(async (dir) => {
    const storage = await filled();
    const file = join(dir, 'snapshot');
    const saved = await saveSnapshot(storage, file);
    assert.deepEqual(saved, { revision: 7, entries: 3, bytes: readFileSync(file).length });
    assert.equal(statSync(file).mode & 0o777, 0o600, 'secrets are in it');
    assert.deepEqual(await restoreSnapshot(file, join(dir, 'data')), saved);
    const restored = await openLmdb(join(dir, 'data'));
    const plain = (entries: typeof before) => entries.map((entry) => ({ ...entry, value: text(entry.value) }));
    const before = storage.range('').entries;
    assert.deepEqual(plain(restored.range('').entries), plain(before));
    assert.deepEqual([restored.revision, restored.compactedRevision], [7, 7]);
    const next = await restored.write({ key: '/c', value: bytes('1') });
    assert.equal(next.ok && next.revision, 8);
    await restored.close();
  }));

test('an empty store can be saved and restored', () =>
  withDirectory(async (dir) => {
    await saveSnapshot(openMemory(), join(dir, 'snapshot'));
    await restoreSnapshot(join(dir, 'snapshot'), join(dir, 'data'));
    const restored = await openLmdb(join(dir, 'data'));
    assert.equal(restored.revision, 1);
    await restored.close();
  }));

test('a snapshot is of one revision, whatever is written meanwhile', () =>
  withDirectory(async (dir) => {
    const storage = openMemory();
    for (let i = 0; i < 3000; i++) await storage.write({ key: `/${i}`, value: Buffer.alloc(1000, 'a') });
    const saving = saveSnapshot(storage, join(dir, 'snapshot'));
    for (let i = 0; i < 3000; i++) await storage.write({ key: `/${i}`, value: Buffer.alloc(1000, 'b') });
    assert.equal((await saving).revision, 3001);
    assert.equal(readFileSync(join(dir, 'snapshot')).includes('bbbb'), false);
  }));

test('only the snapshot is left, and an older one is replaced', () =>
  withDirectory(async (dir) => {
    writeFileSync(join(dir, 'snapshot'), 'older');
    await saveSnapshot(await filled(), join(dir, 'snapshot'));
    assert.deepEqual(readdirSync(dir), ['snapshot']);
    const path = join(dir, 'no', 'such', 'directory');
    await assert.rejects(saveSnapshot(openMemory(), path), { code: 'ENOENT', path });
  }));

test('a directory that holds something is not restored into', () =>
  withDirectory(async (dir) => {
    await saveSnapshot(await filled(), join(dir, 'snapshot'));
    await assert.rejects(
      restoreSnapshot(join(dir, 'snapshot'), dir),
      /Cannot restore into ".*": the directory is not empty/,
    );
    mkdirSync(join(dir, 'empty'));
    await restoreSnapshot(join(dir, 'snapshot'), join(dir, 'empty'));
  }));

const damages: readonly [what: string, damage: (bytes: Buffer) => Buffer, message: RegExp][] = [
  ['that was cut off', (file) => file.subarray(0, -1), /its checksum is wrong/],
  ['that was cut off in its first line', (file) => file.subarray(0, 20), /it is not a snapshot/],
  ['that is empty', () => Buffer.alloc(0), /it is not a snapshot/],
  ['with a changed byte', (file) => flip(file, file.length - 60), /its checksum is wrong/],
  ['with a changed revision', (file) => replace(file, '"revision":7', '"revision":8'), /its checksum is wrong/],
  ['of a newer format', (file) => replace(file, '"version":1', '"version":2'), /its format version 2 is newer than 1/],
  ['that is something else', () => Buffer.from('{"kind":"Pod"}\n'.repeat(10)), /it is not a snapshot/],
];
for (const [what, damage, message] of damages) {
  test(`a snapshot ${what} is refused, and nothing is restored`, () =>
    withDirectory(async (dir) => {
      const file = join(dir, 'snapshot');
      await saveSnapshot(await filled(), file);
      writeFileSync(file, damage(readFileSync(file)));
      await assert.rejects(restoreSnapshot(file, join(dir, 'data')), (error: unknown) => {
        assert.ok(error instanceof DamagedError, String(error));
        assert.match(error.message, message);
        return true;
      });
      assert.deepEqual(readdirSync(dir), ['snapshot']);
    }));
}

function flip(file: Buffer, at: number): Buffer {
  file[at]! ^= 1;
  return file;
}

function replace(file: Buffer, from: string, to: string): Buffer {
  return Buffer.from(file.toString('latin1').replace(from, to), 'latin1');
}
