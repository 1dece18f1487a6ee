import type { JsonValue } from 'nekube/apimachinery';
import { DEFAULT_DATAPATH, type DatapathOptions, type OuterOptions, type OuterSource } from '../datapath/options.ts';
import { FAMILIES, type Family, familyOf, placeText } from '../maps/address.ts';
import type { Backend, Frontend, Mode } from '../model/config.ts';
import { type PacketRunConfig, PROGRAMS } from './config.ts';
import {
  address,
  ConfigError,
  elementsOf,
  fieldsOf,
  flag,
  hardware,
  integer,
  oneOf,
  optional,
  packetBytes,
  type Part,
  range,
} from './reading.ts';

const MODES: readonly Mode[] = ['snat', 'dsr-ipip', 'dsr-ipopt', 'dsr-geneve'];
const PORTS = 65_535;

/**
 * Reads what a packet is run on.
 *
 * @throws ConfigError something is not as it must be; the message begins with its place, as `frontends[0].backends[1].port`.
 */
export function readPacketRunConfig(value: JsonValue): PacketRunConfig {
  const fields = fieldsOf({ value, path: '' }, [
    ...([
      'mode',
      'frontends',
      'nodeAddresses',
      'mtu',
      'snatPorts',
      'outer',
      'geneve',
      'hops',
      'quote',
      'nextHop',
    ] as const),
    ...(['tunnelsFrom', 'before'] as const),
  ]);
  const mode = oneOf(fields.mode, MODES, 'dsr-ipip');
  return {
    options: optionsOf(fields),
    frontends: elementsOf(fields.frontends).map((part) => frontendOf(part, mode)),
    tunnelsFrom: elementsOf(fields.tunnelsFrom).map(range),
    before: elementsOf(fields.before).map((part) => {
      const { program, packet } = fieldsOf(part, ['program', 'packet']);
      return { program: oneOf(program, PROGRAMS, 'request'), packet: packetBytes(packet) };
    }),
  };
}

type Named = 'nodeAddresses' | 'mtu' | 'snatPorts' | 'outer' | 'geneve' | 'hops' | 'quote' | 'nextHop';

function optionsOf(fields: Readonly<Record<Named, Part>>): DatapathOptions {
  const addresses = elementsOf(fields.nodeAddresses).map(address);
  const of = (family: Family) => addresses.find((one) => familyOf(one) === family);
  const given = {
    outer: optional(fields.outer, outerOf),
    geneve: optional(fields.geneve, geneveOf),
    hops: optional(fields.hops, (part) => oneOf(part, ['lower', 'keep'])),
    quote: optional(fields.quote, (part) => oneOf(part, ['headers', 'packet'])),
    nextHop: optional(fields.nextHop, (part) => {
      const { source, destination } = fieldsOf(part, ['source', 'destination']);
      return { ...without({ source: optional(source, hardware) }), destination: hardware(destination) };
    }),
  };
  return {
    nodeAddresses: without({ 4: of(4), 6: of(6) }),
    mtu: optional(fields.mtu, (part) => integer(part, 68, PORTS)) ?? DEFAULT_DATAPATH.mtu,
    snatPorts: optional(fields.snatPorts, snatPortsOf) ?? DEFAULT_DATAPATH.snatPorts,
    ...without(given),
  };
}

/** Without the fields that are not there. */
function without<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}

function snatPortsOf(part: Part): DatapathOptions['snatPorts'] {
  const { first, count } = fieldsOf(part, ['first', 'count']);
  return { first: integer(first, 1, PORTS), count: integer(count, 1, PORTS) };
}

function geneveOf(part: Part): NonNullable<DatapathOptions['geneve']> {
  const { port, vni } = fieldsOf(part, ['port', 'vni']);
  return without({
    port: optional(port, (one) => integer(one, 1, PORTS)),
    vni: optional(vni, (one) => integer(one, 0, 0xff_ffff)),
  });
}

function outerOf(part: Part): OuterOptions {
  const { source, ttl, tos, flowLabel, id, dontFragment } = fieldsOf(part, [
    ...(['source', 'ttl', 'tos', 'flowLabel', 'id', 'dontFragment'] as const),
  ]);
  const ofAll = source.value === 'katran' || source.value === 'node';
  const sources = ofAll || source.value === undefined ? sourceOfAll(source) : sourcesOf(source);
  return without({
    sources,
    ttl: optional(ttl, (one) => integer(one, 1, 255)),
    tos: optional(tos, (one) => (one.value === 'copy' ? undefined : integer(one, 0, 255))),
    flowLabel: optional(flowLabel, (one) => (one.value === 'copy' ? undefined : integer(one, 0, 0xf_ffff))),
    id: optional(id, (one) => (one.value === 'port' ? ('port' as const) : integer(one, 0, 65_535))),
    dontFragment: optional(dontFragment, (one) => flag(one, true)),
  });
}

function sourceOfAll({ value }: Part): OuterOptions['sources'] {
  return value === 'katran' ? { 4: { formula: 'katran' }, 6: { formula: 'katran' } } : {};
}

/** `{formula, prefixes}`, with a prefix for each family. */
function sourcesOf(part: Part): OuterOptions['sources'] {
  if (typeof part.value === 'string')
    throw new ConfigError(part, 'node, katran, or an object with formula and prefixes');
  const { formula, prefixes } = fieldsOf(part, ['formula', 'prefixes']);
  const name = oneOf(formula, ['spread', 'hash32']);
  const found = elementsOf(prefixes).map((one) => ({ one, prefix: range(one) }));
  if (found.length === 0) throw new ConfigError(prefixes, 'a list of prefixes, one for each family');
  const sources = FAMILIES.flatMap((family): [Family, OuterSource][] => {
    const [mine] = found.filter(({ prefix }) => familyOf(prefix) === family);
    if (mine === undefined) return [];
    const bits = Number(mine.prefix.split('/')[1] ?? 128);
    if (family === 6 && name === 'spread' && bits > 96)
      throw new ConfigError(mine.one, 'of 96 bits at most, since the last 16 carry a port');
    return [[family, { formula: name, prefix: mine.prefix }]];
  });
  return Object.fromEntries(sources);
}

function frontendOf(part: Part, common: Mode): Frontend {
  const fields = fieldsOf(part, [
    ...(['name', 'address', 'port', 'protocol', 'mode', 'algorithm', 'backends', 'backend', 'sourceRanges'] as const),
    ...(['affinitySeconds', 'whenEmpty'] as const),
  ]);
  const where = { address: address(fields.address), port: integer(fields.port, 1, PORTS) };
  const protocol = oneOf(upperCase(fields.protocol), ['TCP', 'UDP'], 'TCP');
  const ranges = elementsOf(fields.sourceRanges).map(range);
  const name = optional(fields.name, (one) => String(one.value)) ?? `${where.address}:${where.port}/${protocol}`;
  return {
    name,
    ...where,
    protocol,
    from: 'external',
    mode: oneOf(fields.mode, MODES, common),
    algorithm: oneOf(fields.algorithm, ['maglev', 'random'], 'maglev'),
    backends: backendsOf(fields.backends, fields.backend, where.address),
    whenEmpty: oneOf(fields.whenEmpty, ['reject', 'drop'], 'reject'),
    ...(ranges.length > 0 && { sourceRanges: ranges }),
    ...without({ affinitySeconds: optional(fields.affinitySeconds, (one) => integer(one, 1, 86_400)) }),
  };
}

function upperCase({ value, path }: Part): Part {
  return { value: typeof value === 'string' ? value.toUpperCase() : value, path };
}

/** Where one is named, new flows have that one, and the others are only known. */
function backendsOf(part: Part, named: Part, frontend: string): readonly Backend[] {
  const read = elementsOf(part).map((one) => backendOf(one, frontend));
  const all = read.map((one) => ({
    ...one,
    carriesPort: read.some(({ address: other, port }) => other === one.address && port !== one.port),
  }));
  if (named.value === undefined) return all;
  const isNamed = ({ address: one, port }: Backend) => named.value === one || named.value === placeText(one, port);
  if (!all.some(isNamed)) throw new ConfigError(named, 'the address of one of the backends, or its address and port');
  return all.map((one) => ({ ...one, isTerminating: !isNamed(one) }));
}

function backendOf(part: Part, frontend: string): Omit<Backend, 'carriesPort'> {
  const fields = fieldsOf(part, ['address', 'port', 'nodeAddress', 'isLocal', 'isTerminating']);
  const where = address(fields.address);
  if (familyOf(where) !== familyOf(frontend))
    throw new ConfigError(fields.address, `an address of IPv${familyOf(frontend)}, as that of its frontend is`);
  return {
    address: where,
    port: integer(fields.port, 1, PORTS),
    isLocal: flag(fields.isLocal, false),
    isTerminating: flag(fields.isTerminating, false),
    ...without({ nodeAddress: optional(fields.nodeAddress, address) }),
  };
}
