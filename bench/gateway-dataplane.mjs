// The embedded data plane beside Envoy: requests a second with 64 connections that are kept, by a route among many, and through
// a port of TCP. Each proxy has one CPU; what loads it and what it asks share the other.
//
//   npm run bench -- gateway-dataplane [--seconds N] [--runs N] [--routes N] [--connections N] [--only embedded|envoy]
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { realEnvoy } from '../tools/envoy.mjs';
import { envoyConfig } from './gateway-dataplane/envoy-config.mjs';
import { load } from './http-load.mjs';
import { cpuMs, residentMb } from './processes.mjs';
import { median, printTable, short } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    runs: { type: 'string', default: '3' },
    routes: { type: 'string', default: '100' },
    connections: { type: 'string', default: '64' },
    only: { type: 'string' },
  },
});
const [seconds, runs, routes, connections] = [options.seconds, options.runs, options.routes, options.connections].map(
  Number,
);
const ports = { upstream: 18480, http: 18481, tcp: 18482 };
const folder = fileURLToPath(new URL('gateway-dataplane/', import.meta.url));

/** Starts a program on one CPU, where the system can do that. */
function start(cpu, program, args) {
  const pinned = spawnSync('taskset', ['-V']).status === 0;
  const [command, rest] = pinned ? ['taskset', ['-c', String(cpu), program, ...args]] : [program, args];
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
  embedded: () => start(0, process.execPath, [join(folder, 'plane.mjs'), JSON.stringify({ ports, routes })]),
  envoy: () => {
    const { envoy, skip } = realEnvoy();
    if (envoy === undefined) throw new Error(skip);
    const file = join(scratch, 'envoy.json');
    writeFileSync(file, JSON.stringify(envoyConfig(ports, routes)));
    return start(0, envoy, ['-c', file, '--concurrency', '1', '--disable-hot-restart', '--log-level', 'error']);
  },
};

async function measure(name, port) {
  const child = proxies[name]();
  try {
    await listens(port);
    const path = `/route-${routes - 1}/x`;
    await load({ port, connections, ms: 1000, path });
    const before = cpuMs([child.pid]);
    const { requests, p50, p99 } = await load({ port, connections, ms: seconds * 1000, path });
    const cpu = cpuMs([child.pid]) - before;
    return { rate: requests / seconds, cpuUs: (cpu * 1000) / requests, p50, p99, memory: residentMb([child.pid]) };
  } finally {
    await stop(child);
  }
}

const upstream = start(1, process.execPath, [join(folder, 'upstream.mjs'), String(ports.upstream)]);
if (spawnSync('taskset', ['-cp', '1', String(process.pid)]).status !== 0) console.error('bench: CPUs are not pinned');
try {
  await listens(ports.upstream);
  const rows = [['', 'requests/s', 'CPU of it, µs a request', 'p50 ms', 'p99 ms', 'MB']];
  for (const [what, port] of [
    ['HTTP', ports.http],
    ['TCP', ports.tcp],
  ]) {
    const all = {};
    for (let i = 0; i < runs; i++) {
      for (const name of Object.keys(proxies)) {
        if (options.only === undefined || options.only === name) (all[name] ??= []).push(await measure(name, port));
      }
    }
    for (const [name, list] of Object.entries(all)) {
      rows.push([
        `${what}, ${name}`,
        ...['rate', 'cpuUs', 'p50', 'p99', 'memory'].map((key) => short(median(list.map((one) => one[key])))),
      ]);
    }
  }
  printTable(rows);
} finally {
  await stop(upstream);
  rmSync(scratch, { recursive: true, force: true });
}
