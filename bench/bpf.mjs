// A packet through direct server return by IP in IP: our program beside the same in C. Nanoseconds by the kernel's test runs, medians.
//
//   npm run bench -- bpf [--quick] [--record]
//
// The C is compiled if there is a clang (CLANG, clang, clang-19); both take the header off again, so that a run can be repeated.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { asm, kernel, layout, XDP } from 'nekube/bpf';
import * as dsr from '../dist/bpf/testing/dsr-ipip.js';
import { whyNoKernel } from '../dist/bpf/testing/rights.js';
import { readProgram } from './bpf/elf.mjs';
import { median, printTable, recorded, recordFigures } from './table.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, record: { type: 'boolean', default: false } },
});
const rounds = options.quick ? 7 : 25;
const REPEAT = 200_000;
const SERVICES = [100, 10_000, 60_000];

const reason = whyNoKernel();
if (reason !== undefined) {
  console.error(`bench bpf: ${reason}`);
  process.exit(1);
}

/** The program in C, or undefined where there is no compiler. */
function compiled() {
  const names = [process.env.CLANG, 'clang', 'clang-19'].filter((name) => name !== undefined);
  for (const clang of names) {
    const dir = mkdtempSync(join(tmpdir(), 'nekube-bench-bpf-'));
    const source = fileURLToPath(new URL('./bpf/dsr-ipip.c', import.meta.url));
    const object = join(dir, 'out.o');
    // the newest instructions that the compiler knows, as ours may use them too
    for (const cpu of ['v4', 'v3']) {
      const flags = ['-O2', '-target', 'bpfel', `-mcpu=${cpu}`, '-DREPEATED', '-c', source, '-o', object];
      if (spawnSync(clang, flags, { stdio: 'ignore' }).status === 0) {
        const code = readProgram(object, 'xdp');
        rmSync(dir, { recursive: true });
        return { code, name: `${execFileSync(clang, ['--version'], { encoding: 'utf8' }).split('\n')[0]}, cpu ${cpu}` };
      }
    }
    rmSync(dir, { recursive: true });
  }
  return undefined;
}

const ours = dsr.dsrIpip({ isRepeated: true });
const c = compiled();
const bare = { name: 'bare', type: 'xdp', code: [asm.mov(asm.r0, XDP.pass), asm.exit()] };
const specs = [ours, bare, ...(c ? [{ ...ours, name: 'dsr_c', code: c.code }] : [])];

function packet() {
  const bytes = new Uint8Array(14 + 20 + 20);
  bytes.set(
    layout.Ethernet.encode({
      destination: layout.mac('02:00:00:00:00:01'),
      source: layout.mac('02:00:00:00:00:02'),
      type: layout.ETHERTYPE.ipv4,
    }),
  );
  const ip = { versionIhl: 0x45, tos: 0, totalLength: 40, id: 1, fragment: 0, ttl: 64, protocol: 6, checksum: 0 };
  bytes.set(layout.Ipv4.encode({ ...ip, source: layout.ipv4('10.1.0.2'), destination: layout.ipv4('10.96.0.0') }), 14);
  new DataView(bytes.buffer).setUint32(34, (40_000 << 16) | 80);
  return bytes;
}

const figures = {};
const collection = kernel.loadCollection(specs);
const table = kernel.createMap(dsr.serviceTable);
table.set(
  0,
  Array.from({ length: dsr.TABLE_SIZE }, (_, i) => i % 100),
);
collection.map(dsr.config).set(0, { address: layout.ipv4('10.2.0.2'), seed: 7 });
for (let i = 0; i < 100; i++)
  collection.map(dsr.backends).set(i, { address: layout.ipv4('10.244.1.0') + i, port: 8080, flags: 0 });
let programmed = 0;
for (const count of SERVICES) {
  const added = Array.from({ length: count - programmed }, (_, i) => programmed + i);
  const key = (i) => ({ address: layout.ipv4('10.96.0.0') + i, port: 80, protocol: 6 });
  kernel.setBatch(
    collection.map(dsr.services),
    added.map((i) => [key(i), { id: i, count: 100, flags: 0 }]),
  );
  // one by one, each would wait until no program can still see the table before
  kernel.setBatch(
    collection.map(dsr.tables),
    added.map((i) => [i, table.fd]),
  );
  programmed = count;
  measure(count);
}

function measure(count) {
  const data = packet();
  const times = new Map(specs.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const { name } of specs) {
      const run = collection.program(name).testRun({ data, repeat: REPEAT });
      if (name !== 'bare' && run.result !== XDP.tx) throw new Error(`${name} gave ${run.result}`);
      times.get(name).push(run.durationNs);
    }
  const [mine, theirs] = [median(times.get(ours.name)), c && median(times.get('dsr_c'))];
  if (count === SERVICES[0]) figures['a bare return'] = median(times.get('bare'));
  figures[`${count} services: ours`] = mine;
  if (c) {
    figures[`${count} services: C`] = theirs;
    figures[`${count} services: ours / C`] = mine / theirs;
  }
}
table.close();
collection.close();

console.log(c ? `C by ${c.name}` : 'C was left out: there is no clang');
const before = recorded('bpf');
const shown = (value) => (value === undefined ? '–' : value.toFixed(2));
printTable([
  ['', 'now', 'recorded'],
  ...Object.entries(figures).map(([name, value]) => [name, shown(value), shown(before[name])]),
]);
if (options.record)
  recordFigures('bpf', { cpu: cpus()[0].model, kernel: release(), compiler: c?.name, node: process.version }, figures);
