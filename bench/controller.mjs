// A controller on nekube/controller and the same on Go's controller-runtime, on the same server: how fast they bring many
// objects to where they should be, how soon a change is answered, and what that takes.
//
//   npm run bench -- controller [--quick] [--objects N] [--workers N] [--rounds N] [--oracle]
//
// Each Web owns a ConfigMap that is applied. One side runs, then the other, on a fresh server each time, several times; a
// ratio is the median of the ratios of neighbours. The server is nekube in memory, or with --oracle the real one; it runs on
// the same machine, and so takes from what both sides can get.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connect } from 'nekube/client';
import { WEB, webDefinition } from '../suites/controller/web-definition.mjs';
import { startNekube } from '../suites/servers.mjs';
import { startOracle } from '../tools/oracle.mjs';
import { cpuMs, residentMb } from './processes.mjs';
import { median, printTable, short } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    oracle: { type: 'boolean', default: false },
    objects: { type: 'string' },
    workers: { type: 'string', default: '16' },
    rounds: { type: 'string' },
  },
});
const objects = Number(options.objects ?? (options.quick ? 1000 : 10_000));
const rounds = Number(options.rounds ?? (options.quick ? 1 : 3));
const changes = options.quick ? 300 : 1500;
/** So long is waited between two changes, which both sides keep up with easily. */
const CHANGE_MS = 4;
const MAIN = fileURLToPath(new URL('../dist/bin/nekube.js', import.meta.url));
const here = fileURLToPath(new URL('controller/', import.meta.url));
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const CRD = webDefinition({ value: { type: 'string' } });

/** Builds the Go program into a folder; undefined without Go. */
function buildGo(dir) {
  const output = join(dir, 'controller');
  const env = { ...process.env, GOFLAGS: '-mod=mod' };
  const { status } = spawnSync('go', ['build', '-C', here, '-o', output, '.'], { env, stdio: ['ignore', 2, 2] });
  return status === 0 ? output : undefined;
}

/** Starts a side; gives {pid, report(), stop()}, where both give what it measured since the last time. */
async function startSide([program, ...args], { url, token, ca }) {
  const env = {
    ...process.env,
    BENCH_URL: url,
    BENCH_TOKEN: token,
    BENCH_CA: ca,
    BENCH_WORKERS: options.workers,
  };
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  if ((await lines.next()).value !== 'ready') throw new Error(`${program} did not begin`);
  const tell = (signal) => async () => {
    child.kill(signal);
    return JSON.parse((await lines.next()).value);
  };
  return { pid: child.pid, report: tell('SIGUSR2'), stop: tell('SIGTERM') };
}

/** Makes the kind and all its objects. */
async function fill(client) {
  await client.create(CRD);
  for (let tries = 0; ; tries++) {
    const served = await client.list(WEB).catch(() => undefined);
    if (served !== undefined) break;
    if (tries > 200) throw new Error('the kind is not served');
    await sleep(50);
  }
  let next = 0;
  const work = async () => {
    for (let i = next++; i < objects; i = next++) {
      await client.create({ ...WEB, metadata: { name: `web-${i}`, namespace: 'default' }, spec: { value: 'first' } });
    }
  };
  await Promise.all(Array.from({ length: 32 }, work));
}

/** Follows the ConfigMaps; `seen` resolves when there are so many, `when(name, value)` when one has a value. */
function follow(client) {
  const abort = new AbortController();
  const names = new Set();
  const waiting = new Map();
  let onCount = () => {};
  const told = (async () => {
    for await (const { type, object } of client.watch(CONFIG_MAP, { namespace: 'default', signal: abort.signal })) {
      if (type !== 'ADDED' && type !== 'MODIFIED') continue;
      names.add(object.metadata.name);
      waiting.get(`${object.metadata.name}=${object.data?.value}`)?.();
      onCount();
    }
  })();
  told.catch(() => {});
  return {
    seen: (count) =>
      new Promise((resolve) => {
        onCount = () => names.size >= count && resolve();
        onCount();
      }),
    when: (name, value) => new Promise((resolve) => waiting.set(`${name}=${value}`, resolve)),
    stop: () => abort.abort(),
  };
}

/** One side on a server of its own. */
async function measure(command) {
  const server = options.oracle ? await startOracle() : await startNekube({ storage: 'memory', main: MAIN });
  const client = await connect({ config: { server: server.url, token: server.token, ca: { pem: server.ca } } });
  try {
    await fill(client);
    const watched = follow(client);
    const before = (await client.list(CONFIG_MAP, { namespace: 'default' })).items.length;
    const servers = server.pids ?? [server.pid];
    const serversBefore = cpuMs(servers);
    const began = performance.now();
    const side = await startSide(command, server);
    await watched.seen(objects + before);
    const filledMs = performance.now() - began;
    const filling = { cpu: cpuMs([side.pid]), server: cpuMs(servers) - serversBefore, ...(await side.report()) };
    // the last ConfigMaps are reconciled once more
    await sleep(1000);
    await side.report();
    const cpuBefore = cpuMs([side.pid]);
    const latencies = await changeSome(client, watched);
    const changing = { cpu: cpuMs([side.pid]) - cpuBefore, memory: residentMb([side.pid]), ...(await side.stop()) };
    watched.stop();
    return {
      'objects a second, from its start': { value: (objects / filledMs) * 1000, more: true },
      'reconciles a second, from its start': { value: (filling.reconciles / filledMs) * 1000, more: true },
      'CPU for each object, from its start, ms': { value: filling.cpu / objects },
      'the same of the server, ms': { value: filling.server / objects },
      'all at once: wait in the queue, p50, ms': { value: filling.queueMs[0] },
      'all at once: wait in the queue, p99, ms': { value: filling.queueMs[1] },
      'all at once: time in a reconcile, p50, ms': { value: filling.tookMs[0] },
      'one by one: wait in the queue, p50, ms': { value: changing.queueMs[0] },
      'one by one: wait in the queue, p99, ms': { value: changing.queueMs[1] },
      'one by one: time in a reconcile, p50, ms': { value: changing.tookMs[0] },
      'one by one: from a change to its answer, p50, ms': { value: quantile(latencies, 0.5) },
      'one by one: from a change to its answer, p99, ms': { value: quantile(latencies, 0.99) },
      'one by one: CPU for each change, ms': { value: changing.cpu / changes },
      [`memory with ${objects} objects and as many ConfigMaps, MB`]: { value: changing.memory },
    };
  } finally {
    await client.close();
    await server.stop();
  }
}

/** Changes objects one after the other; gives how long each took until its ConfigMap was seen to follow. */
async function changeSome(client, watched) {
  const latencies = [];
  const pending = [];
  for (let i = 0; i < changes; i++) {
    const name = `web-${(i * 7919) % objects}`;
    const value = `change ${i}`;
    const began = performance.now();
    const answered = watched.when(name, value).then(() => latencies.push(performance.now() - began));
    await client.patch(WEB, { namespace: 'default', name }, { merge: { spec: { value } } });
    pending.push(answered);
    await sleep(CHANGE_MS);
  }
  await Promise.all(pending);
  return latencies;
}

function quantile(numbers, q) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length * q)];
}

const dir = mkdtempSync(join(tmpdir(), 'nekube-bench-'));
try {
  const sides = { ours: [process.execPath, join(here, 'worker.mjs')] };
  const go = buildGo(dir);
  if (go === undefined) console.error('bench: nekube alone: there is no Go here');
  else sides.theirs = [go];
  const results = { ours: [], theirs: [] };
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of Object.entries(sides)) {
      results[name].push(await measure(command));
      const figures = Object.entries(results[name].at(-1)).map(([what, { value }]) => `${what} ${short(value)}`);
      console.error(`bench: ${name === 'ours' ? 'nekube' : 'controller-runtime'}: ${figures.join('; ')}`);
    }
  }
  const rows = Object.keys(results.ours[0]).map((what) => {
    const [ours, theirs] = [results.ours, results.theirs].map((all) => all.map((one) => one[what].value));
    const { more } = results.ours[0][what];
    const ratios = theirs.map((value, i) => (more ? ours[i] / value : value / ours[i]));
    return [what, short(median(ours)), ...(go ? [short(median(theirs)), short(median(ratios))] : ['–', '–'])];
  });
  const cpu = `${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} cores, Node ${process.version}`;
  console.log(`${cpu}; ${options.workers} workers; a ratio above 1: nekube is better`);
  printTable([['', 'nekube', 'controller-runtime', 'ratio'], ...rows]);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
