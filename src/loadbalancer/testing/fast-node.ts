import { interpreter, kernel, type ProgramSpec } from 'nekube/bpf';
import { fastPathProgram, type FastPathOptions } from '../datapath/fast-path.ts';
import { applyWrites, type ByteMap } from '../datapath/map-writer.ts';
import { COUNTERS } from '../datapath/maps.ts';
import { requestProgram } from '../datapath/request.ts';
import type { Family } from '../maps/address.ts';
import { ServiceMaps } from '../maps/service-maps.ts';
import type { Clock, Machine } from './packet-node.ts';
import { interpretedMap } from './packet-node.ts';
import { CAPACITIES, frontendOf, type ServiceShape, TEST_MAPS, TEST_OPTIONS } from './service-node.ts';

export type { ServiceShape } from './service-node.ts';

/** The hardware's addresses of the node, and of who is next on the way. */
export const NODE_MAC = Uint8Array.of(2, 0, 0, 0, 1, 1);
/** As above. */
export const GATEWAY_MAC = Uint8Array.of(2, 0, 0, 0, 1, 2);

/** What is around a node. By default all is routed by the device that packets come by. */
export interface FastWorld extends Partial<FastPathOptions> {
  readonly isRouted?: boolean;
  readonly isKnown?: boolean;
  readonly ifindex?: number;
  /** The interpreter's time. */
  readonly clock?: Clock;
}

/** What became of a packet. */
export interface FastRun {
  readonly result: number;
  readonly data: Uint8Array;
}

/** A node with one Service, whose requests go by the fast path or by the one of all packets, on the same maps. */
export function fastNode(family: Family, shape: ServiceShape, world: FastWorld = {}, machine: Machine = 'interpreter') {
  const { isRouted = true, isKnown = true, ifindex = 1, clock = { seconds: 1000 }, ...more } = world;
  const options = { ...TEST_OPTIONS, ...more };
  const programs = [fastPathProgram(TEST_MAPS, options), requestProgram(family, TEST_MAPS, options)] as const;
  const route = { ifindex, source: NODE_MAC, ...(isKnown && { destination: GATEWAY_MAC }) };
  const node = machine === 'kernel' ? inKernel(programs) : interpreted(programs, isRouted ? route : undefined, clock);
  const services = new ServiceMaps({ capacities: CAPACITIES });
  const set = (given: ServiceShape): void => {
    services.set('default/web:http', [frontendOf(family, 'default/web:http', given)]);
    applyWrites(services.takeWrites(), node.map);
    services.settle();
  };
  set(shape);
  return { ...node, set };
}

function interpreted(
  [fast, slow]: readonly [ProgramSpec, ProgramSpec],
  route: interpreter.Route | undefined,
  clock: Clock,
) {
  let random = 1;
  const machine = new interpreter.Interpreter({
    now: () => BigInt(Math.round(clock.seconds * 1e9)),
    random: () => (random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0),
    route: () => route,
  });
  const specs = new Map([fast, slow].flatMap(({ maps = [] }) => maps).map((spec) => [spec.name, spec]));
  return {
    fast: (data: Uint8Array): FastRun => machine.run(fast, { data }),
    slow: (data: Uint8Array): FastRun => machine.run(slow, { data }),
    map: (name: string): ByteMap => interpretedMap(machine, specs, name),
    /** Those that are not zero. */
    counted(): Record<string, number> {
      const values = COUNTERS.map((name, i) => [name, Number(machine.map(TEST_MAPS.counters).get(i) ?? 0)] as const);
      return Object.fromEntries(values.filter(([, value]) => value > 0));
    },
    /** Of the only frontend: its number is the first. */
    traffic: () => machine.map(TEST_MAPS.traffic).get(1) as { readonly packets: bigint; readonly bytes: bigint },
    close() {},
  };
}

function inKernel([fast, slow]: readonly [ProgramSpec, ProgramSpec]): ReturnType<typeof interpreted> {
  const loaded = kernel.loadCollection([fast, slow]);
  return {
    fast: (data) => loaded.program(fast.name).testRun({ data }),
    slow: (data) => loaded.program(slow.name).testRun({ data }),
    map: (name) => loaded.map(name),
    counted: () => ({}),
    traffic: () => ({ packets: 0n, bytes: 0n }),
    close: () => loaded.close(),
  };
}
