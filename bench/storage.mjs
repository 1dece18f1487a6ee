// The stores alone: reads, durable writes, watches, opening.
//
//   npm run bench -- storage [--quick] [--record]
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openLmdb, openMemory } from 'nekube/storage';
import { rate } from './client.mjs';
import { median, printTable, recorded, recordFigures, short } from './table.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, record: { type: 'boolean', default: false } },
});
const rounds = options.quick ? 3 : 7;
const seconds = options.quick ? 0.3 : 1;
const entries = 10_000;
const keyOf = (i) => `/registry/configmaps/ns-${i % 10}/object-${i}`;
const figures = {};
const rows = [['', 'median', 'spread', 'recorded']];
const before = recorded('storage');

function note(name, unit, numbers) {
  figures[name] = Number(median(numbers).toPrecision(3));
  const spread = `${short(Math.min(...numbers))}–${short(Math.max(...numbers))}`;
  rows.push([name, `${short(median(numbers))} ${unit}`, spread, before[name] === undefined ? '' : short(before[name])]);
}

/** How long one call takes, in microseconds, in each of some rounds. */
function callTimes(calls, call) {
  return Array.from({ length: rounds }, () => {
    const began = performance.now();
    for (let i = 0; i < calls; i++) call(i);
    return ((performance.now() - began) * 1000) / calls;
  });
}

async function fill(storage) {
  for (let from = 0; from < entries; from += 500) {
    const batch = Array.from({ length: 500 }, (_, i) => (from + i) * 7919);
    await Promise.all(batch.map((i) => storage.write({ key: keyOf(i % entries), value: Buffer.alloc(1024, 'x') })));
  }
}

function measureReads(storage) {
  note(
    'get',
    'µs',
    callTimes(100_000, (i) => storage.get(keyOf(i % 100))),
  );
  note(
    'range of 1,000 of 10,000',
    'µs',
    callTimes(200, () => storage.range('/registry/configmaps/ns-3/')),
  );
  note(
    'first 1,000 of 10,000, counting the rest',
    'µs',
    callTimes(100, () => storage.range('/registry/', { limit: 1000 })),
  );
}

async function measureWrites(name, storage) {
  for (const writers of [1, 16, 64]) {
    const rates = [];
    for (let round = 0; round < Math.ceil(rounds / 2); round++) {
      const write = (_, writer) => storage.write({ key: keyOf(writer), value: Buffer.alloc(2048, 'x') });
      rates.push((await rate(writers, seconds, write)).perSecond);
    }
    note(`${name}: writes of 2 KB, ${writers} writer${writers === 1 ? '' : 's'}`, '/s', rates);
  }
}

/** Writes that 200 watchers see, while 10,000 others wait for something else. */
async function measureWatches(storage) {
  let events = 0;
  const onEvents = (batch) => {
    events += batch.length;
  };
  const watch = (prefix) => storage.watch({ prefix, after: storage.revision, onEvents, onError: () => {} });
  const watches = Array.from({ length: 200 }, () => watch('/watched/'));
  for (let i = 0; i < entries; i++) watches.push(watch(`/idle/${i % 500}/`));
  const rates = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    const want = events + 200 * 500;
    for (let i = 0; i < 500; i++) void storage.write({ key: `/watched/${i}`, value: Buffer.alloc(10) });
    while (events < want) await new Promise((resume) => setImmediate(resume));
    rates.push((200 * 500) / ((performance.now() - began) / 1000));
  }
  for (const one of watches) one.close();
  note('memory: events to 200 of 10,200 watches', '/s', rates);
}

async function measureOpening(dir) {
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    const storage = await openLmdb(dir);
    times.push(performance.now() - began);
    await storage.close();
  }
  note('lmdb: opening 10,000 entries', 'ms', times);
}

const dir = mkdtempSync(join(tmpdir(), 'nekube-bench-'));
try {
  const memory = openMemory();
  await fill(memory);
  measureReads(memory);
  await measureWrites('memory', memory);
  await measureWatches(memory);
  await memory.close();
  const lmdb = await openLmdb(join(dir, 'data'));
  await fill(lmdb);
  await lmdb.compact(lmdb.revision);
  await lmdb.close();
  await measureOpening(join(dir, 'data'));
  const again = await openLmdb(join(dir, 'data'));
  await measureWrites('lmdb', again);
  await again.close();
  printTable(rows);
  if (options.record)
    recordFigures(
      'storage',
      `${availableParallelism()} × ${cpus()[0].model.trim()}, Node ${process.versions.node}`,
      figures,
    );
} finally {
  rmSync(dir, { recursive: true, force: true });
}
