// Nanoseconds that a packet takes, by the kernel's test runs: our programs for traffic control and XDP, and the same in C on the same maps.
import { asm, kernel, layout, XDP } from 'nekube/bpf';
import { layoutsOf, ServiceMaps } from 'nekube/loadbalancer';
import { fastPathProgram } from '../../dist/loadbalancer/datapath/fast-path.js';
import { applyWrites, kernelMap } from '../../dist/loadbalancer/datapath/map-writer.js';
import { COUNTERS, datapathMaps } from '../../dist/loadbalancer/datapath/maps.js';
import { encapsulates } from '../../dist/loadbalancer/datapath/room.js';
import { requestProgram } from '../../dist/loadbalancer/datapath/request.js';
import { frameOf } from '../../dist/loadbalancer/datapath/request-frame.js';
import { SHAPES } from '../../dist/loadbalancer/datapath/family.js';
import { packet } from '../../dist/loadbalancer/testing/packets.js';
import { median } from '../table.mjs';
import { clangName, compiled } from './compiled.mjs';
import { BenchDevice } from './device.mjs';

const {
  callFunction: _,
  call,
  goto,
  jne,
  label,
  load,
  loadImm64,
  loadMap,
  mov,
  add,
  exit,
  r0,
  r1,
  r10,
  r2,
  r3,
  r4,
  r6,
  r7,
  r8,
} = asm;
const NODE = '10.77.0.1';
const MTU = 1500;
const BACKENDS = 3;
const TC_REDIRECT = 7;
/** Flags of `skb_adjust_room`: a header before the packet; and no more than that segments keep their size. */
const ENCAPSULATES = encapsulates(4);
const ROOM = 1n;
const CAPACITIES = { services: 65_536, backends: 262_144, table: 1_048_576 };
const OPTIONS = { nodeAddresses: { 4: NODE }, mtu: MTU, snatPorts: { first: 61_000, count: 100 } };

/** The variants of a packet: of a flow that is known, and the first of one, which is forgotten again each time. */
const FLOWS = ['known', 'new'];

/**
 * Measures each program at so many services. Gives rows of names and nanoseconds; where there is no clang, without those in C.
 */
export function measurePackets({ counts, rounds, repeat }) {
  const device = new BenchDevice();
  try {
    return kernel.inNamespace(device.file, () => measure(device, { counts, rounds, repeat }));
  } finally {
    device.close();
  }
}

function measure(device, { counts, rounds, repeat }) {
  const maps = datapathMaps(CAPACITIES, { flows: 65_536 });
  const specs = programs(maps, device.index);
  const loaded = kernel.loadCollection(specs.map(({ spec }) => spec));
  const table = new kernel.MappedArray(loaded.map('table'));
  const services = new ServiceMaps({ capacities: CAPACITIES, tables: { size: 13 } });
  const found = [];
  let programmed = 0;
  for (const count of counts) {
    for (; programmed < count; programmed++) services.set(`s${programmed}`, [frontend(programmed)]);
    applyWrites(services.takeWrites(), (name) => kernelMap(loaded.map(name), name === 'table' ? table : undefined));
    services.settle();
    const times = new Map(specs.map(({ spec }) => [spec.name, []]));
    for (let round = 0; round < rounds; round++)
      for (const { spec, ends } of specs)
        times.get(spec.name).push(run(loaded.program(spec.name), ends, device, repeat));
    found.push({ count, times: Object.fromEntries([...times].map(([name, all]) => [name, median(all)])) });
  }
  table.close();
  loaded.close();
  return { clang: clangName(), found };
}

function frontend(i) {
  const place = { port: 8080, isLocal: false, isTerminating: false, carriesPort: false };
  const backends = Array.from({ length: BACKENDS }, (_, j) => ({ address: address(i * BACKENDS + j, 100), ...place }));
  const what = { from: 'internal', mode: 'dsr-ipip', algorithm: 'maglev', whenEmpty: 'reject' };
  return { name: `s${i}`, address: address(i, 96), port: 80, protocol: 'TCP', ...what, backends };
}

function address(i, net) {
  return `10.${net + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
}

/** A bare return; and by where they are attached, whose they are, and which packets they get, ours and those in C. */
function programs(maps, ifindex) {
  const request = requestProgram(4, maps, OPTIONS);
  const fast = fastPathProgram(maps, OPTIONS);
  const bare = ['sched_cls', 'xdp'].map((type) => {
    const result = type === 'xdp' ? XDP.pass : 0;
    return { spec: { name: `bare_${type}`, type, code: [mov(r0, result), exit()] }, ends: result };
  });
  const all = [...bare];
  for (const flow of FLOWS) {
    const forgets = flow === 'new';
    all.push(
      { spec: { ...request, name: `tc_${flow}_ours`, code: repeated(request, maps, forgets) }, ends: TC_REDIRECT },
      { spec: { ...fast, name: `xdp_${flow}_ours`, code: repeated(fast, maps, forgets) }, ends: XDP.tx },
    );
    if (clangName() === undefined) continue;
    const macros = {
      ...{ NODE: word(NODE), MTU, FORWARDED_IPIP: COUNTERS.indexOf('forwarded_ipip') },
      ...offsets('service', [
        'id',
        'tableOffset',
        'tableSize',
        'affinitySeconds',
        'counter',
        'flags',
        'mode',
        'algorithm',
      ]),
      ...offsets('backend', ['address', 'port', 'flags']),
      ...(forgets && { FORGET: 1 }),
    };
    all.push(
      {
        spec: { ...request, name: `tc_${flow}_c`, code: compiled({ ...macros, INGRESS: 'ifindex', ROOM }) },
        ends: TC_REDIRECT,
      },
      {
        spec: { ...fast, name: `xdp_${flow}_c`, code: compiled({ ...macros, FAST: 1, INGRESS: 'ingress_ifindex' }) },
        ends: XDP.tx,
      },
    );
  }
  return all;
}

/** Where fields of a layout are, as macros: `SERVICE_TABLE_OFFSET`. */
function offsets(name, fields) {
  const upper = (text) => text.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  const { at } = layoutsOf(4)[name];
  return Object.fromEntries(fields.map((field) => [`${upper(name)}_${upper(field)}`, at[field].offset]));
}

/** An address as the machine loads it. */
function word(text) {
  return text.split('.').reduce((sum, byte, i) => sum + Number(byte) * 2 ** (8 * i), 0);
}

/**
 * A program that leaves the packet as it came, so that it can be run again on it: what every end leads to. A test run of traffic control
 * knows no device that the packet came by, and is asked for the one that it is at; and a packet that is marked as one within another stays
 * so, and gets no second header, so that it is not marked. The same holds for the programs in C.
 */
function repeated({ type, code }, maps, forgets) {
  const { ingressIfindex, ifindex } = layout.SkBuff.at;
  const isExit = ({ opcode }) => opcode === exit().opcode;
  const asksIngress = ({ opcode, src, offset }) =>
    type === 'sched_cls' &&
    src === 6 &&
    offset === ingressIfindex.offset &&
    opcode === load(r2, r6, ingressIfindex).opcode;
  const body = [...asm.flatten(code)].map((one) => {
    if (asm.isLabel(one)) return one;
    if (isExit(one)) return goto('as it was');
    if (one.imm64 === ENCAPSULATES) return { ...one, imm64: ROOM };
    return asksIngress(one) ? { ...one, offset: ifindex.offset } : one;
  });
  const tuple = frameOf(SHAPES[4]).at.tuple.source.offset;
  const forget = [loadMap(r1, maps[4].flows), mov(r2, r10), add(r2, tuple), call('map_delete_elem')];
  return [
    ...body,
    label('as it was'),
    mov(r7, r0),
    undo(type),
    forgets ? forget : [],
    mov(r0, r7),
    exit(),
    label('stuck'),
    mov(r0, 0),
    exit(),
  ];
}

function undo(type) {
  if (type === 'sched_cls')
    return [mov(r1, r6), mov(r2, -20), mov(r3, 1), loadImm64(r4, ROOM), call('skb_adjust_room'), jne(r0, 0, 'stuck')];
  return [
    ...[mov(r1, r6), mov(r2, 20), call('xdp_adjust_head'), jne(r0, 0, 'stuck')],
    ...[load(r1, r6, layout.XdpMd.at.data), load(r8, r6, layout.XdpMd.at.dataEnd), mov(r2, r1), add(r2, 14)],
    ...[asm.jgt(r2, r8, 'stuck'), asm.storeImm(r1, layout.Ethernet.at.type, 0x0008)],
  ];
}

// in the midst of a connection, as most packets are
const REQUEST = packet({
  ...{ source: '192.0.2.7', destination: address(0, 96), sourcePort: 40_000, destinationPort: 80, flags: 0x10 },
});

function run(program, ends, device, repeat) {
  const isXdp = program.spec.type === 'xdp';
  const place = isXdp ? layout.XdpMd : layout.SkBuff;
  const context = new Uint8Array(place.size);
  const view = new DataView(context.buffer);
  if (isXdp) {
    view.setUint32(place.offsets.dataEnd, REQUEST.length, true);
    view.setUint32(place.offsets.ingressIfindex, device.index, true);
  } else view.setUint32(place.offsets.ifindex, device.index, true);
  const { result, durationNs } = program.testRun({ data: REQUEST, context, repeat });
  if (result !== ends) throw new Error(`${program.spec.name} ended with ${result}, and not with ${ends}`);
  return durationNs;
}
