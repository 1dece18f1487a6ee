// `nekube gateway run` with a real Envoy beside an API server of another process: what it takes of memory with few routes, many
// and none, and how long after a write of new endpoints Envoy has them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from 'nekube/client';
import { start } from 'nekube/envtest';
import { installGatewayApi } from 'nekube/gateway';
import { EnvoyFiles } from '../../dist/gateway/envoy/process/launch.js';
import { realEnvoy } from '../../tools/envoy.mjs';
import { cpuMs, residentMb } from '../processes.mjs';
import { endpointSlice, resourcesFor } from './resources.mjs';

const PROGRAM = fileURLToPath(new URL('../../dist/bin/nekube.js', import.meta.url));
const PORT = 18_490;
/** A second in which a process used less CPU has nothing under way; after so many of them it has collected, too. */
const [QUIET_CPU_MS, QUIET_SECONDS] = [50, 5];
const AT_ONCE = 32;

/**
 * Memory in MiB with ten routes, with `routes` and when they are gone, milliseconds of changed endpoints, and of CPU that one takes;
 * `{skip}` with the reason where there is no Envoy.
 */
export async function measureServed({ routes, changes }) {
  const { envoy, skip } = realEnvoy();
  if (envoy === undefined) return { skip };
  const env = await start({ level: 'envtest', name: 'bench gateway' });
  const folder = mkdtempSync(join(tmpdir(), 'nekube-bench-'));
  let gateways;
  try {
    await installGatewayApi(env.client, { channel: 'experimental', clock: systemClock });
    gateways = await runGateways(env, envoy, folder);
    const world = { env, folder, gateways, all: resourcesFor(routes) };
    const [gateway] = world.all.gateways;
    await env.client.create(stripped({ ...gateway, spec: { ...gateway.spec, listeners: [listenerOf(gateway)] } }));
    const few = await memoryWith(world, 0, 10);
    const many = await memoryWith(world, 10, routes);
    const cpu = cpuMs([gateways.pid]);
    const endpoints = await endpointTimes(world, Math.min(routes, changes));
    const cpuOfChange = (cpuMs([gateways.pid]) - cpu) / endpoints.length;
    const none = await memoryWithout(world);
    return { memoryMiB: { few, many, none }, endpoints, cpuOfChange };
  } finally {
    gateways?.kill('SIGTERM');
    if (gateways?.exitCode === null) await once(gateways, 'exit');
    await env.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runGateways(env, envoy, folder) {
  const flags = ['--data-plane', 'envoy', '--envoy', envoy, '--envoy-folder', folder, '--addresses', '127.0.6.0/24'];
  const child = spawn(process.execPath, [PROGRAM, 'gateway', 'run', '--kubeconfig', env.kubeconfig(), ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  for await (const text of child.stderr.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += text;
    if (/^nekube: gateway ready/m.test(said)) {
      child.stderr.resume();
      return child;
    }
  }
  throw new Error(`nekube gateway run has ended: ${said}`);
}

function listenerOf({ spec: { listeners } }) {
  return { ...listeners[0], port: PORT };
}

/** Without what an API server gives. */
function stripped({ metadata: { name, namespace, labels }, spec, ...object }) {
  // there are fewer addresses of services than these may be
  const wanted = spec?.clusterIP === undefined ? spec : { ...spec, clusterIP: 'None' };
  return { ...object, metadata: { name, namespace, labels }, ...(spec && { spec: wanted }) };
}

async function memoryWith({ env, folder, gateways, all }, from, to) {
  for (const part of ['services', 'endpointSlices', 'httpRoutes']) {
    await inTurn(all[part].slice(from, to), (object) => env.client.create(stripped(object)));
  }
  await until(() => hasEndpoints(folder, to - 1, '10.'));
  return settled(gateways);
}

async function memoryWithout({ env, folder, gateways, all }) {
  for (const part of ['httpRoutes', 'endpointSlices', 'services']) {
    await inTurn(all[part], ({ metadata: { name, namespace }, ...kind }) =>
      env.client.delete(kind, { name, namespace }),
    );
  }
  await until(async () => !(await hasEndpoints(folder, 0, '10.')));
  return settled(gateways);
}

/** What it has when all statuses are written, which on a busy machine takes longer than to serve. */
async function settled({ pid }) {
  const end = Date.now() + 120_000;
  let [quiet, before] = [0, cpuMs([pid])];
  while (quiet < QUIET_SECONDS && Date.now() < end) {
    await sleep(1000);
    const now = cpuMs([pid]);
    quiet = now - before < QUIET_CPU_MS ? quiet + 1 : 0;
    before = now;
  }
  // the bench counts MiB
  return residentMb([pid]);
}

/** From a write to when Envoy says that it has it; what asking takes counts, too. */
async function endpointTimes({ env, folder }, count) {
  const times = [];
  for (let i = 0; i < count; i++) {
    const slice = stripped(endpointSlice(i, [1, 2, 3, 4 + (i % 200)]));
    const live = await env.client.get(slice, slice.metadata);
    const began = performance.now();
    await env.client.update({ ...live, endpoints: slice.endpoints });
    await until(() => hasEndpoints(folder, i, slice.endpoints.at(-1).addresses[0]), 1);
    times.push(performance.now() - began);
  }
  return times;
}

async function inTurn(objects, act) {
  const left = [...objects];
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (let object = left.pop(); object !== undefined; object = left.pop()) await act(object);
  });
  await Promise.all(workers);
}

/** Whether Envoy has an address among the endpoints of a service. */
async function hasEndpoints(folder, i, address) {
  const what = `/config_dump?include_eds&resource=dynamic_endpoint_configs&name_regex=.*/service-${i}/80`;
  return (await asked(new EnvoyFiles(folder).adminSocket, what)).includes(`"address": "${address}`);
}

function asked(socketPath, path) {
  return new Promise((resolve, reject) => {
    const one = request({ socketPath, path, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => (body += text));
      response.on('error', reject).on('end', () => resolve(body));
    });
    one.on('error', reject).end();
  });
}

async function until(check, everyMs = 200) {
  const end = Date.now() + 120_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`it did not come to be: ${check}`);
    await sleep(everyMs);
  }
}
