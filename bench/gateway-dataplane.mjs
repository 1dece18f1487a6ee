// The embedded data plane beside Envoy, in requests a second and in µs of CPU for each: requests of HTTP over connections that are kept,
// by a route among many; messages of TCP over connections that are kept; and new connections of TCP, each for one message. Each proxy
// has as many CPUs as --concurrency says; what loads it and what it asks share the others.
//
//   npm run bench -- gateway-dataplane [--seconds N] [--runs N] [--routes N] [--connections N] [--concurrency N]
//                                      [--only embedded|envoy] [--load http|tcp|connections]
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { realEnvoy } from '../tools/envoy.mjs';
import { envoyConfig } from './gateway-dataplane/envoy-config.mjs';
import { load } from './http-load.mjs';
import { childrenOf, cpuMs, residentMb } from './processes.mjs';
import { median, printTable, short } from './table.mjs';
import { loadConnections, loadMessages } from './tcp-load.mjs';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    runs: { type: 'string', default: '3' },
    routes: { type: 'string', default: '100' },
    connections: { type: 'string', default: '64' },
    concurrency: { type: 'string', default: '1' },
    only: { type: 'string' },
    load: { type: 'string' },
  },
});
const [seconds, runs, routes, connections, concurrency] = [
  options.seconds,
  options.runs,
  options.routes,
  options.connections,
  options.concurrency,
].map(Number);
const ports = { upstream: 18480, echo: 18483, http: 18481, tcp: 18482 };
const folder = fileURLToPath(new URL('gateway-dataplane/', import.meta.url));
const last = availableParallelism() - 1;
const OF_PROXY = `0-${Math.min(concurrency - 1, last)}`;
const OF_OTHERS = `${Math.min(concurrency, last)}-${last}`;

/** What is measured: how it is loaded for some ms, and what is counted. */
const LOADS = {
  http: {
    title: 'HTTP requests',
    port: ports.http,
    async run(ms) {
      const { requests, ...rest } = await load({ port: ports.http, connections, ms, path: `/route-${routes - 1}/x` });
      return { count: requests, ...rest };
    },
  },
  tcp: { title: 'TCP messages', port: ports.tcp, run: (ms) => loadMessages({ port: ports.tcp, connections, ms }) },
  connections: {
    title: 'TCP connections',
    port: ports.tcp,
    run: (ms) => loadConnections({ port: ports.tcp, connections, ms }),
  },
};

/** Starts a program on some CPUs, where the system can do that. */
function start(cpus, program, args) {
  const pinned = spawnSync('taskset', ['-V']).status === 0;
  const [command, rest] = pinned ? ['taskset', ['-c', cpus, program, ...args]] : [program, args];
  return spawn(command, rest, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function stop(child) {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** Waits until somebody listens. */
async function listens(port) {
  for (let i = 0; i < 200; i++) {
    const taken = await new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (taken) return;
    await sleep(50);
  }
  throw new Error(`nobody listens on ${port}`);
}

const scratch = mkdtempSync(join(tmpdir(), 'nekube-bench-'));
const proxies = {
  embedded: () =>
    start(OF_PROXY, process.execPath, [join(folder, 'plane.mjs'), JSON.stringify({ ports, routes, concurrency })]),
  envoy: () => {
    const { envoy, skip } = realEnvoy();
    if (envoy === undefined) throw new Error(skip);
    const file = join(scratch, 'envoy.json');
    writeFileSync(file, JSON.stringify(envoyConfig(ports, routes)));
    const flags = ['-c', file, '--concurrency', String(concurrency), '--disable-hot-restart', '--log-level', 'error'];
    return start(OF_PROXY, envoy, flags);
  },
};

async function measure(name, { port, run }) {
  const child = proxies[name]();
  try {
    await listens(port);
    await run(1000);
    const pids = [child.pid, ...childrenOf(child.pid)];
    const before = cpuMs(pids);
    const began = performance.now();
    const { count, p50, p99 } = await run(seconds * 1000);
    const cpu = cpuMs(pids) - before;
    const rate = count / ((performance.now() - began) / 1000);
    return { rate, cpuUs: (cpu * 1000) / count, p50, p99, memory: residentMb(pids) };
  } finally {
    await stop(child);
  }
}

const upstream = start(
  OF_OTHERS,
  process.execPath,
  [join(folder, 'upstream.mjs'), ports.upstream, ports.echo].map(String),
);
if (spawnSync('taskset', ['-cp', OF_OTHERS, String(process.pid)]).status !== 0)
  console.error('bench: CPUs are not pinned');
try {
  await listens(ports.echo);
  const rows = [['', 'a second', 'CPU of it, µs each', 'p50 ms', 'p99 ms', 'MB']];
  for (const [key, one] of Object.entries(LOADS)) {
    if (options.load !== undefined && options.load !== key) continue;
    const all = {};
    for (let i = 0; i < runs; i++) {
      for (const name of Object.keys(proxies)) {
        if (options.only === undefined || options.only === name) (all[name] ??= []).push(await measure(name, one));
      }
    }
    for (const [name, list] of Object.entries(all)) {
      rows.push([
        `${one.title}, ${name}`,
        ...['rate', 'cpuUs', 'p50', 'p99', 'memory'].map((column) => short(median(list.map((each) => each[column])))),
      ]);
    }
  }
  printTable(rows);
} finally {
  await stop(upstream);
  rmSync(scratch, { recursive: true, force: true });
}
