import { build, type Builder, type Value } from '../builder/index.ts';
import { be16, be32, ETHERTYPE, Ethernet, Ipv4, pad, PROTOCOL, struct, u16, u32, u8, XdpMd } from '../layout/index.ts';
import { array } from '../layout/sequence.ts';
import { mapSpec, type ProgramSpec, XDP } from '../spec/index.ts';

/** What a service is found by. */
export const ServiceKey = struct('service_key', { address: be32, port: be16, protocol: u8, _gap: pad(1) });
/** A service. */
export const Service = struct('service', { id: u32, count: u16, flags: u16 });
/** A backend. */
export const Backend = struct('backend', { address: be32, port: be16, flags: u16 });
/** What is the same for all packets. */
export const Config = struct('config', { address: be32, seed: u32 });
const Ports = struct('ports', { source: be16, destination: be16 });
const Index = struct('index', { number: u32 });

/** How many places a table of backends has. */
export const TABLE_SIZE = 16_381;

/** The frontends. */
export const services = mapSpec({ name: 'svc4', type: 'hash', key: ServiceKey, value: Service, maxEntries: 65_536 });
const table = mapSpec({ name: 'table', type: 'array', value: array(u32, TABLE_SIZE), maxEntries: 1 });
/** The Maglev table of each service. */
export const tables = mapSpec({ name: 'maglev', type: 'hash_of_maps', key: u32, inner: table, maxEntries: 65_536 });
/** A service's table. */
export const serviceTable = table;
/** The backends by their numbers. */
export const backends = mapSpec({ name: 'backends', type: 'hash', key: u32, value: Backend, maxEntries: 65_536 });
/** The configuration. */
export const config = mapSpec({ name: 'config', type: 'array', value: Config, maxEntries: 1 });

const JHASH_START = 0xdead_beef;
/** The sum of the words of an outer header that never change: version, TOS, don't fragment, TTL and protocol. */
const OUTER_SUM = 0x4500 + 0x4000 + 0x4004;

/**
 * Direct server return by IP in IP: a packet to a service goes to the pod that Maglev chooses, inside of another header and
 * otherwise as it was. The target port goes along in the outer header's ID. For measurements the header is taken off again: test runs
 * repeat a program on what it left.
 */
export function dsrIpip({ isRepeated = false } = {}): ProgramSpec {
  return build({ name: 'dsr_ipip', type: 'xdp' }, (b) => {
    const pass = (): void => b.return(XDP.pass);
    const packet = b.packet().require(Ethernet.size + Ipv4.size + Ports.size, pass);
    b.if(packet.at(Ethernet, 0).get('type').ne(ETHERTYPE.ipv4), pass);
    const ip = packet.at(Ipv4, Ethernet.size);
    b.if(ip.get('versionIhl').ne(0x45), pass);
    b.if(ip.get('fragment').has(0x3fff), pass);
    const protocol = ip.get('protocol');
    b.if(protocol.ne(PROTOCOL.tcp), () => b.if(protocol.ne(PROTOCOL.udp), pass));
    const ports = packet.at(Ports, Ethernet.size + Ipv4.size);
    const length = ip.get('totalLength').toHost();
    const client = ip.get('source');
    const [clientPort, servicePort] = [ports.get('source'), ports.get('destination')];

    const key = b.stack(ServiceKey, { address: ip.get('destination'), port: servicePort, protocol });
    const service = b.lookup(services, key, Service, pass);

    const settings = b.lookup(config, b.stack(Index), Config, pass);
    const ends = servicePort.as('u32').shl(16).or(clientPort.as('u32'));
    const hash = jhash3(b, client.as('u32'), ends, protocol.as('u32'), settings.get('seed'));
    const drop = (): void => b.return(XDP.drop);
    const inner = b.lookupMap(tables, b.stack(Index, { number: service.get('id') }), drop);
    const places = b.call('map_lookup_elem', inner, b.stack(Index));
    b.if(places.eq(0), drop);
    const number = hash.mod(TABLE_SIZE);
    b.if(number.ge(TABLE_SIZE), drop); // which cannot be, but the verifier does not know what a remainder is
    const place = b.view(places.add(number.shl(2)), Index);
    const backend = b.lookup(backends, b.stack(Index, { number: place.get('number') }), Backend, drop);
    encapsulate(b, {
      from: settings.get('address'),
      to: backend.get('address'),
      id: backend.get('port'),
      length: length.add(Ipv4.size),
    });
    if (isRepeated) decapsulate(b);
    b.return(XDP.tx);
  });
}

/** Puts a header of IP in front, and sends the packet back where it came from. */
function encapsulate(
  b: Builder,
  outer: { from: Value<'be32'>; to: Value<'be32'>; id: Value<'be16'>; length: Value<'u32'> },
): void {
  const drop = (): void => b.return(XDP.drop);
  b.if(b.call('xdp_adjust_head', b.context(XdpMd), -Ipv4.size).ne(0), drop);
  const packet = b.packet().require(Ethernet.size + 2 * Ipv4.size, drop);
  const [old, ethernet, ip] = [packet.at(Ethernet, Ipv4.size), packet.at(Ethernet, 0), packet.at(Ipv4, Ethernet.size)];
  ethernet.copy('destination', old, 'source');
  ethernet.copy('source', old, 'destination');
  ethernet.set('type', ETHERTYPE.ipv4);
  const length = outer.length.as('u16').toNetwork();
  ip.fill({ versionIhl: 0x45, tos: 0, totalLength: length, id: outer.id, fragment: 0x4000 });
  ip.fill({ ttl: 64, protocol: PROTOCOL.ipip, source: outer.from, destination: outer.to });
  // ones' complement does not care for the order of bytes, as long as it is the same everywhere
  const half = (address: Value<'be32'>): Value<'u32'> => address.as('u32').and(0xffff).add(address.as('u32').shr(16));
  const sum = length
    .as('u32')
    .add(outer.id.as('u32'))
    .add(half(outer.from))
    .add(half(outer.to))
    .add(swapped(OUTER_SUM));
  const folded = sum.and(0xffff).add(sum.shr(16));
  ip.set('checksum', folded.add(folded.shr(16)).xor(0xffff).as('be16'));
}

/** Takes the header off again; only the frame's type was overwritten. */
function decapsulate(b: Builder): void {
  const drop = (): void => b.return(XDP.drop);
  b.if(b.call('xdp_adjust_head', b.context(XdpMd), Ipv4.size).ne(0), drop);
  b.packet().require(Ethernet.size, drop).at(Ethernet, 0).set('type', ETHERTYPE.ipv4);
}

/** A sum of words of the network's order, as the machine's words sum up. */
function swapped(sum: number): number {
  const folded = (sum & 0xffff) + (sum >>> 16);
  return ((folded & 0xff) << 8) | (folded >>> 8);
}

/** Bob Jenkins' hash of three words, as the kernel has it. */
function jhash3(b: Builder, x: Value<'u32'>, y: Value<'u32'>, z: Value<'u32'>, seed: Value<'u32'>): Value<'u32'> {
  const start = seed.add(JHASH_START + (3 << 2));
  let [a, c, d] = [x.add(start), y.add(start), z.add(start)];
  const mix = (to: Value<'u32'>, by: Value<'u32'>, bits: number): Value<'u32'> => to.xor(by).sub(by.rotate(bits));
  d = mix(d, c, 14);
  a = mix(a, d, 11);
  c = mix(c, a, 25);
  d = mix(d, c, 16);
  a = mix(a, d, 4);
  c = mix(c, a, 14);
  return mix(d, c, 24);
}
