// The embedded data plane by itself: plane.mjs '{"ports":{"upstream":…,"echo":…,"http":…,"tcp":…},"routes":N,"concurrency":N}'
import { EmbeddedDataPlane } from 'nekube/gateway';

const { ports, routes, concurrency } = JSON.parse(process.argv[2]);
const source = { kind: 'HTTPRoute', namespace: 'default', name: 'bench' };
const to = (backend) => [{ weight: 1, backend, source }];
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
  action: { type: 'forward', backends: to('upstream') },
});
const virtualHosts = [
  { name: 'all', domains: ['*'], source, routes: Array.from({ length: routes }, (_, i) => route(i)) },
];
const plane = new EmbeddedDataPlane({ concurrency });
plane.update({
  gateways: [
    {
      key: 'default/bench',
      source,
      addresses: ['127.0.0.1'],
      listeners: [
        listener('http', ports.http, { http: { name: 'http', virtualHosts } }),
        listener('tcp', ports.tcp, { stream: { name: 'tcp', source, backends: to('echo') } }),
      ],
    },
  ],
  backends: new Map(['upstream', 'echo'].map((name) => [name, { name, source, protocol: 'HTTP', endpoints: name }])),
  endpoints: new Map(
    ['upstream', 'echo'].map((name) => [
      name,
      { name, endpoints: [{ address: '127.0.0.1', port: ports[name], state: 'ready' }] },
    ]),
  ),
  secrets: new Map(),
});
process.on('SIGTERM', () => process.exit(0));
