// How long it takes until the kernel has many Services: ours from objects of the API to maps; kube-proxy's rules, which are text already, by
// iptables-restore and nft. And one change of an EndpointSlice.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { kernel } from 'nekube/bpf';
import { balance, DEFAULT_CAPACITIES, ServiceMaps } from 'nekube/loadbalancer';
import { applyWrites, kernelMap } from '../../dist/loadbalancer/datapath/map-writer.js';
import { datapathMaps } from '../../dist/loadbalancer/datapath/maps.js';
import { BenchDevice } from './device.mjs';
import { iptablesRules, nftRules } from './kube-proxy.mjs';
import { objectsOf, services } from './services.mjs';

const SETTINGS = { mode: 'dsr-ipip', algorithm: 'maglev' };
const NODE = {
  name: 'node-0',
  addresses: ['10.2.0.2'],
  addressOf: (node) => `10.2.0.${2 + Number(node.slice('node-'.length))}`,
};
/** As many as the controller writes together. */
const TOGETHER = 64;
const EVENTS = 200;

/**
 * Milliseconds on the clock and of CPU that so many Services take, by a process that does nothing else and has compiled nothing before;
 * and those of changed EndpointSlices after it, each.
 */
export function programmed(count) {
  const { stdout, status, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), `${count}`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** The same by `iptables-restore` and `nft`, in a namespace of their own; undefined where the program is missing. */
export function programmedByRules(count, kind) {
  const all = services(count, {});
  const [command, rules] =
    kind === 'nft' ? [['nft', '-f', '-'], nftRules(all)] : [[iptablesRestore()], iptablesRules(all)];
  if (command[0] === undefined || spawnSync(command[0], ['--version']).status !== 0) return undefined;
  const device = new BenchDevice();
  try {
    const inside = ['netns', 'exec', device.name, 'bash', '-c', `time ${command.join(' ')}`];
    const { status, stderr } = spawnSync('ip', inside, {
      input: rules,
      encoding: 'utf8',
      env: { ...process.env, TIMEFORMAT: '%R %U %S' },
    });
    if (status !== 0) throw new Error(`${command[0]}: ${stderr.slice(0, 500)}`);
    const [wall, user, system] = stderr.trim().split('\n').at(-1).split(' ').map(Number);
    return { wallMs: 1000 * wall, cpuMs: 1000 * (user + system) };
  } finally {
    device.close();
  }
}

/** The program of that is here: that of tables of its own, or the one that makes rules of nftables. */
export function iptablesRestore() {
  return ['iptables-legacy-restore', 'iptables-restore'].find((name) => spawnSync(name, ['--version']).status === 0);
}

function measure(count) {
  const objects = services(count, {}).map(objectsOf);
  const { table, 4: four } = datapathMaps(DEFAULT_CAPACITIES, { flows: 1024 });
  const open = new Map([table, ...Object.values(four)].map((spec) => [spec.name, kernel.createMap(spec)]));
  const words = new kernel.MappedArray(open.get('table'));
  const maps = new ServiceMaps();
  const write = () => {
    applyWrites(maps.takeWrites(), (name) => kernelMap(open.get(name), name === 'table' ? words : undefined));
    maps.settle();
  };
  const set = (object, slice) => {
    const { frontends } = balance(object, [slice], NODE, SETTINGS);
    const problems = maps.set(frontends[0].name, frontends);
    if (problems.length > 0) throw new Error(problems[0]);
  };
  const start = process.cpuUsage();
  const from = performance.now();
  objects.forEach(({ service, slice }, i) => {
    set(service, slice);
    if (i % TOGETHER === TOGETHER - 1) write();
  });
  write();
  const wallMs = performance.now() - from;
  const { user, system } = process.cpuUsage(start);
  return { wallMs, cpuMs: (user + system) / 1000, ...changes(objects, set, write) };
}

/** One endpoint less of each of some Services: milliseconds on the clock until the kernel has it, and of CPU of all threads. */
function changes(objects, set, write) {
  const [events, eventsCpu] = [[], []];
  for (let i = 0; i < Math.min(EVENTS, objects.length); i++) {
    const { service, slice } = objects[(i * 37) % objects.length];
    const [before, changedAt] = [process.cpuUsage(), performance.now()];
    set(service, { ...slice, endpoints: slice.endpoints.slice(1) });
    write();
    events.push(performance.now() - changedAt);
    const { user, system } = process.cpuUsage(before);
    eventsCpu.push((user + system) / 1000);
  }
  return { events, eventsCpu };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(measure(Number(process.argv[2]))));
