import assert from 'node:assert/strict';
import type { ProgramSpec } from 'nekube/bpf';
import { applyWrites } from '../datapath/map-writer.ts';
import { datapathMaps, flowLayoutsOf } from '../datapath/maps.ts';
import { decapsulationProgram } from '../datapath/node.ts';
import { replyProgram } from '../datapath/reply.ts';
import type { DatapathOptions } from '../datapath/options.ts';
import { requestProgram } from '../datapath/request.ts';
import { addressBytes, type Family } from '../maps/address.ts';
import { ServiceMaps } from '../maps/service-maps.ts';
import type { Backend, Frontend, TransportProtocol } from '../model/config.ts';
import { type Clock, type Machine, type PacketNode, packetNode } from './packet-node.ts';

/** The addresses of a family, by what they are. */
export const ADDRESSES = {
  4: {
    ...{ client: '192.0.2.7', frontend: '10.96.0.10', pod: '10.244.2.10', otherPod: '10.244.3.10' },
    ...{ node: '10.2.0.2', stranger: '203.0.113.9', router: '198.51.100.1' },
  },
  6: {
    ...{ client: '2001:db8::7', frontend: 'fd00:96::a', pod: 'fd00:244:2::a', otherPod: 'fd00:244:3::a' },
    ...{ node: 'fd00:2::2', stranger: '2001:db8:9::9', router: '2001:db8:8::1' },
  },
} as const;

/** How much the maps of a node that is tested hold. */
export const CAPACITIES = { services: 64, backends: 64, table: 4096 };
/** The maps of a node that is tested. */
export const TEST_MAPS = datapathMaps(CAPACITIES, { flows: 1024 });

/** What a node that is tested is made for; its only port for SNAT is known. */
export const TEST_OPTIONS: DatapathOptions = {
  nodeAddresses: { 4: ADDRESSES[4].node, 6: ADDRESSES[6].node },
  mtu: 1500,
  snatPorts: { first: 61_234, count: 1 },
};

/** What is other than usual of the Service, and of the node. */
export type ServiceShape = Partial<Frontend> & {
  readonly protocol: TransportProtocol;
  readonly backend?: Partial<Backend>;
};

/** A node with one Service, of one backend, on port 80 of the frontend. */
export interface ServiceNode extends Pick<PacketNode, 'counted' | 'close' | 'map'> {
  /** Runs one of the family's programs: `request`, `take_out` or `reply`. */
  run(program: string, packet: Uint8Array): ReturnType<PacketNode['run']>;
  /** Runs `request` of the family of tunnels, `outer`. */
  runOuter(packet: Uint8Array): ReturnType<PacketNode['run']>;
  /** Gives the node the Service of a name, instead of what it had of it. */
  set(frontend: ServiceShape, name?: string): void;
  /** Takes the Service of a name from it. */
  remove(name: string): void;
}

/** Makes a node with a Service. */
export function serviceNode(
  machine: Machine,
  family: Family,
  shape: ServiceShape,
  {
    options = TEST_OPTIONS,
    clock,
    outer = family,
  }: { readonly options?: DatapathOptions; readonly clock?: Clock; readonly outer?: Family } = {},
): ServiceNode {
  const { node } = ADDRESSES[family];
  const own = programsFor(family, options);
  const programs = outer === family ? own : [...own, requestProgram(outer, TEST_MAPS, options)];
  const running = packetNode(machine, TEST_MAPS, programs, clock, true);
  const services = new ServiceMaps({ capacities: CAPACITIES });
  const { tunnelSourceKey } = flowLayoutsOf(family);
  const address = addressBytes(node);
  const key = tunnelSourceKey.encode({ prefix: 8 * address.length, address });
  running.map(`tunnel_src${family}`).setBytes(key, Uint8Array.of(1));
  const bring = (name: string, frontends: readonly Frontend[]): void => {
    assert.deepEqual(services.set(name, frontends), []);
    applyWrites(services.takeWrites(), running.map);
    services.settle();
  };
  const set = (given: ServiceShape, name = 'default/web:http') => bring(name, [frontendOf(family, name, given)]);
  set(shape);
  const remove = (name: string) => bring(name, []);
  return {
    ...{ ...running, set, remove },
    run: (program, data) => running.run(`lb${family}_${program}`, data),
    runOuter: (data) => running.run(`lb${outer}_request`, data),
  };
}

const made = new Map<string, readonly ProgramSpec[]>();

/** The programs of a node, the same ones for the same options. */
function programsFor(family: Family, options: DatapathOptions): readonly ProgramSpec[] {
  const name = `${family} ${JSON.stringify(options)}`;
  const programs = made.get(name) ?? [
    requestProgram(family, TEST_MAPS, options),
    decapsulationProgram(family, TEST_MAPS, options),
    replyProgram(family, TEST_MAPS),
  ];
  made.set(name, programs);
  return programs;
}

/** The frontend that a shape stands for. */
export function frontendOf(family: Family, name: string, { backend, ...given }: ServiceShape): Frontend {
  const { frontend: address, pod } = ADDRESSES[family];
  const place = { isLocal: false, isTerminating: false, carriesPort: false };
  return {
    ...{ name, address, port: 80, from: 'internal', mode: 'dsr-ipip', algorithm: 'maglev', whenEmpty: 'reject' },
    backends: [{ address: pod, port: 8080, ...place, ...backend }],
    ...given,
  };
}
