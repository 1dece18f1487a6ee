// A gateway with so many routes, each with a host, two rules, a Service and three endpoints of its own.

const GATEWAY_API = 'gateway.networking.k8s.io/v1';
const FIRST = Date.UTC(2026, 0, 1);

function metadataOf(name, age) {
  const creationTimestamp = new Date(FIRST + age * 1000).toISOString().replace('.000', '');
  return { name, namespace: 'default', uid: name, generation: 1, creationTimestamp };
}

/** The resources, by lists, as Envoy Gateway's translator reads them. */
export function resourcesFor(count) {
  const indices = Array.from({ length: count }, (_, i) => i);
  return {
    gatewayClass: {
      apiVersion: GATEWAY_API,
      kind: 'GatewayClass',
      metadata: { name: 'nekube', generation: 1 },
      spec: { controllerName: 'nekube.dev/gateway-controller' },
    },
    gateways: [gateway()],
    namespaces: [
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'default', labels: { 'kubernetes.io/metadata.name': 'default' } },
      },
    ],
    // what Envoy Gateway wants for its own connections; nobody reads what is in it
    secrets: [secretOfEnvoyGateway()],
    httpRoutes: indices.map((i) => httpRoute(i)),
    services: indices.map(service),
    endpointSlices: indices.map((i) => endpointSlice(i)),
  };
}

function gateway() {
  const listener = { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'All' } } };
  const spec = { gatewayClassName: 'nekube', listeners: [listener] };
  return { apiVersion: GATEWAY_API, kind: 'Gateway', metadata: metadataOf('bench', 0), spec };
}

function secretOfEnvoyGateway() {
  const metadata = { name: 'envoy', namespace: 'envoy-gateway-system' };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    data: { 'ca.crt': 'YQ==', 'tls.crt': 'YQ==', 'tls.key': 'YQ==' },
  };
}

/** A route, as of a generation; what changes from one to the next is a header. */
export function httpRoute(i, generation = 1) {
  const backendRefs = [{ group: '', kind: 'Service', name: `service-${i}`, port: 80, weight: 1 }];
  const filters = [
    {
      type: 'RequestHeaderModifier',
      requestHeaderModifier: { set: [{ name: 'x-route', value: `${i} ${generation}` }] },
    },
  ];
  const rules = [
    { matches: [{ path: { type: 'PathPrefix', value: '/api' } }], filters, backendRefs },
    { matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs },
  ];
  const parentRefs = [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'bench' }];
  const spec = { parentRefs, hostnames: [`r-${i}.bench.example`], rules };
  return { apiVersion: GATEWAY_API, kind: 'HTTPRoute', metadata: { ...metadataOf(`route-${i}`, i), generation }, spec };
}

function service(i) {
  const spec = { clusterIP: '10.96.0.1', ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: metadataOf(`service-${i}`, i), spec };
}

/** The endpoints of a service; `last` is the end of their addresses. */
export function endpointSlice(i, last = [1, 2, 3]) {
  const labels = { 'kubernetes.io/service-name': `service-${i}` };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadataOf(`service-${i}-abcde`, i), labels },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: last.map((end) => ({
      addresses: [`10.${(i >> 8) & 255}.${i & 255}.${end}`],
      conditions: { ready: true },
    })),
  };
}
