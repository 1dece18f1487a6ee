import assert from 'node:assert/strict';
import fs, { existsSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import { withDirectory } from '../testing/fixtures.ts';
import { Journal } from './journal.ts';

/** Replaces functions of the file system while something runs. */
async function withFs(replaced: Partial<typeof fs>, use: () => Promise<void> | void): Promise<void> {
  for (const [name, call] of Object.entries(replaced)) mock.method(fs, name as 'fsyncSync', call as never);
  syncBuiltinESMExports();
  try {
    await use();
  } finally {
    mock.restoreAll();
    syncBuiltinESMExports();
  }
}

function open(dir: string, fsync: boolean, revisions: number[] = []): Journal {
  return Journal.open(dir, {
    fsync,
    onRecord: ({ revision }) => revisions.push(revision),
    onFailure: (error) => assert.fail(error),
  });
}

const { closeSync, fsyncSync, openSync } = fs;

for (const [fsync, expected] of [
  [true, 2],
  [false, 0],
] as const)
  test(`a new journal is ${fsync ? '' : 'not '}entered in its directory for good, ${fsync ? 'with' : 'without'} fsync`, () =>
    withDirectory(async (parent) => {
      let synced = 0;
      const counting = (fd: number): void => {
        if (fs.fstatSync(fd).isDirectory()) synced++;
        fsyncSync(fd);
      };
      await withFs({ fsyncSync: counting }, async () => {
        await open(join(parent, 'data'), fsync).close();
        assert.equal(synced, expected);
        await open(join(parent, 'data'), fsync).close();
      });
      assert.equal(synced, expected, 'nothing is new at the second start');
    }));

test('a journal that cannot be written anew goes on as it was, and leaves nothing behind', () =>
  withDirectory(async (dir) => {
    const journal = open(dir, true);
    journal.append({ revision: 2 });
    await journal.flushed();
    const files = new Set<number>();
    const replaced = {
      openSync: ((path, flags, mode) => {
        const fd = openSync(path, flags!, mode);
        files.add(fd);
        return fd;
      }) as typeof openSync,
      closeSync: (fd: number) => {
        files.delete(fd);
        closeSync(fd);
      },
      renameSync: () => {
        throw new Error('no space left');
      },
    };
    await withFs(replaced, () => assert.throws(() => journal.rewrite([{ revision: 9 }]), /no space left/));
    assert.deepEqual([...files], []);
    assert.ok(!existsSync(join(dir, 'journal.new')));
    journal.append({ revision: 3 });
    await journal.close();
    const revisions: number[] = [];
    await open(dir, true, revisions).close();
    assert.deepEqual(revisions, [2, 3]);
  }));
