// Outer headers as the options have them: sources, class, identification, hops, next hops.
import { address, frame, geneve, icmpError, ipip, packet, TCP, UDP } from './builders.mjs';
import { AT, PORT, requestNode, TARGET } from './places.mjs';

const MACS = { source: '02:00:00:00:00:0a', destination: '02:00:00:00:00:0b' };
const text = (value) => Buffer.from(value).toString('hex');
const word = (hex, at = 0) => Number.parseInt(hex.slice(2 * at, 2 * at + 8), 16);
const little = (hex) => Number.parseInt(hex.match(/../g).reverse().join(''), 16) >>> 0;
const u16 = (value) => value.toString(16).padStart(4, '0');
const u32 = (value) => (value >>> 0).toString(16).padStart(8, '0');

/** An address of hexadecimal digits as text. */
function textOf(hex) {
  if (hex.length === 8)
    return hex
      .match(/../g)
      .map((byte) => Number.parseInt(byte, 16))
      .join('.');
  return hex.match(/..../g).join(':');
}

/** The node's own mix of a client: each word with the golden ratio, and the last with MurmurHash3's number. */
function clientHash({ source, sourcePort, protocol }) {
  const mix = (hash, value) => {
    const product = Math.imul(hash ^ value, 0x9e3779b1);
    return product ^ (product >>> 15);
  };
  const words = address(source).match(/.{8}/g).map(little);
  const last = little(u16(sourcePort)) | (protocol << 16);
  const hash = Math.imul([...words, last].reduce(mix, 0), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Where tunnels come from, by each formula. */
const SOURCES = {
  spread4: (request) => textOf(u32(0x0a09_0000 | (clientHash(request) >>> 16))),
  spread6: (request) => textOf(`fd000009${'0'.repeat(16)}${u32(clientHash(request)).slice(0, 4)}${u16(TARGET)}`),
  katran4: ({ source, sourcePort }) => {
    const swapped = ((sourcePort & 0xff) << 8) | (sourcePort >> 8);
    return textOf(`ac10${u16((word(address(source)) & 0xffff) ^ swapped)}`);
  },
  katran6: ({ source, sourcePort }) =>
    textOf(`01${'0'.repeat(22)}${u32(word(address(source), 12) ^ (sourcePort * 65_536))}`),
  hash324: (request) => textOf(u32(0x0a09_0000 | (cilium(request, 0) >>> 16))),
  hash326: (request) => textOf(`fd000009${'0'.repeat(8)}${u32(cilium(request, 8))}${u32(cilium(request, 12))}`),
};

/** The kernel's hash_32 of a word of the client's address and its ports, all as a little endian machine loads them. */
function cilium({ source, sourcePort, destinationPort }, at) {
  const ports = (little(u16(sourcePort)) << 16) | little(u16(destinationPort));
  return Math.imul(little(address(source).slice(2 * at, 2 * at + 8)) ^ ports, 0x61c88647) >>> 0;
}

const PREFIXES = [AT[4].spread, AT[6].spread];
const NODES = {
  spread: { outer: { source: { formula: 'spread', prefixes: PREFIXES } } },
  hash32: { outer: { source: { formula: 'hash32', prefixes: PREFIXES } } },
  katran: { outer: { source: 'katran', id: 0, dontFragment: false }, nextHop: MACS },
  fixed: {
    outer: { tos: 0x48, flowLabel: 0x54321, id: 0x1234, ttl: 17, dontFragment: false },
    nextHop: { destination: MACS.destination },
  },
  label: { outer: { tos: 0x48 } },
  class: { outer: { flowLabel: 0 } },
};

/** All cases of outer headers, and their configurations. */
export function headerCases() {
  const configs = Object.fromEntries(
    Object.entries(NODES).map(([name, more]) => [`outer headers: ${name}`, requestNode('dsr-ipip', more)]),
  );
  configs['answers with the whole packet'] = requestNode('dsr-geneve', { quote: 'packet', mtu: 1400, hops: 'keep' });
  const cases = [4, 6].flatMap((family) =>
    [TCP, UDP].flatMap((protocol) => [
      ...Object.keys(NODES).map((name) => outerOf(name, family, protocol)),
      ...wholes(family, protocol),
    ]),
  );
  return { configs, cases };
}

const requestOf = (family, protocol, more = {}) => ({
  ...{ family, protocol, source: AT[family].client, destination: AT[family].frontend, destinationPort: PORT.usual },
  ...{ sourcePort: 43_210, payload: text('hi'), ...more },
});

function outerOf(name, family, protocol) {
  const at = AT[family];
  const request = requestOf(family, protocol, { tos: 0x20, flow: 0x12345 });
  const source = SOURCES[`${name}${family}`]?.(request) ?? at.lb;
  const shapes = {
    spread: { id: TARGET },
    hash32: { id: TARGET },
    katran: { id: 0, fragment: 0 },
    fixed: { id: 0x1234, fragment: 0, ttl: 17, flow: 0x54321 },
    label: { id: TARGET, flow: 0x12345 },
    class: { id: TARGET, flow: 0 },
  };
  const tos = name === 'fixed' || name === 'label' ? 0x48 : 0x20;
  const wrapped = ipip(packet(request), { source, destination: at.pod, tos, flow: 0x12345, ...shapes[name] });
  const digits = (mac) => mac.replaceAll(':', '');
  const macs = {
    katran: { source: digits(MACS.source), destination: digits(MACS.destination) },
    // what the packet was sent to
    fixed: { source: '020000000001', destination: digits(MACS.destination) },
  };
  return {
    name: `an outer header of "${name}", IPv${family}, ${protocol === TCP ? 'TCP' : 'UDP'}`,
    ...{ config: `outer headers: ${name}`, program: 'request', in: frame(packet(request)), verdict: 'redirect' },
    out: frame(wrapped, macs[name] ?? {}),
    counted: { forwarded_ipip: 1 },
  };
}

/** Answers that have as much of a packet within as they may. */
function wholes(family, protocol) {
  const at = AT[family];
  const isFour = family === 4;
  const mtu = 1400 - (isFour ? 62 : 94);
  const name = protocol === TCP ? 'TCP' : 'UDP';
  const big = requestOf(family, protocol, { sourcePort: 43_211, flags: 16, payload: '79'.repeat(mtu), ttl: 1 });
  const fits = requestOf(family, protocol, { sourcePort: 43_212, payload: text('hi'), ttl: 1 });
  const quoted = packet(big).slice(0, 2 * (isFour ? 576 - 28 : 1280 - 48));
  const [type, code] = isFour ? [3, 4] : [2, 0];
  const sent = { ...fits, destination: at.pod, destinationPort: TARGET };
  const config = 'answers with the whole packet';
  const start = isFour ? 34 : 54;
  return [
    {
      ...{ name: `a packet that is too large is quoted whole, IPv${family}, ${name}`, config, program: 'request' },
      ...{ in: frame(packet(big)), verdict: 'redirect' },
      out: frame(
        icmpError({ source: at.frontend, destination: at.client, type, code, rest: mtu, quoted, whole: true }),
        {
          ...{ destination: '020000000002', source: '020000000001' },
        },
      ),
      counted: { told_too_big: 1 },
    },
    {
      ...{ name: `a packet that fits goes to its node, IPv${family}, ${name}`, config, program: 'request' },
      ...{ in: frame(packet(fits)), verdict: 'redirect', mask: [[start, start + 2]] },
      out: frame(
        geneve(frame(packet(sent)), {
          ...{ source: at.lb, destination: at.node, frontend: at.frontend, frontendPort: PORT.usual },
        }),
      ),
      counted: { forwarded_geneve: 1 },
    },
  ];
}
