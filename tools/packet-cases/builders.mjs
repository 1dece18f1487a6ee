// Packets byte by byte, by the RFCs and by nothing that the load balancer has, so that what is expected of its programs is not what they do.

const ETHERNET = { destination: '020000000001', source: '020000000002' };
export const TCP = 6;
export const UDP = 17;

const u8 = (value) => value.toString(16).padStart(2, '0');
const u16 = (value) => value.toString(16).padStart(4, '0');
const u32 = (value) => (value >>> 0).toString(16).padStart(8, '0');

export const familyOf = (address) => (address.includes(':') ? 6 : 4);

/** An address as hexadecimal digits. */
export function address(text) {
  if (familyOf(text) === 4)
    return text
      .split('.')
      .map((part) => u8(Number(part)))
      .join('');
  const [head, tail] = text.split('::').map((half) => (half ? half.split(':') : []));
  const middle = tail === undefined ? [] : Array(8 - head.length - tail.length).fill('0');
  return [...head, ...middle, ...(tail ?? [])].map((group) => group.padStart(4, '0')).join('');
}

/** The checksum of RFC 1071. */
export function checksum(hex) {
  let sum = 0;
  for (let i = 0; i < hex.length; i += 4) sum += Number.parseInt(hex.slice(i, i + 4).padEnd(4, '0'), 16);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** A frame of Ethernet, with zeros at its end up to a length. */
export function frame(content, { type, padding = 0, ...macs } = {}) {
  const { destination, source } = { ...ETHERNET, ...macs };
  const own = type ?? (content.startsWith('6') ? '86dd' : '0800');
  return `${destination}${source}${own}${content}`.padEnd(2 * padding, '0');
}

/** A packet of IP. `options` are those of IPv4, or an extension header with its number. */
export function ip({ source, destination, protocol, content, ttl = 64, id = 1, fragment = 0, tos = 0, ...more }) {
  const { flow = 0, options = '', extension } = more;
  const addresses = address(source) + address(destination);
  if (familyOf(source) === 6) {
    const first = u32(0x6000_0000 + tos * 2 ** 20 + flow);
    const within = extension ? extension.header(protocol) + content : content;
    return first + u16(within.length / 2) + u8(extension?.number ?? protocol) + u8(ttl) + addresses + within;
  }
  const words = 5 + options.length / 8;
  const head = `${u8(0x40 + words)}${u8(tos)}${u16(4 * words + content.length / 2)}${u16(id)}${u16(fragment)}`;
  const header = (sum) => `${head}${u8(ttl)}${u8(protocol)}${sum}${addresses}${options}`;
  return header(u16(checksum(header('0000')))) + content;
}

function pseudo({ source, destination, protocol }, length) {
  return address(source) + address(destination) + u32(length) + u32(protocol);
}

/** A segment of TCP, or a datagram of UDP; a checksum can be given. */
export function transport(shape) {
  const { protocol, sourcePort, destinationPort, payload = '', sequence = 1, acknowledgment = 0 } = shape;
  const ports = u16(sourcePort) + u16(destinationPort);
  const { flags = 2, window = 8192 } = shape;
  const build = (sum) =>
    protocol === UDP
      ? ports + u16(8 + payload.length / 2) + sum + payload
      : `${ports}${u32(sequence)}${u32(acknowledgment)}50${u8(flags)}${u16(window)}${sum}0000${payload}`;
  const computed = checksum(pseudo(shape, build('0000').length / 2) + build('0000'));
  // none is written as zero in UDP
  const written = protocol === UDP && computed === 0 ? 0xffff : computed;
  return build(u16(shape.checksum ?? written));
}

/** TCP or UDP within IP. */
export const packet = (shape) => ip({ ...shape, content: transport(shape) });

/** A payload by which a datagram comes to have the checksum 0, which is written as 0xffff. */
export function payloadOfZero(shape) {
  const hex = shape.payload ?? '6869';
  const rest = checksum(
    pseudo(shape, 10 + hex.length / 2) + transport({ ...shape, payload: `${hex}0000`, checksum: 0 }),
  );
  return hex + u16(rest);
}

/** An error of ICMP that quotes a packet. */
export function icmpError({ source, destination, type, code, rest = 0, quoted, whole = false }) {
  const isFour = familyOf(source) === 4;
  const protocol = isFour ? 1 : 58;
  const quote = whole ? quoted : quoted.slice(0, isFour ? 56 : 96);
  const build = (sum) => `${u8(type)}${u8(code)}${sum}0000${u16(rest)}${quote}`;
  const ahead = isFour ? '' : pseudo({ source, destination, protocol }, build('0000').length / 2);
  return ip({ source, destination, protocol, id: 0, content: build(u16(checksum(ahead + build('0000')))) });
}

/** A frame that goes back to where one came from. */
export function back(content) {
  return frame(content, { destination: ETHERNET.source, source: ETHERNET.destination });
}

/** A packet within an outer header of its family. */
export function ipip(inner, { source, destination, id = 0, ...more }) {
  const protocol = familyOf(source) === 4 ? 4 : 41;
  return ip({ source, destination, protocol, id, fragment: 0x4000, content: inner, ...more });
}

/** Geneve with the option of direct server return, around a frame. */
export function geneve(inner, { source, destination, frontend, frontendPort, ...more }) {
  const { sourcePort = 0xc000, port = 6081, vni = 2, optionClass = '014b', optionType = '81', carries = '6558' } = more;
  const body = `${address(frontend)}${u16(frontendPort)}0000`;
  const option = `${optionClass}${optionType}${u8(body.length / 8)}${body}`;
  const header = `${u8(option.length / 8)}00${carries}${u32(vni * 256)}${option}`;
  const content = u16(sourcePort) + u16(port) + u16(8 + (header.length + inner.length) / 2) + '0000' + header + inner;
  return ip({ source, destination, protocol: UDP, id: 0, fragment: 0x4000, content, ...more });
}

/** The option of IPv4 for direct server return. */
export function option4(frontend, port, type = '9a') {
  return `${type}08${u16(port)}${address(frontend)}`;
}

/** The header of destination options in IPv6 for direct server return. */
export function option6(frontend, port, type = '1b') {
  return { number: 60, header: (next) => `${u8(next)}02${type}14${address(frontend)}${u16(port)}0000` };
}
