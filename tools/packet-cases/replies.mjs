// What becomes of requests at the pod's node, by every mode, and of the pod's replies.
import { frame, geneve, ipip, option4, option6, packet, payloadOfZero, TCP, UDP } from './builders.mjs';
import { AT, PORT, podNode, TARGET } from './places.mjs';

const PROTOCOLS = { TCP, UDP };
const CONFIG = 'a node with a pod';
const ACK = 16;
const text = (value) => Buffer.from(value).toString('hex');

const caseOf = (name, program, packetIn, { verdict = 'pass', counted = {}, ...rest }) => ({
  ...{ name, config: CONFIG, program, in: packetIn, verdict },
  ...(verdict === 'pass' && rest.out === undefined && { out: packetIn }),
  ...rest,
  counted,
});

/** All cases of a node with a pod, and its configuration. */
export function replyCases() {
  const cases = [4, 6].flatMap((family) =>
    Object.keys(PROTOCOLS).flatMap((name) => {
      const shapes = shapesOf(family, name);
      return [
        ...tunnels(shapes),
        ...options(shapes),
        ...[4, 6].flatMap((outer) => geneves(shapes, outer)),
        ...strangers(shapes),
      ];
    }),
  );
  return { configs: { [CONFIG]: podNode() }, cases };
}

function shapesOf(family, name) {
  const at = AT[family];
  const protocol = PROTOCOLS[name];
  let port = 5000;
  const request = (more = {}) => ({
    ...{ family, protocol, source: at.client, sourcePort: port++, destination: at.frontend },
    ...{ destinationPort: PORT.usual, payload: text('hi'), ...more },
  });
  const atPod = (asked, target = TARGET) => ({ ...asked, destination: at.pod, destinationPort: target });
  const reply = ({ destination, destinationPort }, asked) => ({
    ...{ family, protocol, source: destination, sourcePort: destinationPort },
    ...{ destination: asked.source, destinationPort: asked.sourcePort, flags: 0x12, payload: text('ok') },
  });
  /** The request comes to the pod, and its reply from the frontend that was asked. */
  const served = (
    what,
    wrapped,
    asked,
    { target = TARGET, counter = 'decapsulated', padded = 0, counted = {} } = {},
  ) => {
    const to = atPod(asked, target);
    const from = reply(to, asked);
    const said = { ...from, source: asked.destination, sourcePort: asked.destinationPort };
    const label = `IPv${family}, ${name}: ${what}`;
    return [
      caseOf(label, 'take-out', wrapped, {
        out: frame(packet(to)).padEnd(2 * padded, '0'),
        counted: { [counter]: 1, ...counted },
      }),
      caseOf(`${label}; its reply`, 'reply', frame(packet(from)), {
        out: frame(packet(said)),
        counted: { replied_direct: 1 },
      }),
    ];
  };
  const dropped = (what, wrapped, reason) =>
    caseOf(`IPv${family}, ${name}: ${what}`, 'take-out', wrapped, { verdict: 'drop', counted: { [reason]: 1 } });
  const alone = (what, wrapped) => caseOf(`IPv${family}, ${name}: ${what}`, 'take-out', wrapped, {});
  return { family, protocol, at, request, atPod, reply, served, dropped, alone, name };
}

function tunnels({ family, protocol, at, request, atPod, served, dropped, alone }) {
  const wrap = (asked, more = {}) => frame(ipip(packet(asked), { source: at.lb, destination: at.pod, ...more }));
  const plain = request();
  const odd = request({ payload: text('odd'), flags: ACK });
  const spread = request();
  const last = request({ ttl: 1 });
  const padded = request();
  const end = family === 4 ? 70 : 130;
  const carrying = (port) => (family === 4 ? { id: port } : { source: `fd00:9::1234:${port.toString(16)}` });
  const [first, second] = [request({ destinationPort: PORT.several }), request({ destinationPort: PORT.several })];
  const becomes = request();
  const zero = { ...becomes, payload: payloadOfZero(atPod(becomes)) };
  const without = request({ checksum: 0 });
  return [
    ...served('a tunnel', wrap(plain), plain),
    ...served('a tunnel with an odd payload', wrap(odd), odd),
    ...served('a tunnel from the prefix of nodes', wrap(spread, { source: at.within }), spread),
    ...served('a tunnel with a packet that has no hop left', wrap(last), last),
    ...served('a tunnel that carries a port which nothing depends on', wrap(plain, { id: 9999 }), plain, {
      counted: family === 4 ? { tunnel_other_port: 1 } : {},
    }),
    ...served('bytes of Ethernet behind a tunnel', wrap(padded).padEnd(2 * end, '0'), padded, {
      padded: end - (family === 4 ? 20 : 40),
    }),
    ...served('the first of several ports', wrap(first, carrying(TARGET)), first),
    ...served('the second of several ports', wrap(second, carrying(8081)), second, { target: 8081 }),
    dropped('a port that is none of several', wrap(second, carrying(8082)), 'drop_no_target_port'),
    dropped('a tunnel of who is no node', wrap(plain, { source: at.stranger }), 'drop_tunnel_source'),
    alone('a tunnel for a port of no frontend', wrap(request({ destinationPort: PORT.unknown }))),
    alone(
      'a tunnel for a pod elsewhere',
      wrap(request({ destinationPort: PORT.elsewhere }), { destination: at.other }),
    ),
    alone(
      'a tunnel of a stranger for no frontend',
      wrap(request({ destination: at.nowhere }), { source: at.stranger }),
    ),
    ...(protocol === UDP ? served('a tunnel, and a checksum that becomes 0', wrap(zero), zero) : []),
    ...(protocol === UDP && family === 4
      ? served('a tunnel with a datagram without a checksum', wrap(without), without)
      : []),
  ];
}

function options({ family, protocol, at, request, atPod, served, dropped, alone }) {
  const counter = 'option_taken';
  const option = (asked, type) =>
    family === 4
      ? { options: option4(asked.destination, asked.destinationPort, type) }
      : { extension: option6(asked.destination, asked.destinationPort, type) };
  const wrap = (asked, target = TARGET, type) => frame(packet({ ...atPod(asked, target), ...option(asked, type) }));
  const plain = request();
  const odd = request({ payload: text('odd'), flags: ACK, ttl: 63 });
  const uncopied = request();
  const several = request({ destinationPort: PORT.several });
  const without = request({ checksum: 0 });
  return [
    ...served('an option', wrap(plain), plain, { counter }),
    ...served('an option on a packet of an odd length', wrap(odd), odd, { counter }),
    ...served('an option for the second of several ports', wrap(several, 8081), several, { counter, target: 8081 }),
    dropped('an option for a port that is none of several', wrap(several, 8082), 'drop_no_target_port'),
    dropped('an option for another port than the frontend has', wrap(plain, 8081), 'drop_no_target_port'),
    alone('an option for a port of no frontend', wrap(request({ destinationPort: PORT.unknown }))),
    alone('another option', wrap(request(), TARGET, family === 4 ? '94' : '1e')),
    ...(family === 4
      ? served('an option that is not copied', wrap(uncopied, TARGET, '1a'), uncopied, { counter })
      : []),
    ...(protocol === UDP && family === 4
      ? served('an option on a datagram without a checksum', wrap(without), without, { counter })
      : []),
  ];
}

function geneves({ request, atPod, served, dropped, alone }, outer) {
  const of = AT[outer];
  const by = (what) => `Geneve by IPv${outer}${what}`;
  const wrap = (asked, { target = TARGET, ...more } = {}) =>
    frame(
      geneve(frame(packet(atPod(asked, target))), {
        ...{ source: of.lb, destination: of.node, frontend: asked.destination, frontendPort: asked.destinationPort },
        ...more,
      }),
    );
  const plain = request();
  const odd = request({ payload: text('odd'), flags: ACK });
  const spread = request({ ttl: 1 });
  const several = request({ destinationPort: PORT.several });
  return [
    ...served(by(''), wrap(plain), plain),
    ...served(by(', with an odd payload'), wrap(odd), odd),
    ...served(by(' from the prefix of nodes'), wrap(spread, { source: of.within }), spread),
    ...served(by(', of another network'), wrap(plain, { vni: 7 }), plain),
    ...served(by(' for the second of several ports'), wrap(several, { target: 8081 }), several, { target: 8081 }),
    dropped(by(' for a port that is none of several'), wrap(several, { target: 8082 }), 'drop_no_target_port'),
    dropped(by(' for another port than the frontend has'), wrap(plain, { target: 8081 }), 'drop_no_target_port'),
    dropped(by(' of who is no node'), wrap(plain, { source: of.stranger }), 'drop_tunnel_source'),
    alone(by(' for a port of no frontend'), wrap(request({ destinationPort: PORT.unknown }))),
    alone(by(' to another port'), wrap(plain, { port: 6082 })),
    alone(by(' with an option of another class'), wrap(plain, { optionClass: '0102' })),
    alone(by(' with an option of another type'), wrap(plain, { optionType: '82' })),
    alone(by(' without Ethernet'), wrap(plain, { carries: '0800' })),
  ];
}

/** What the node has nothing to do with. */
function strangers({ family, name, at, request, atPod, reply, alone }) {
  const asked = request();
  const unasked = reply(atPod(asked), asked);
  return [
    alone('a packet to the pod itself', frame(packet(atPod(request())))),
    alone('a packet to a frontend, not in a tunnel', frame(packet(request()))),
    alone('no IP', frame('0001080006040001', { type: '0806', padding: 60 })),
    alone('a frame of a VLAN', frame(`0064${family === 4 ? '0800' : '86dd'}${packet(request())}`, { type: '8100' })),
    caseOf(`IPv${family}, ${name}: a reply to who has not asked`, 'reply', frame(packet(unasked)), {}),
    caseOf(
      `IPv${family}, ${name}: what a pod asks others`,
      'reply',
      frame(packet({ ...unasked, source: at.other })),
      {},
    ),
  ];
}
