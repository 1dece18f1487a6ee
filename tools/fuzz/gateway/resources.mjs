// Random gateways, routes and policies, which a cluster admits for the most part.
import { POLICY_DEFINITIONS } from '../../../dist/gateway/policies/index.js';
import { SchemaValues } from './schema-values.mjs';

const NAMESPACE = 'default';
const GROUP = 'gateway.networking.k8s.io';
const LABELS = 'a.'.repeat(126);
const HOSTNAMES = [
  ...['shop.example', '*.shop.example', 'a.shop.example', '*.example', 'other.example', 'xn--bcher-kva.example'],
  ...[`${LABELS}a`, `*.${LABELS.slice(2)}a`, `${'x'.repeat(63)}.example`, '1.2.example', 'localhost'],
];
const PATHS = [
  ...[
    '/',
    '/a',
    '/a/',
    '/a/b',
    '/%20',
    '/%25',
    '/%5B',
    '/%c3%bc',
    '/a+b',
    '/a.b',
    '/a*',
    '/a$',
    '/(',
    '/)',
    '/a=',
    '/=a',
  ],
  ...['/~', "/'", '/a;b=c', '/a:b', '/@', '/a,b', '/-_!', `/${'x'.repeat(1022)}`, '/:authority', '/$1', '/a&b', '/**'],
];
const EXPRESSIONS = [
  ...[
    '/a.*',
    '/[a-z]+',
    '(?i)/a',
    '/a{1,1000}',
    '/(a|b)+/c',
    '/\\d+',
    '.*',
    '/\\pL',
    '/[[:alpha:]]',
    '(/a(/b(/c)?)?)?',
    '(?s).*',
  ],
  ...[
    '/(?P<x>a)',
    '\\/a',
    '/a\\b',
    '^/a$',
    '/(',
    '/[z-a]',
    '/a**',
    '/(?=a)',
    '/\\1',
    '/a{1001}',
    '\\C',
    '/\\x{10FFFF}',
    '|',
    '(|)',
  ],
  ...['/(a{1,30}){1,30}', `/${'(a|b)'.repeat(200)}`, '/%', 'ü', '/\\Qa.b\\E'],
];
const NAMES = [
  'x-a',
  'X-B',
  'cookie',
  'Host',
  'host',
  'user-agent',
  ':authority',
  "!#$%&'*+-.^_`|~",
  'a'.repeat(256),
  'connection',
  'x',
];
const VALUES = [
  '1',
  'a b',
  'a\tb',
  '%',
  '%%',
  '%REQ(A)%',
  '%DOWNSTREAM_REMOTE_ADDRESS%',
  '%X',
  'a%b',
  '%(',
  '%START_TIME(%Y)%',
  '"',
  '\\',
  ',',
  '{}',
  '~',
  'x'.repeat(1024),
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];
const DURATIONS = ['0s', '1ms', '100ms', '1s', '10m30s', '1h', '99999h', '99999h99999h99999h99999h'];
const WEIGHTS = [0, 0, 1, 1, 2, 999_983, 1_000_000];
const PORTS = [1, 80, 443, 8080, 65_535];

/** Objects of one round. */
export class RandomResources {
  #random;
  #policies;

  constructor(random) {
    this.#random = random;
    const backendRef = () => this.#backendRef();
    const known = {
      backendRef,
      secretRef: ({ pick }) => ({ name: this.#random.pick(['users', 'users', 'keys', 'none']) }),
      secretRefs: () => [{ name: this.#random.pick(['keys', 'keys', 'users', 'odd-keys']) }],
      configMapRef: () => ({ name: this.#random.pick(['jwks', 'jwks', 'odd-jwks', 'none']) }),
      provider: undefined,
    };
    this.#policies = new SchemaValues(random, known);
  }

  /** A gateway for each kind of listener, routes of all kinds, and policies, of which each has a target of its own. */
  round() {
    const gateways = [this.#gateway('one'), this.#gateway('two'), this.#gateway('three')];
    const routes = [
      ...Array.from({ length: 10 }, (_, i) => this.#httpRoute(`h${i}`)),
      ...Array.from({ length: 3 }, (_, i) => this.#grpcRoute(`g${i}`)),
      ...['TLSRoute', 'TCPRoute', 'UDPRoute'].map((kind) => this.#streamRoute(kind, kind.toLowerCase())),
    ];
    const policies = [
      ...gateways.map((target, i) => this.#policy('ClientPolicy', `c${i}`, target)),
      ...routes.map((target, i) => this.#policy('BackendPolicy', `b${i}`, target)),
      ...routes
        .filter(({ kind }) => kind === 'HTTPRoute' || kind === 'GRPCRoute')
        .map((target, i) => this.#policy('SecurityPolicy', `s${i}`, target)),
      ...['web', 'grpc'].map((name) =>
        this.#policy('BackendPolicy', `service-${name}`, { kind: 'Service', metadata: { name } }),
      ),
    ];
    return [...gateways, ...routes, ...policies, ...['web', 'tls', 'grpc'].map((name) => this.#tlsPolicy(name))];
  }

  #object(group, version, kind, name, spec) {
    return { apiVersion: `${group}/${version}`, kind, metadata: { name, namespace: NAMESPACE }, spec };
  }

  #gateway(name) {
    const random = this.#random;
    const ports = random.shuffled(PORTS);
    const listeners = Array.from({ length: 1 + random.below(3) }, (_, i) => this.#listener(`l${i}`, ports[i]));
    const [first] = listeners;
    if (random.chance(0.4) && first.protocol.startsWith('H'))
      listeners.push({ ...first, name: 'shared', hostname: 'shared.example' });
    return this.#object(GROUP, 'v1', 'Gateway', name, { gatewayClassName: 'nekube', listeners });
  }

  #listener(name, port) {
    const random = this.#random;
    const protocol = random.pick(['HTTP', 'HTTP', 'HTTPS', 'HTTPS', 'TLS', 'TCP', 'UDP']);
    const isTls = protocol === 'HTTPS' || protocol === 'TLS';
    const options = {
      ...(random.chance(0.3) && {
        'gateway.nekube.dev/tls-ciphers': random.pick([
          'AES128-SHA',
          'ECDHE-RSA-AES128-GCM-SHA256,AES256-SHA',
          'x',
          '',
        ]),
      }),
      ...(random.chance(0.3) && {
        'gateway.nekube.dev/tls-alpn': random.pick(['h2', 'h2,http/1.1', 'x', ',', 'x'.repeat(256), '']),
      }),
      ...(random.chance(0.3) && { 'gateway.nekube.dev/tls-max-version': random.pick(['1.0', '1.2', '1.3', '2']) }),
      ...(random.chance(0.3) && { 'gateway.nekube.dev/tls-min-version': random.pick(['1.0', '1.2', '1.3', '']) }),
    };
    const mode = protocol === 'TLS' ? random.pick(['Terminate', 'Passthrough']) : 'Terminate';
    const tls = { mode, ...(mode === 'Terminate' && { certificateRefs: [{ name: 'certificate' }] }), options };
    const takesHost = protocol !== 'TCP' && protocol !== 'UDP';
    return {
      name,
      port,
      protocol,
      ...(takesHost && random.chance(0.6) && { hostname: random.pick(HOSTNAMES) }),
      ...(isTls && { tls }),
      allowedRoutes: { namespaces: { from: 'All' } },
    };
  }

  #parents() {
    return this.#random
      .shuffled(['one', 'two', 'three'])
      .slice(0, 1 + this.#random.below(3))
      .map((name) => ({ name }));
  }

  #hostnames() {
    const random = this.#random;
    return random.chance(0.6) ? { hostnames: [...new Set([random.pick(HOSTNAMES), random.pick(HOSTNAMES)])] } : {};
  }

  #httpRoute(name) {
    const rules = Array.from({ length: 1 + this.#random.below(3) }, () => this.#httpRule());
    return this.#object(GROUP, 'v1', 'HTTPRoute', name, { parentRefs: this.#parents(), ...this.#hostnames(), rules });
  }

  #httpRule() {
    const random = this.#random;
    const isRedirect = random.chance(0.15);
    const matches = Array.from({ length: random.below(3) }, () => this.#httpMatch());
    const hasPrefix = matches.length === 1 && (matches[0].path?.type ?? 'PathPrefix') === 'PathPrefix';
    const filters = this.#filters(isRedirect, hasPrefix, 0.5);
    const [backendRequest, request] = [random.below(DURATIONS.length), random.below(DURATIONS.length)]
      .sort((a, b) => a - b)
      .map((i) => DURATIONS[i]);
    return {
      ...(matches.length > 0 && { matches }),
      ...(filters.length > 0 && { filters }),
      ...(!isRedirect && { backendRefs: this.#backendRefs(hasPrefix) }),
      ...(random.chance(0.3) && { timeouts: { request, ...(random.chance(0.5) && { backendRequest }) } }),
      ...(random.chance(0.3) && { retry: this.#retry() }),
      ...(random.chance(0.2) && !isRedirect && { sessionPersistence: this.#session() }),
    };
  }

  #httpMatch() {
    const random = this.#random;
    const type = random.pick(['Exact', 'PathPrefix', 'RegularExpression']);
    const value = type === 'RegularExpression' ? random.pick([...EXPRESSIONS, ...PATHS]) : random.pick(PATHS);
    return {
      ...(random.chance(0.8) && { path: { type, value } }),
      ...(random.chance(0.3) && { method: random.pick(METHODS) }),
      ...(random.chance(0.4) && { headers: this.#valueMatches() }),
      ...(random.chance(0.3) && { queryParams: this.#valueMatches() }),
    };
  }

  #valueMatches() {
    const random = this.#random;
    const names = random
      .shuffled(NAMES.filter((name) => !name.startsWith(':') && name !== 'Host'))
      .slice(0, 1 + random.below(2));
    return names.map((name) => {
      const type = random.pick(['Exact', 'RegularExpression']);
      return { type, name, value: random.pick(type === 'Exact' ? VALUES : EXPRESSIONS) };
    });
  }

  #filters(isRedirect, hasPrefix, chance) {
    const random = this.#random;
    const filters = [
      { type: 'RequestHeaderModifier', requestHeaderModifier: this.#headers() },
      { type: 'ResponseHeaderModifier', responseHeaderModifier: this.#headers() },
      { type: 'RequestMirror', requestMirror: this.#mirror() },
      { type: 'RequestMirror', requestMirror: this.#mirror() },
      { type: 'CORS', cors: this.#cors() },
      { type: 'ExternalAuth', externalAuth: this.#externalAuth() },
      ...(isRedirect ? [] : [{ type: 'URLRewrite', urlRewrite: this.#rewrite(hasPrefix) }]),
    ].filter(() => random.chance(chance * 0.6));
    if (isRedirect) filters.push({ type: 'RequestRedirect', requestRedirect: this.#redirect(hasPrefix) });
    return filters;
  }

  #headers() {
    const random = this.#random;
    const names = random.shuffled(NAMES.filter((name) => !name.startsWith(':') && name !== 'Host'));
    const header = (name) => ({ name, value: random.pick(VALUES) });
    return { set: names.slice(0, 2).map(header), add: names.slice(2, 3).map(header), remove: names.slice(3, 5) };
  }

  #mirror() {
    const random = this.#random;
    return {
      backendRef: this.#backendRef(),
      ...random.pick([
        {},
        { percent: random.pick([0, 1, 100]) },
        { fraction: { numerator: random.pick([0, 1, 7]), denominator: random.pick([7, 1000, 2_147_483_647]) } },
      ]),
    };
  }

  #cors() {
    const random = this.#random;
    const origins = ['*', 'https://shop.example', 'https://*.shop.example', 'http://a.example:8080'];
    return {
      allowOrigins: random.chance(0.2) ? ['*'] : random.some(origins.slice(1), 0.6),
      ...(random.chance(0.5) && { allowCredentials: random.chance(0.5) }),
      ...(random.chance(0.5) && { allowMethods: random.pick([['*'], ['GET', 'CONNECT']]) }),
      ...(random.chance(0.5) && { allowHeaders: random.pick([['*'], ["!#$%&'*+-.^_`|~", 'X-A']]) }),
      ...(random.chance(0.5) && { exposeHeaders: random.pick([['*'], ['x-b']]) }),
      ...(random.chance(0.5) && { maxAge: random.pick([1, 2_147_483_647]) }),
    };
  }

  #externalAuth() {
    const random = this.#random;
    const protocol = random.pick(['HTTP', 'GRPC']);
    const headers = { allowedHeaders: ['x-a', 'X-B'] };
    return {
      protocol,
      backendRef: this.#backendRef(),
      ...(protocol === 'HTTP'
        ? {
            http: {
              ...(random.chance(0.5) && { path: random.pick(PATHS) }),
              ...(random.chance(0.5) && { ...headers, allowedResponseHeaders: ['x-c'] }),
            },
          }
        : { grpc: random.chance(0.5) ? headers : {} }),
      ...(random.chance(0.5) && { forwardBody: { maxSize: random.pick([0, 1, 65_535]) } }),
    };
  }

  #redirect(hasPrefix) {
    const random = this.#random;
    return {
      statusCode: random.pick([301, 302, 303, 307, 308]),
      ...(random.chance(0.5) && { scheme: random.pick(['http', 'https']) }),
      ...(random.chance(0.5) && { hostname: random.pick(HOSTNAMES.filter((name) => !name.startsWith('*'))) }),
      ...(random.chance(0.5) && { port: random.pick(PORTS) }),
      ...(random.chance(0.6) && { path: this.#newPath(hasPrefix) }),
    };
  }

  #rewrite(hasPrefix) {
    const random = this.#random;
    const hostname = random.pick(HOSTNAMES.filter((name) => !name.startsWith('*')));
    return random.chance(0.3)
      ? { hostname }
      : { ...(random.chance(0.4) && { hostname }), path: this.#newPath(hasPrefix) };
  }

  #newPath(hasPrefix) {
    const random = this.#random;
    const value = random.pick([...PATHS, '', '/\\1', '/a?b=c', '/#a', '/%', '/ü', '/"', '/%REQ(A)%', '/{x}']);
    return hasPrefix && random.chance(0.6)
      ? { type: 'ReplacePrefixMatch', replacePrefixMatch: value }
      : { type: 'ReplaceFullPath', replaceFullPath: value };
  }

  #retry() {
    const random = this.#random;
    return {
      ...(random.chance(0.6) && { attempts: random.pick([0, 1, 2_147_483_647]) }),
      ...(random.chance(0.6) && { backoff: random.pick(DURATIONS) }),
      ...(random.chance(0.6) && { codes: random.pick([[500], [400, 599], [503, 504, 429]]) }),
    };
  }

  #session() {
    const random = this.#random;
    const type = random.pick(['Cookie', 'Header']);
    const lifetimeType = random.pick(['Permanent', 'Session']);
    const cookie = random.pick([
      {},
      { lifetimeType },
      { name: random.pick(['a', "!#$%&'*+-.^_`|~", 'x'.repeat(128)]) },
      { path: random.pick(['/', '/a']) },
    ]);
    return {
      type,
      ...(type === 'Cookie' ? { cookie } : { header: { name: random.pick(['x-session', 'X', "!#$%&'*+-.^_`|~"]) } }),
      ...((lifetimeType === 'Permanent' || random.chance(0.4)) && { absoluteTimeout: random.pick(DURATIONS) }),
    };
  }

  #backendRefs(hasPrefix) {
    const random = this.#random;
    return Array.from({ length: random.below(4) }, () => {
      const filters = random.chance(0.3) ? this.#filters(false, hasPrefix, 0.3) : [];
      return { ...this.#backendRef(), weight: random.pick(WEIGHTS), ...(filters.length > 0 && { filters }) };
    });
  }

  #backendRef() {
    return this.#random.pick([
      { name: 'web', port: 80 },
      { name: 'web', port: 65_535 },
      { name: 'web', port: 8080 },
      { name: 'grpc', port: 9000 },
      { name: 'tls', port: 443 },
      { name: 'empty', port: 80 },
      { name: 'missing', port: 80 },
      { name: 'dns', port: 53 },
      { name: 'x'.repeat(63), port: 1 },
    ]);
  }

  #grpcRoute(name) {
    const random = this.#random;
    const rules = Array.from({ length: 1 + random.below(2) }, () => {
      const type = random.pick(['Exact', 'RegularExpression']);
      const word = () =>
        random.pick(type === 'Exact' ? ['Get', 'x'.repeat(1024)] : ['a.*', '[A-Z]+', '(', 'a|b', '\\Qx', '.*']);
      const method = random.pick([
        { type, service: word() },
        { type, method: word() },
        { type, service: word(), method: word() },
      ]);
      const filters = [
        { type: 'RequestHeaderModifier', requestHeaderModifier: this.#headers() },
        { type: 'RequestMirror', requestMirror: this.#mirror() },
      ].filter(() => random.chance(0.3));
      const backendRefs = Array.from({ length: random.below(3) }, () => ({
        ...this.#backendRef(),
        weight: random.pick(WEIGHTS),
      }));
      return {
        matches: [{ method, ...(random.chance(0.3) && { headers: this.#valueMatches() }) }],
        filters,
        backendRefs,
      };
    });
    return this.#object(GROUP, 'v1', 'GRPCRoute', name, { parentRefs: this.#parents(), ...this.#hostnames(), rules });
  }

  #streamRoute(kind, name) {
    const random = this.#random;
    const backendRefs = Array.from({ length: 1 + random.below(3) }, () => ({
      ...this.#backendRef(),
      weight: random.pick(WEIGHTS),
    }));
    const hosts = kind === 'TLSRoute' ? { hostnames: [random.pick(HOSTNAMES)] } : {};
    return this.#object(GROUP, 'v1', kind, name, { parentRefs: this.#parents(), ...hosts, rules: [{ backendRefs }] });
  }

  /** A policy that says little of much: of its fields one to three. */
  #policy(kind, name, { kind: targetKind, metadata }) {
    const random = this.#random;
    const definition = POLICY_DEFINITIONS.find(({ spec }) => spec.names.kind === kind);
    const { properties } = definition.spec.versions[0].schema.openAPIV3Schema.properties.spec;
    const fields = random
      .shuffled(Object.keys(properties).filter((key) => key !== 'targetRefs'))
      .slice(0, 1 + random.below(3));
    const spec = Object.fromEntries(fields.map((field) => [field, this.#policies.of(properties[field], field)]));
    const targetRefs = [{ group: targetKind === 'Service' ? '' : GROUP, kind: targetKind, name: metadata.name }];
    return this.#object('gateway.nekube.dev', 'v1alpha1', kind, name, { targetRefs, ...withProviders(spec, random) });
  }

  #tlsPolicy(service) {
    const random = this.#random;
    const hostname = random.pick(HOSTNAMES.filter((name) => !name.startsWith('*')));
    const trust = random.chance(0.5)
      ? { wellKnownCACertificates: 'System' }
      : { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: random.pick(['ca', 'none']) }] };
    const names = [
      { type: 'Hostname', hostname: 'a.example' },
      { type: 'Hostname', hostname: '*.a.example' },
      { type: 'URI', uri: 'spiffe://a/b' },
    ];
    return this.#object(GROUP, 'v1', 'BackendTLSPolicy', service, {
      targetRefs: [{ group: '', kind: 'Service', name: service, ...(service === 'web' && { sectionName: 'tls' }) }],
      validation: { hostname, ...trust, ...(random.chance(0.4) && { subjectAltNames: random.some(names, 0.7) }) },
    });
  }
}

/** Rules that look at a token speak of a provider that there is, for the most part. */
function withProviders(spec, random) {
  const names = spec.jwt?.providers.map(({ name }) => name) ?? [];
  for (const rule of spec.authorization?.rules ?? []) {
    if (rule.jwt && names.length === 0) delete rule.jwt;
    else if (rule.jwt && random.chance(0.9)) rule.jwt.provider = random.pick(names);
  }
  return spec;
}
