// What becomes of requests at the node that takes them.
import {
  back,
  frame,
  geneve,
  icmpError,
  ipip,
  option4,
  option6,
  packet,
  payloadOfZero,
  TCP,
  UDP,
} from './builders.mjs';
import { AT, MTU, PORT, requestNode, SNAT_PORT, TARGET } from './places.mjs';

export const MODES = ['snat', 'dsr-ipip', 'dsr-ipopt', 'dsr-geneve'];
const PROTOCOLS = { TCP, UDP };
/** How much larger packets get, by IPv4 and IPv6. */
const OVERHEAD = { snat: [0, 0], 'dsr-ipip': [20, 40], 'dsr-ipopt': [8, 24], 'dsr-geneve': [62, 94] };
const COUNTER = {
  ...{ snat: 'forwarded_snat', 'dsr-ipip': 'forwarded_ipip' },
  ...{ 'dsr-ipopt': 'forwarded_ipopt', 'dsr-geneve': 'forwarded_geneve' },
};
const [SYN, RST, PSH, ACK, FIN] = [2, 4, 8, 16, 1];
const text = (value) => Buffer.from(value).toString('hex');

/** The request, and what the mode makes of it: the frame, and which of its bytes are not compared. */
function sent(mode, request, { padding = 0, backend, option = true } = {}) {
  const { family, destination, destinationPort, ttl = 64 } = request;
  const at = AT[family];
  const { address = at.pod, port = TARGET, node = at.node } = backend ?? {};
  const to = { ...request, destination: address, destinationPort: port };
  if (mode === 'snat')
    return { out: frame(packet({ ...to, source: at.lb, sourcePort: SNAT_PORT, ttl: ttl - 1 }), { padding }) };
  if (mode === 'dsr-ipip') {
    const of = { source: at.lb, destination: address, id: port, tos: request.tos, flow: request.flow };
    return { out: frame(ipip(packet(request), of), { padding: padding && padding + (family === 4 ? 20 : 40) }) };
  }
  if (mode === 'dsr-ipopt') {
    const extra = !option
      ? {}
      : family === 4
        ? { options: option4(destination, destinationPort) }
        : { extension: option6(destination, destinationPort) };
    const longer = option ? OVERHEAD[mode][family === 4 ? 0 : 1] : 0;
    return { out: frame(packet({ ...to, ttl: ttl - 1, ...extra }), { padding: padding && padding + longer }) };
  }
  const outer = node.includes(':') ? 6 : 4;
  const of = { source: AT[outer].lb, destination: node, frontend: destination, frontendPort: destinationPort };
  const header = { tos: request.tos, flow: outer === family ? request.flow : 0 };
  // the padding is behind what is within, and no part of it
  const wrapped = geneve(frame(packet(to)), { ...of, ...header });
  const longer = frame(wrapped).length / 2 - frame(packet(request)).length / 2;
  const port_ = 14 + (outer === 6 ? 40 : 20);
  return { out: frame(wrapped, { padding: padding && padding + longer }), mask: [[port_, port_ + 2]] };
}

/** A case; where nothing is made of the packet, it stays as it is. */
const caseOf = (name, config, packetIn, { verdict = 'redirect', counted = {}, ...rest }) => ({
  name,
  config,
  program: 'request',
  in: packetIn,
  verdict,
  ...(verdict === 'pass' && rest.out === undefined && { out: packetIn }),
  ...rest,
  counted,
});

/** All cases of nodes that take requests, and their configurations. */
export function requestCases() {
  const configs = Object.fromEntries(MODES.map((mode) => [`requests by ${mode}`, requestNode(mode)]));
  const cases = MODES.flatMap((mode) =>
    [4, 6].flatMap((family) => Object.keys(PROTOCOLS).flatMap((name) => of(mode, family, name, `requests by ${mode}`))),
  );
  return { configs, cases };
}

function of(mode, family, name, config) {
  const at = AT[family];
  const protocol = PROTOCOLS[name];
  const label = (what) => `${mode}, IPv${family}, ${name}: ${what}`;
  const isTcp = protocol === TCP;
  let port = 4000;
  /** Of SNAT all flows are one, since there is one port. */
  const request = (more = {}) => ({
    ...{ family, protocol, source: at.client, destination: at.frontend, destinationPort: PORT.usual },
    ...{ sourcePort: mode === 'snat' ? 4000 : port++, payload: text('hi'), ...more },
  });
  const forwards = (what, asked, more = {}) => {
    const { padding } = more;
    return caseOf(label(what), config, frame(packet(asked), { padding }), {
      ...sent(mode, asked, more),
      counted: { [COUNTER[mode]]: 1 },
    });
  };
  const first = request();
  const data = { flags: PSH | ACK, payload: text('hello'), sequence: 7 };
  return [
    forwards('the first packet of a flow', first),
    forwards('a packet of a flow that is known, of an odd length', { ...first, ...data }, { option: !isTcp }),
    forwards('a packet without a payload', request({ payload: '' })),
    ...(isTcp ? flagsOf({ mode, forwards, request, first }) : datagramsOf({ mode, family, forwards, request })),
    ...hopsOf({ mode, label, config, forwards, request }),
    forwards('its class and label of flow', request({ tos: 0x28, flow: 0x12345 })),
    forwards('bytes of Ethernet behind its end', request(), { padding: family === 4 ? 60 : 80 }),
    ...sizesOf({ mode, family, protocol, label, config, forwards, request }),
    ...frontendsOf({ mode, family, protocol, label, config, request }),
  ];
}

/** Flags of TCP, by which an option is put on a packet or not. */
function flagsOf({ mode, forwards, request, first }) {
  return [
    forwards('a SYN that acknowledges, of a flow that is known', { ...first, flags: SYN | ACK }),
    forwards('a segment of a flow that is not known here', request({ flags: ACK })),
    forwards('a FIN of a flow that is known', { ...first, flags: FIN | ACK }, { option: false }),
    ...(mode === 'snat' ? [] : [forwards('a reset of a flow that is not known', request({ flags: RST }))]),
  ];
}

/** Datagrams with checksums at the edge. */
function datagramsOf({ mode, family, forwards, request }) {
  const at = AT[family];
  const after = (asked) => {
    const to = { ...asked, destination: at.pod, destinationPort: TARGET };
    return mode === 'snat' ? { ...to, source: at.lb, sourcePort: SNAT_PORT } : to;
  };
  const becomes = request();
  const is = request();
  return [
    forwards('a checksum that becomes 0 is written as ffff', { ...becomes, payload: payloadOfZero(after(becomes)) }),
    forwards('a checksum that was ffff', { ...is, payload: payloadOfZero(is) }),
    ...(family === 4 ? [forwards('a datagram without a checksum', request({ checksum: 0 }))] : []),
  ];
}

/** A packet that is rewritten needs a hop; one that travels within another keeps its own. */
function hopsOf({ mode, label, config, forwards, request }) {
  const isRewritten = mode === 'snat' || mode === 'dsr-ipopt';
  const last = request({ ttl: 1 });
  return [
    forwards('two hops left', request({ ttl: 2 })),
    isRewritten
      ? caseOf(label('no hop left'), config, frame(packet(last)), { verdict: 'drop', counted: { drop_no_hop: 1 } })
      : forwards('no hop left but within another packet', last),
  ];
}

/** Packets that fit, and that are one byte too large. */
function sizesOf({ mode, family, protocol, label, config, forwards, request }) {
  const own = (family === 4 ? 20 : 40) + (protocol === TCP ? 20 : 8);
  const mtu = MTU - OVERHEAD[mode][family === 4 ? 0 : 1];
  const filling = (length) => '78'.repeat(length - own);
  const fits = request({ payload: filling(mtu), fragment: 0x4000, flags: ACK });
  if (mode === 'snat') return [forwards('a packet as large as the device takes', fits)];
  const told = (asked) => {
    const [type, code] = family === 4 ? [3, 4] : [2, 0];
    const quoted = packet(asked);
    const answer = { source: asked.destination, destination: asked.source, type, code, rest: mtu, quoted };
    return { out: back(icmpError(answer)), counted: { told_too_big: 1 } };
  };
  const big = request({ payload: filling(mtu + 1), fragment: 0x4000, flags: ACK });
  const cut = request({ payload: filling(mtu + 1), flags: ACK });
  return [
    forwards('a packet that just fits', fits),
    caseOf(label('a packet that is too large by one'), config, frame(packet(big)), told(big)),
    ...(family === 4
      ? [caseOf(label('one that may be cut into pieces is told too'), config, frame(packet(cut)), told(cut))]
      : []),
  ];
}

/** Frontends that differ, and what is none. */
function frontendsOf({ mode, family, protocol, label, config, request }) {
  const at = AT[family];
  const on = (destinationPort, more = {}) => request({ destinationPort, ...more });
  const asIs = (what, asked) => caseOf(label(what), config, frame(packet(asked)), { verdict: 'pass' });
  const dropped = (what, asked, reason) =>
    caseOf(label(what), config, frame(packet(asked)), { verdict: 'drop', counted: { [reason]: 1 } });
  const ranged = on(PORT.ranged);
  const here = on(PORT.here);
  const toPod = { ...here, destination: at.other, destinationPort: 9090 };
  const shared = [
    caseOf(label('a client of the ranges'), config, frame(packet(ranged)), {
      ...sent(mode, ranged, { backend: { address: at.other } }),
      counted: { [COUNTER[mode]]: 1 },
    }),
    dropped('a client of no range', on(PORT.ranged, { source: at.stranger }), 'drop_source_range'),
    caseOf(label('a backend on this node gets it as it is'), config, frame(packet(here)), {
      ...{ verdict: 'pass', out: frame(packet(toPod)), counted: { forwarded_local: 1 } },
    }),
    asIs('a port of no frontend', on(PORT.unknown)),
    asIs('an address of no frontend', request({ destination: at.nowhere })),
  ];
  if (mode === 'snat')
    return [
      ...shared,
      dropped('a second flow has no port', request({ sourcePort: 4999 }), 'drop_snat_ports'),
      ...replies(),
    ];
  if (mode === 'dsr-geneve') return [...shared, ...nodesOf({ mode, family, label, config, on, dropped })];
  return mode === 'dsr-ipip' ? [...shared, ...emptyOf({ family, protocol, label, config, on, dropped })] : shared;

  function replies() {
    const reply = {
      family,
      protocol,
      source: at.pod,
      sourcePort: TARGET,
      destination: at.lb,
      destinationPort: SNAT_PORT,
    };
    const to = { ...reply, source: at.frontend, sourcePort: PORT.usual, destination: at.client, destinationPort: 4000 };
    const answered = (what, more) =>
      caseOf(label(what), config, frame(packet({ ...reply, ...more })), {
        out: frame(packet({ ...to, ...more, ttl: (more.ttl ?? 64) - 1 })),
        counted: { replied_snat: 1 },
      });
    return [
      answered('a reply goes to the client', { flags: SYN | ACK, payload: text('answer') }),
      answered('a reply of an odd length', { flags: ACK, payload: text('yes') }),
      asIs('a reply to a port that stands for nobody', { ...reply, destinationPort: 61_000, flags: ACK }),
    ];
  }
}

/** Geneve by the other family, and a node whose address is not known. */
function nodesOf({ mode, family, label, config, on, dropped }) {
  const at = AT[family];
  const crossed = on(PORT.crossed);
  const backend = { address: at.other, port: 9091, node: AT[family === 4 ? 6 : 4].node };
  return [
    caseOf(label('a node that is reached by the other family'), config, frame(packet(crossed)), {
      ...sent(mode, crossed, { backend }),
      counted: { forwarded_geneve: 1 },
    }),
    dropped('a node whose address is not known', on(PORT.nodeless), 'drop_no_node_address'),
  ];
}

/** Frontends without backends. */
function emptyOf({ family, protocol, label, config, on, dropped }) {
  const asked = on(PORT.empty);
  const { source, destination, sourcePort, destinationPort } = asked;
  const reversed = {
    source: destination,
    destination: source,
    sourcePort: destinationPort,
    destinationPort: sourcePort,
  };
  const [type, code] = family === 4 ? [3, 3] : [1, 4];
  const reset = { protocol, ...reversed, flags: RST | ACK, sequence: 0, acknowledgment: 1 + 1 + 2, window: 0, id: 0 };
  const answer =
    protocol === TCP
      ? packet(reset)
      : icmpError({ source: destination, destination: source, type, code, quoted: packet(asked) });
  return [
    caseOf(label('a frontend without backends says so'), config, frame(packet(asked)), {
      out: back(answer),
      counted: { rejected: 1 },
    }),
    dropped('one whose other nodes have some is silent', on(PORT.silent), 'drop_no_backend'),
  ];
}
