import { type ProgramSpec, TCX } from 'nekube/bpf';
import { applyWrites } from '../datapath/map-writer.ts';
import { datapathMaps, flowLayoutsOf } from '../datapath/maps.ts';
import { decapsulationProgram } from '../datapath/node.ts';
import { replyProgram } from '../datapath/reply.ts';
import { prefixOf } from '../maps/prefix.ts';
import type { DatapathOptions } from '../datapath/options.ts';
import { requestProgram } from '../datapath/request.ts';
import { FAMILIES, familyOf } from '../maps/address.ts';
import { writesFor } from '../maps/held.ts';
import type { ServiceContents } from '../maps/writes.ts';
import { type Machine, type PacketNode, packetNode } from '../testing/packet-node.ts';
import type { PacketResult, PacketRun, PacketRunConfig, ProgramName } from './config.ts';

const CAPACITIES = { services: 1024, backends: 4096, table: 262_144 };
const NAMES: Readonly<Record<ProgramName, string>> = { request: 'request', 'take-out': 'take_out', reply: 'reply' };
/** A packet that was sent on where the kernel has no route for it is left to the kernel, which is asked by nobody here. */
const SENT_ON = ['forwarded_snat', 'forwarded_ipip', 'forwarded_geneve', 'forwarded_ipopt', 'replied_snat'];

const MAPS = datapathMaps(CAPACITIES, { flows: 4096 });

/** Programs by the options that they are made with: those of nodes that are alike are loaded once. */
const made = new Map<string, readonly ProgramSpec[]>();

function programsFor(options: DatapathOptions): readonly ProgramSpec[] {
  const key = JSON.stringify(options, (_, value) => (value instanceof Uint8Array ? [...value] : value));
  const known = made.get(key);
  if (known !== undefined) return known;
  const programs = FAMILIES.flatMap((family) => [
    requestProgram(family, MAPS, options),
    decapsulationProgram(family, MAPS, options),
    replyProgram(family, MAPS),
  ]);
  made.set(key, programs);
  return programs;
}

/** A node that packets can be run on. */
export interface PacketRunner {
  run(packet: PacketRun): PacketResult;
  close(): void;
}

/**
 * Makes a node, with what other maps hold if that is given, and runs what it has seen before.
 *
 * @throws RangeError a frontend cannot be served; BpfError or NotSupportedError the kernel does not load programs here
 */
export function packetRunner(machine: Machine, config: PacketRunConfig, contents?: ServiceContents): PacketRunner {
  const node = packetNode(machine, MAPS, programsFor(config.options), undefined, true);
  try {
    applyWrites(writesFor(config.frontends, CAPACITIES), (name) => node.map(name));
    if (contents !== undefined) write(node, contents);
    for (const range of config.tunnelsFrom) takeTunnelsFrom(node, range);
    for (const packet of config.before) runOne(node, packet);
  } catch (error) {
    node.close();
    throw error;
  }
  return { run: (packet) => runOne(node, packet), close: () => node.close() };
}

/** What other maps hold, which must fit into those of here. */
function write(node: PacketNode, { entries, table }: ServiceContents): void {
  const added = entries.filter(({ map }) => !map.startsWith('services'));
  const services = entries.filter(({ map }) => map.startsWith('services'));
  applyWrites({ added, tables: [{ offset: 0, values: table }], services, removed: [] }, (name) => node.map(name));
}

function takeTunnelsFrom(node: PacketNode, range: string): void {
  const family = familyOf(range);
  const { base, bits } = prefixOf(range, family);
  const key = flowLayoutsOf(family).tunnelSourceKey.encode({ prefix: bits, address: base });
  node.map(`tunnel_src${family}`).setBytes(key, Uint8Array.of(1));
}

function runOne(node: PacketNode, { program, packet }: PacketRun): PacketResult {
  const before = node.counted();
  // what is no IP packet goes through the programs of either family alike
  const family = packet[12] === 0x86 && packet[13] === 0xdd ? 6 : 4;
  const { result, data } = node.runRaw(`lb${family}_${NAMES[program]}`, packet);
  const counters = difference(node.counted(), before);
  const isSentOn = result === TCX.redirect || SENT_ON.some((name) => name in counters);
  return {
    verdict: result === TCX.drop ? 'drop' : isSentOn ? 'redirect' : 'pass',
    packet: data,
    counters,
  };
}

function difference(
  after: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): Record<string, number> {
  const changed = Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)] as const);
  return Object.fromEntries(changed.filter(([, value]) => value > 0));
}
