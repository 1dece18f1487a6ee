// The programs of `nekube assets`, started as Go's envtest starts them: how soon etcd and kube-apiserver are healthy, and
// what CPU they have used by then. Finer than `envtest`, and without Go: for work on the start itself.
//
//   npm run bench -- pair [--runs N] [--poll MS] [--rest MS] [--assets DIR]
//
// Health is asked for every --poll milliseconds (default 100, as envtest does). The first run makes the compiled code and is
// not counted. Memory is read after --rest milliseconds.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ensureAssets } from 'nekube/envtest';
import { Pair } from '../suites/assets/pair.mjs';
import { cpuMs, memoryMb } from './processes.mjs';
import { median, printTable, short } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '10' },
    poll: { type: 'string', default: '100' },
    rest: { type: 'string', default: '0' },
    assets: { type: 'string' },
  },
});
const [runCount, pollMs, restMs] = [options.runs, options.poll, options.rest].map(Number);

const scratch = mkdtempSync(join(tmpdir(), 'nekube-bench-'));
try {
  const folder = options.assets ?? ensureAssets({ dir: join(scratch, 'assets') }).path;
  await startPair(folder);
  const runs = [];
  for (let i = 0; i < runCount; i++) runs.push(await startPair(folder));
  const rows = Object.keys(runs[0]).map((name) => {
    const all = runs.map((run) => run[name]);
    return [name, short(median(all)), `${short(Math.min(...all))}–${short(Math.max(...all))}`];
  });
  printTable([['', 'median', 'spread'], ...rows]);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** Starts both, one after the other, and ends them. */
async function startPair(folder) {
  const pair = new Pair(folder, { pollMs });
  try {
    const began = performance.now();
    await pair.startEtcd();
    const etcdReady = performance.now();
    const etcd = pair.etcd.child.pid;
    const etcdCpu = cpuMs([etcd]);
    await pair.startServer();
    const ended = performance.now();
    const server = pair.server.child.pid;
    const [etcdInAll, serverCpu] = [cpuMs([etcd]), cpuMs([server])];
    await sleep(restMs);
    const memory = memoryMb([etcd, server]);
    await pair.server.end('SIGTERM');
    await pair.etcd.end('SIGTERM');
    return {
      'etcd, ms': etcdReady - began,
      'kube-apiserver, ms': ended - etcdReady,
      'both, ms': ended - began,
      'CPU of etcd until it is healthy, ms': etcdCpu,
      'CPU of etcd in all, ms': etcdInAll,
      'CPU of kube-apiserver, ms': serverCpu,
      'memory, MB': memory.once,
    };
  } finally {
    await pair.stop();
  }
}
