// Services of a process node by eBPF, in network namespaces that the test makes itself.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isBpfError, isNotSupportedError, kernel, mapSpec } from 'nekube/bpf';
import { commands, whyNot } from '../network/own-namespace.mjs';

const PROGRAM = fileURLToPath(new URL('ebpf-inside.mjs', import.meta.url));

/** Why there can be no programs here; false if there can. */
function whyNoPrograms() {
  const other = whyNot('as root');
  if (other) return other;
  try {
    kernel.createMap(mapSpec({ name: 'rights', type: 'array', maxEntries: 1 })).close();
    return kernel.withCgroupRoot(() => false);
  } catch (error) {
    if (isNotSupportedError(error) || isBpfError(error, 'EPERM')) return error.message;
    throw error;
  }
}

function play(way, ...step) {
  const [program, ...args] = [...commands[way], process.execPath, PROGRAM, ...step];
  const env = { ...process.env, HOME: '/tmp' };
  return new Promise((resolve, reject) => {
    execFile(program, args, { env, cwd: '/', timeout: 240_000, killSignal: 'SIGKILL' }, (error, out, complaint) => {
      if (error) reject(new Error(complaint || error.message));
      else resolve(JSON.parse(out));
    });
  });
}

/** What the program has compared itself. */
function expected(...names) {
  return Object.fromEntries(names.map((name) => [name, 'as expected']));
}

test('pods and the machine reach services by eBPF, as by the proxy, and nothing of it outlives a kill', {
  skip: whyNoPrograms(),
}, async () => {
  const saw = await play('as root', 'services');
  const { cluster, a, node } = saw.known;
  const three = (from) => ['a 169.254.42.1', `b ${a}`, `c ${a}`].map((said) => `${said} ${from}`);
  assert.deepEqual(saw, {
    known: { cluster, a, node },
    byName: three(cluster),
    byUdp: ['a 169.254.42.1', `b ${a}`, `c ${a}`].map((said, i) => `${said} ${saw.byUdp[i].split(' ').at(-1)}`),
    ...expected('itself', 'itselfByUdp', 'nodePort', 'balanced', 'inRange', 'outOfRange', 'local', 'notLocal', 'api'),
    keeps: 1,
    machineKeeps: 1,
    absent: 'ENOTFOUND',
    machine: ['a', 'b', 'c'],
    machineNodePort: ['a', 'b', 'c'],
    still: { pod: [cluster], udp: [cluster], machine: [true] },
    had: true,
    errors: [],
  });
});

const rootless = whyNot('rootless');
test('without rights services are routed by the proxy, and it is said which are missing', {
  skip: rootless,
}, async () => {
  const [said] = await play('rootless', 'refused');
  assert.match(said, /^nekube: services are routed by a proxy of this process, not by eBPF: it needs root, or CAP_BPF/);
});

test('where pods have no devices services are routed by the proxy, and it is said', {
  skip: spawnSync('ip', ['link']).status !== 0 ? 'needs the program ip' : whyNot('as root'),
}, async () => {
  assert.deepEqual(await play('as root', 'refused', 'virtual'), [
    'nekube: services are routed by a proxy of this process, not by eBPF: pods have no devices with --network virtual',
  ]);
});
