import { bounded } from 'nekube/definitions';
import * as words from './schema-words.ts';

const { list, object, oneOf, text, whole, withRules } = bounded;

const TLS_VERSIONS = ['1.0', '1.1', '1.2', '1.3'];

const timeouts = object('Limits of time.', {
  idle: words.duration('Of a connection without a request. Default 1h.'),
  requestHeaders: words.duration(
    'From the beginning of a connection or request until its headers are there. Default: none.',
  ),
  request: words.duration('From the first to the last byte of a request. Default: none.'),
  streamIdle: words.duration('Of a request on which nothing comes or goes. Default 5m.'),
  maxConnectionDuration: words.duration('After it a connection is drained. Default: none.'),
});

const clientAddress = withRules(
  object('Who the client is, where proxies are before the gateway. Default: who has the connection.', {
    trustedHops: whole('So many proxies, counted from the right of X-Forwarded-For, are trusted.', 1, { maximum: 32 }),
    header: object(
      'A header that has the address.',
      { name: words.headerName('Its name.'), required: words.flag('Requests without it are refused with 403.') },
      ['name'],
    ),
  }),
  { rule: 'has(self.trustedHops) != has(self.header)', message: 'must have one of trustedHops and header' },
);

const accessLog = withRules(
  object(
    'A line for each request or connection.',
    {
      type: oneOf('Where it goes.', ['File', 'OpenTelemetry', 'ALS']),
      path: text('Of the file: /dev/stdout, /dev/stderr, or one below /var/log. Only for File.', { maxLength: 1024 }),
      backendRef: words.backendRef(
        'The service that takes it. Only for OpenTelemetry and ALS (the gRPC access log service of Envoy).',
      ),
      logName: text('How the log is called there.'),
      text: text('The line, with command operators of Envoy. Default: its own.', { maxLength: 4096 }),
      json: {
        type: 'object',
        description: 'The line as JSON; values are command operators of Envoy.',
        maxProperties: 64,
        additionalProperties: text('An operator, as in %RESPONSE_CODE%.', { maxLength: 1024 }),
      },
      matches: list('CEL of Envoy; only what all are true for is told.', text('An expression.', { maxLength: 1024 })),
    },
    ['type'],
  ),
  {
    rule: "self.type == 'File' ? has(self.path) : has(self.backendRef)",
    message: 'File needs path, the others backendRef',
  },
  { rule: '!(has(self.text) && has(self.json))', message: 'must have one of text and json' },
);

const tag = withRules(
  object(
    'A tag of spans.',
    {
      name: text('Its name.'),
      literal: text('This value.', { maxLength: 1024 }),
      header: words.headerName('The value of this header of the request.'),
      environment: text('The value of this variable of the proxy.'),
    },
    ['name'],
  ),
  {
    rule: '[has(self.literal), has(self.header), has(self.environment)].exists_one(one, one)',
    message: 'must have one of literal, header and environment',
  },
);

const tracing = object(
  'Spans of requests.',
  {
    provider: object(
      'Who takes them.',
      {
        type: oneOf('Its protocol.', ['OpenTelemetry', 'Zipkin']),
        backendRef: words.backendRef('Where.'),
        serviceName: text('How the gateway is called there. Default: NAMESPACE/NAME of the Gateway.'),
      },
      ['type', 'backendRef'],
    ),
    samplingPercent: words.percent('Of requests that nobody before has decided about. Default 100.'),
    tags: list('Told beside.', tag),
  },
  ['provider'],
);

const spec = object(
  'How clients are spoken with.',
  {
    targetRefs: words.targetRefs('Gateways, or one of their listeners (sectionName), and ListenerSets.', [
      'Gateway',
      'ListenerSet',
    ]),
    http1: object('Of HTTP/1.1.', {
      preserveHeaderCase: words.flag('Names of headers keep their case. Default: lower case.'),
      http10: object('HTTP/1.0 is taken, too.', { defaultHost: text('Of a request without Host.') }),
    }),
    http2: words.http2,
    http3: object('HTTP/3.', { enabled: words.flag('Clients may come over QUIC, on the same port of UDP.') }, [
      'enabled',
    ]),
    proxyProtocol: oneOf('Connections begin with a line of the PROXY protocol: always, or perhaps.', [
      'Required',
      'Optional',
    ]),
    clientAddress,
    timeouts,
    connection: object('Of connections.', {
      limit: whole('So many at once.', 1, { maximum: 2_147_483_647 }),
      closeDelay: words.duration('Those beyond are kept waiting so long before they are closed.'),
      bufferBytes: words.bytes('So much of one is kept. Default 32768.'),
    }),
    maxRequestHeadersBytes: words.bytes('Of all headers of a request; beyond it: 431. Default 61440.', 8_388_608),
    tcpKeepalive: words.tcpKeepalive,
    path: object('How paths are read before a route is chosen.', {
      mergeSlashes: words.flag('Several slashes are one. Default true.'),
      escapedSlashes: oneOf('What becomes of %2F and %5C. Default UnescapeAndRedirect.', [
        'Keep',
        'Reject',
        'UnescapeAndForward',
        'UnescapeAndRedirect',
      ]),
    }),
    tls: object('Of TLS that is terminated.', {
      minVersion: oneOf('Default 1.2.', TLS_VERSIONS),
      maxVersion: oneOf('Default 1.3.', TLS_VERSIONS),
      ciphers: list('Of TLS 1.2, by names of OpenSSL.', text('A name.', { maxLength: 64 })),
      alpnProtocols: list('In order of preference. Default h2, http/1.1.', text('A name.', { maxLength: 64 })),
    }),
    requestHeaders: words.headers('Changed before a route is chosen.'),
    accessLogs: list('Lines for requests.', accessLog, { maxItems: 8 }),
    tracing,
    debugHeaders: words.flag(
      'Answers to requests with the header x-nekube-debug: 1 tell how they came about, in headers ' +
        'x-nekube-listener, x-nekube-route (with its rule), x-nekube-backend and x-nekube-endpoint. Default false.',
    ),
  },
  ['targetRefs'],
);

/** The spec of a ClientPolicy. */
export const clientPolicySpec = spec;
