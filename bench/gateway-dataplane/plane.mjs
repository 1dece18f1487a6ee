// The embedded data plane by itself: plane.mjs '{"ports":{"upstream":…,"http":…,"tcp":…},"routes":N}'
import { EmbeddedDataPlane } from 'nekube/gateway';

const { ports, routes } = JSON.parse(process.argv[2]);
const source = { kind: 'HTTPRoute', namespace: 'default', name: 'bench' };
const backends = [{ weight: 1, backend: 'upstream', source }];
const listener = (name, port, chain) => ({
  name,
  port,
  transport: 'TCP',
  sources: [source],
  chains: [{ name, source, ...chain }],
});
const route = (i) => ({
  name: `route/${i}`,
  source,
  match: { path: { type: 'PathPrefix', value: `/route-${i}` }, headers: [], queryParams: [] },
  action: { type: 'forward', backends },
});
const virtualHosts = [
  { name: 'all', domains: ['*'], source, routes: Array.from({ length: routes }, (_, i) => route(i)) },
];
const plane = new EmbeddedDataPlane();
plane.update({
  gateways: [
    {
      key: 'default/bench',
      source,
      addresses: ['127.0.0.1'],
      listeners: [
        listener('http', ports.http, { http: { name: 'http', virtualHosts } }),
        listener('tcp', ports.tcp, { stream: { name: 'tcp', source, backends } }),
      ],
    },
  ],
  backends: new Map([['upstream', { name: 'upstream', source, protocol: 'HTTP', endpoints: 'upstream' }]]),
  endpoints: new Map([
    ['upstream', { name: 'upstream', endpoints: [{ address: '127.0.0.1', port: ports.upstream, state: 'ready' }] }],
  ]),
  secrets: new Map(),
});
process.on('SIGTERM', () => process.exit(0));
