// The network of the cases, and the configurations of its nodes.

/** Addresses of both families, by what they are. */
export const AT = {
  4: {
    ...{ client: '192.0.2.7', stranger: '203.0.113.9', frontend: '10.96.0.10', nowhere: '10.96.0.99' },
    ...{ lb: '10.2.0.2', node: '10.3.0.2', pod: '10.244.1.10', other: '10.244.1.11', range: '192.0.2.0/24' },
    ...{ spread: '10.9.0.0/16', within: '10.9.18.52' },
  },
  6: {
    ...{ client: '2001:db8::7', stranger: '2001:db8:9::9', frontend: 'fd00:96::a', nowhere: 'fd00:96::99' },
    ...{ lb: 'fd00:2::2', node: 'fd00:3::2', pod: 'fd00:244:1::a', other: 'fd00:244:1::b', range: '2001:db8::/64' },
    ...{ spread: 'fd00:9::/64', within: 'fd00:9::1234:1f90' },
  },
};

/** Ports of the frontends, by what they are for. */
export const PORT = {
  ...{ usual: 80, empty: 81, silent: 82, ranged: 83, here: 84, crossed: 85, nodeless: 86 },
  ...{ several: 90, elsewhere: 91, unknown: 99 },
};

/** Of devices; small, so that packets that are too large are short. */
export const MTU = 400;

export const TARGET = 8080;
/** The only port that stands for clients. */
export const SNAT_PORT = 61_234;

const each = (make) => [4, 6].flatMap((family) => ['TCP', 'UDP'].map((protocol) => make(family, protocol)));

/** A node that takes requests, whose frontends have a mode. */
export function requestNode(mode, more = {}) {
  return {
    mode,
    mtu: MTU,
    nodeAddresses: [AT[4].lb, AT[6].lb],
    snatPorts: { first: SNAT_PORT, count: 1 },
    frontends: each((family, protocol) => {
      const at = AT[family];
      const crossed = AT[family === 4 ? 6 : 4].node;
      const of = (port, backends, rest = {}) => ({ address: at.frontend, port, protocol, backends, ...rest });
      const pod = { address: at.pod, port: TARGET, nodeAddress: at.node };
      const other = { address: at.other, port: TARGET, nodeAddress: at.node };
      return [
        of(PORT.usual, [pod]),
        of(PORT.empty, []),
        of(PORT.silent, [], { whenEmpty: 'drop' }),
        of(PORT.ranged, [other], { sourceRanges: [at.range] }),
        of(PORT.here, [{ address: at.other, port: 9090, isLocal: true }]),
        of(PORT.crossed, [{ ...other, port: 9091, nodeAddress: crossed }]),
        of(PORT.nodeless, [{ address: at.other, port: 9092 }]),
      ];
    }).flat(),
    ...more,
  };
}

/** A node with a pod, which takes tunnels from the one that takes requests. */
export function podNode() {
  return {
    nodeAddresses: [AT[4].node, AT[6].node],
    tunnelsFrom: [AT[4].lb, AT[6].lb, AT[4].spread, AT[6].spread],
    frontends: each((family, protocol) => {
      const at = AT[family];
      const of = (port, backends) => ({ address: at.frontend, port, protocol, backends });
      return [
        of(PORT.usual, [{ address: at.pod, port: TARGET, isLocal: true }]),
        of(
          PORT.several,
          [TARGET, 8081].map((port) => ({ address: at.pod, port, isLocal: true })),
        ),
        of(PORT.elsewhere, [{ address: at.other, port: TARGET }]),
      ];
    }).flat(),
  };
}
