import { bounded } from 'nekube/definitions';
import * as words from './schema-words.ts';

const { list, object, oneOf, text, whole, withRules } = bounded;

const status = whole('A status.', 200, { maximum: 599 });
const many = { maximum: 2_147_483_647 };

const retry = object('When a request is tried again.', {
  attempts: whole('After the first. Default 2.', 1, { maximum: 100 }),
  backoff: words.duration('Before the next attempt; it grows. Default 25ms.'),
  codes: list('After these statuses.', status),
  triggers: list('Also after these.', oneOf('A trouble.', ['ConnectionError', 'BackendTimeout'])),
});

const circuitBreaker = object('What is beyond is answered with 503 at once.', {
  maxConnections: whole('Default 1024.', 1, many),
  maxPendingRequests: whole('That wait for a connection. Default 1024.', 0, many),
  maxRequests: whole('At once. Default 1024.', 1, many),
  maxRetries: whole('At once. Default 1024.', 0, many),
});

const healthCheck = withRules(
  object('Endpoints are asked whether they are well; those that are not get nothing.', {
    interval: words.duration('Default 3s.'),
    timeout: words.duration('Default 1s.'),
    unhealthyThreshold: whole('So many failures in a row. Default 3.', 1, many),
    healthyThreshold: whole('So many successes in a row. Default 1.', 1, many),
    http: object(
      'A request.',
      {
        path: text('Its path.', { maxLength: 1024, pattern: '^/' }),
        method: oneOf('Its method. Default GET.', ['GET', 'HEAD', 'POST', 'OPTIONS']),
        hostname: text('Its host. Default: the name of the backend.'),
        expectedStatuses: list('Default 200.', status),
      },
      ['path'],
    ),
    tcp: object('A connection.', {
      send: text('What is sent.', { maxLength: 1024 }),
      receive: text('What must come.', { maxLength: 1024 }),
    }),
    grpc: object('The health service of gRPC.', { service: text('Of this service.') }),
  }),
  {
    rule: '[has(self.http), has(self.tcp), has(self.grpc)].exists_one(one, one)',
    message: 'must have one of http, tcp and grpc',
  },
);

const outlierDetection = object('Endpoints that fail are left out for a while.', {
  interval: words.duration('Between looks. Default 10s.'),
  baseEjectionTime: words.duration('Left out so long the first time. Default 30s.'),
  maxEjectionPercent: words.percent('Never more than this of all. Default 10.'),
  consecutive5xx: whole('Answers of 5xx in a row. Default 5.', 0, many),
  consecutiveGatewayErrors: whole('Answers of 502, 503 and 504 in a row. Default 0: they do not count apart.', 0, many),
  consecutiveLocalOriginFailures: whole('Failed connections in a row. Default 5.', 0, many),
});

const loadBalancing = withRules(
  object(
    'Which endpoint gets a request.',
    {
      type: oneOf('Default LeastRequest.', ['RoundRobin', 'LeastRequest', 'Random', 'ConsistentHash']),
      consistentHash: withRules(
        object(
          'The same key goes to the same endpoint.',
          {
            type: oneOf('What the key is.', ['SourceIP', 'Header', 'QueryParam', 'Cookie']),
            name: text('Of the header, parameter or cookie.'),
            ttl: words.duration('A cookie that is missing is made, for so long.'),
            tableSize: whole('Of Maglev; a prime. Default 65537.', 3, { maximum: 5_000_011 }),
          },
          ['type'],
        ),
        {
          rule: "self.type == 'SourceIP' || has(self.name)",
          message: 'name must be set for a header, parameter or cookie',
        },
      ),
      slowStart: words.duration('A new endpoint gets its whole share within this time.'),
    },
    ['type'],
  ),
  {
    rule: "(self.type == 'ConsistentHash') == has(self.consistentHash)",
    message: 'consistentHash belongs to type ConsistentHash',
  },
);

const limitedHeader = withRules(
  object(
    'A header of the requests that count.',
    {
      name: words.headerName('Its name.'),
      type: oneOf('Distinct: each value counts for itself. Default Exact.', ['Exact', 'RegularExpression', 'Distinct']),
      value: text('Its value.', { maxLength: 1024 }),
    },
    ['name'],
  ),
  {
    rule: "(has(self.type) && self.type == 'Distinct') != has(self.value)",
    message: 'value must be set, unless the type is Distinct',
  },
);

const limit = object(
  'So many requests of a kind; beyond it: 429.',
  {
    headers: list('Only those that have all of these.', limitedHeader, { maxItems: 16 }),
    clientCIDR: object(
      'Only those of clients of a network.',
      { cidr: words.cidr('The network.'), distinct: words.flag('Each address counts for itself.') },
      ['cidr'],
    ),
    requests: whole('So many.', 1, { maximum: 4_294_967_295 }),
    per: oneOf('In this time.', ['Second', 'Minute', 'Hour', 'Day']),
  },
  ['requests', 'per'],
);

const rateLimit = object('Requests that are too many are refused.', {
  local: list('Each proxy counts for itself.', limit, { maxItems: 16 }),
  global: object(
    'A service counts for all proxies.',
    {
      backendRef: words.backendRef('A service of Envoy’s rate limit protocol.'),
      domain: text('What the service calls these limits.'),
      rules: list('All that fit must allow.', limit, { maxItems: 16 }),
      failClosed: words.flag('Where the service does not answer, requests are refused. Default: they go on.'),
    },
    ['backendRef', 'domain', 'rules'],
  ),
});

const fault = object('Trouble on purpose, to see what clients do.', {
  delay: object(
    'Requests wait.',
    { duration: words.duration('So long.'), percent: words.percent('Of requests. Default 100.') },
    ['duration'],
  ),
  abort: withRules(
    object('Requests are answered without a backend.', {
      httpStatus: whole('With this status.', 200, { maximum: 599 }),
      grpcStatus: whole('With this status of gRPC.', 0, { maximum: 16 }),
      percent: words.percent('Of requests. Default 100.'),
    }),
    { rule: 'has(self.httpStatus) != has(self.grpcStatus)', message: 'must have one of httpStatus and grpcStatus' },
  ),
});

/** The spec of a BackendPolicy. */
export const backendPolicySpec = object(
  'How backends are spoken with, and what becomes of requests on the way.',
  {
    targetRefs: words.targetRefs('Gateways, routes (or one of their rules), and Services (or one of their ports).', [
      'Gateway',
      'HTTPRoute',
      'GRPCRoute',
      'TLSRoute',
      'TCPRoute',
      'UDPRoute',
      'Service',
      'XBackend',
    ]),
    timeouts: object('Limits of time.', {
      connect: words.duration('Until there is a connection. Default 10s.'),
      idle: words.duration('Of a connection without a request. Default 1h.'),
      maxConnectionDuration: words.duration('After it a connection gets no more requests. Default: none.'),
      request: words.duration('Of a whole request, where the route says none. Default 15s; 0s is none.'),
      backendRequest: words.duration('Of one attempt, where the route says none.'),
    }),
    retry,
    maxRequestsPerConnection: whole('Then there is a new one.', 1, many),
    circuitBreaker,
    healthCheck,
    outlierDetection,
    loadBalancing,
    http2: words.http2,
    tcpKeepalive: words.tcpKeepalive,
    bufferBytes: words.bytes('So much of a connection is kept. Default 32768.'),
    proxyProtocol: oneOf('Connections begin with a line of the PROXY protocol, of this version.', ['V1', 'V2']),
    rateLimit,
    fault,
    compression: list(
      'Of answers, in order of preference, where the client accepts it.',
      oneOf('A way.', ['Brotli', 'Gzip', 'Zstd']),
    ),
    requestHeaders: words.headers('Of requests, before those that a route changes.'),
    responseHeaders: words.headers('Of answers, before those that a route changes.'),
    mirrors: list(
      'Copies of requests go here, too.',
      object(
        'A copy.',
        { backendRef: words.backendRef('Where it goes.'), percent: words.percent('Of requests. Default 100.') },
        ['backendRef'],
      ),
      { maxItems: 8 },
    ),
    maxRequestBodyBytes: words.bytes('Of a request; it is kept whole before it goes on, and beyond it: 413.'),
  },
  ['targetRefs'],
);
