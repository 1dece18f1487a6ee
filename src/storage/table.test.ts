import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DamagedError, LockedError, openLmdb, openTable, type Table } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'nekube-table-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let folders = 0;
const newFolder = (): string => join(folder, `${folders++}`);

const b = (text: string): Buffer => Buffer.from(text);
const all = (table: Table, from: string, to: string, reverse = false): string[] =>
  [...table.range({ from: b(from), to: b(to), reverse })].map(([key, value]) => `${key}=${value}`);

test('a range has its first key and not its last, whichever way it is read', async () => {
  const table = await openTable(newFolder());
  await table.write({ put: ['a', 'b', 'c', 'd'].map((key) => [b(key), b(key.toUpperCase())]) });
  assert.deepEqual(all(table, 'a', 'c'), ['a=A', 'b=B']);
  assert.deepEqual(all(table, 'a', 'c', true), ['b=B', 'a=A']);
  assert.deepEqual(all(table, 'b', 'bb', true), ['b=B']);
  assert.deepEqual(all(table, '0', 'z', true), ['d=D', 'c=C', 'b=B', 'a=A']);
  await table.close();
});

test('random writes and reads, compared with a map', async () => {
  const seed = Number(process.env.NEKUBE_SEED ?? 1);
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
  const dir = newFolder();
  const model = new Map<string, string>();
  let table = await openTable(dir);
  for (let round = 0; round < 60; round++) {
    const put = Array.from({ length: next(20) }, () => [`k${next(300)}`, 'v'.repeat(next(3000))] as const);
    const remove = Array.from({ length: next(15) }, () => `k${next(300)}`);
    for (const key of remove) model.delete(key);
    for (const [key, value] of put) model.set(key, value);
    await table.write({ put: put.map(([key, value]) => [b(key), b(value)]), remove: remove.map(b) });
    if (next(10) === 0) {
      await table.close();
      table = await openTable(dir);
    }
    const [from, to] = [`k${next(300)}`, `k${next(300)}`].sort() as [string, string];
    const expected = [...model].filter(([key]) => key >= from && key < to).sort(([x], [y]) => (x < y ? -1 : 1));
    const lines = expected.map(([key, value]) => `${key}=${value}`);
    assert.deepEqual(all(table, from, to), lines, `seed ${seed}, round ${round}`);
    assert.deepEqual(all(table, from, to, true), lines.reverse(), `seed ${seed}, round ${round}, reverse`);
  }
  await table.close();
});

test('a range that ends where it begins has nothing, whichever way it is read', async () => {
  const table = await openTable(newFolder());
  await table.write({ put: [[b('a'), b('1')]] });
  for (const [from, to] of [
    ['a', 'a'],
    ['b', 'a'],
  ] as const)
    assert.deepEqual([all(table, from, to), all(table, from, to, true)], [[], []]);
  await table.close();
});

test('one process writes, and others read what is there meanwhile', async () => {
  const dir = newFolder();
  const table = await openTable(dir);
  await table.write({ put: [[b('a'), b('1')]] });
  await assert.rejects(openTable(dir), (error) => error instanceof LockedError && error.pid === process.pid);
  const reader = await openTable(dir, { readOnly: true });
  assert.equal(String(reader.get(b('a'))), '1');
  await assert.rejects(reader.write({ put: [[b('a'), b('2')]] }), /it was opened read-only$/);
  await reader.close();
  await table.close();
  assert.equal(statSync(join(dir, 'data.mdb')).mode & 0o077, 0);
});

test('a table is no storage, and a storage no table', async () => {
  const dir = newFolder();
  await (await openTable(dir)).close();
  await assert.rejects(openLmdb(dir), /does not describe the format nekube-storage/);
  const other = newFolder();
  await (await openLmdb(other)).close();
  await assert.rejects(openTable(other), /does not describe the format nekube-table/);
  await assert.rejects(openTable(newFolder(), { readOnly: true }), DamagedError);
});

test('what was acknowledged is there after a kill at any time', async () => {
  const dir = newFolder();
  const program = join(folder, 'writer.mjs');
  const door = new URL('./index.js', import.meta.url).href;
  writeFileSync(
    program,
    `import { openTable } from ${JSON.stringify(door)};
     const table = await openTable(process.argv[2]);
     let last = 0;
     for (const [key] of table.range({ from: Buffer.from('k'), to: Buffer.from('l') })) last = Number(String(key).slice(1));
     for (let i = last + 1; ; i++) {
       const put = [[Buffer.from('k' + String(i).padStart(8, '0')), Buffer.alloc(i % 5000, i)]];
       await table.write({ put });
       process.stdout.write(i + '\\n');
     }`,
  );
  let acknowledged = 0;
  for (let kill = 1; kill <= 4; kill++) {
    const writer = spawn(process.execPath, [program, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(writer, 'exit');
    let rest = '';
    for await (const part of writer.stdout) {
      const lines = (rest + part).split('\n');
      rest = lines.pop()!;
      acknowledged = Math.max(acknowledged, ...lines.map(Number));
      if (acknowledged >= kill * 40) writer.kill('SIGKILL');
    }
    // its output ends a little before it does
    await exited;
  }
  const table = await openTable(dir);
  const keys = [...table.range({ from: b('k'), to: b('l') })].map(([key]) => Number(String(key).slice(1)));
  assert.ok(keys.length >= acknowledged && acknowledged >= 160, `${keys.length} of ${acknowledged}`);
  assert.deepEqual(
    keys,
    keys.map((_, i) => i + 1),
  );
  await table.close();
});
