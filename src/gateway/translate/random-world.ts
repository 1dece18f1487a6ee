import type { Resource } from './resources.ts';
import { SNAPSHOT_KINDS, type Snapshot, type SnapshotKind, snapshotOf } from './snapshot.ts';

/** For tests: numbers that follow from a seed (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  }

  /** One of some. */
  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Some of some, perhaps none. */
  some<T>(items: readonly T[]): T[] {
    return items.filter(() => this.below(2) === 0);
  }

  /** So often in 100. */
  percent(chance: number): boolean {
    return this.below(100) < chance;
  }
}

const NAMESPACES = ['default', 'shop'];
const HOSTS = ['shop.example', '*.shop.example', 'a.shop.example', 'b.a.shop.example', 'other.example', '*.example'];
const LISTENERS = ['one', 'two', 'three'];
const ROUTES = {
  httpRoutes: 'HTTPRoute',
  grpcRoutes: 'GRPCRoute',
  tlsRoutes: 'TLSRoute',
  tcpRoutes: 'TCPRoute',
  udpRoutes: 'UDPRoute',
};

/** For tests: a small cluster in which anything may change, and often does with an effect on something else. */
export class RandomWorld {
  readonly #dice: Dice;
  readonly #objects = new Map<string, Resource>();
  readonly #fixed: readonly Resource[];
  #generation = 1;

  /** `fixed` are there always. */
  constructor(seed: number, fixed: readonly Resource[]) {
    this.#dice = new Dice(seed);
    this.#fixed = fixed;
    for (let i = 0; i < 40; i++) this.change();
  }

  /** As it is now; kinds of which nothing changed since `before` have its maps. */
  snapshot(options: Parameters<typeof snapshotOf>[1], before?: Snapshot): Snapshot {
    const now = snapshotOf([...this.#fixed, ...this.#objects.values()], options);
    if (before === undefined) return now;
    const parts = Object.keys(SNAPSHOT_KINDS) as SnapshotKind[];
    const kept = parts.filter((part) => isSameMap(before[part], now[part])).map((part) => [part, before[part]]);
    return { ...now, addresses: before.addresses, ...Object.fromEntries(kept) };
  }

  /** Makes, changes or deletes one object. */
  change(): void {
    const dice = this.#dice;
    const object = dice.of([
      () => this.#gateway(),
      () => this.#listenerSet(),
      () => this.#route(),
      () => this.#route(),
      () => this.#route(),
      () => this.#service(),
      () => this.#slice(),
      () => this.#slice(),
      () => this.#grant(),
      () => this.#policy(),
      () => this.#namespace(),
      () => this.#certificate(),
      () => this.#xBackend(),
      () => this.#trafficPolicy(),
      () => this.#telemetryPolicy(),
      () => this.#serviceImport(),
      () => this.#ownPolicy(),
      () => this.#ownPolicy(),
    ])();
    const key = `${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    if (dice.percent(25)) this.#objects.delete(key);
    else this.#objects.set(key, object);
  }

  #object(kind: string, name: string, rest: object, namespace = this.#dice.of(NAMESPACES)): Resource {
    const created = `2026-01-0${1 + (name.length % 3)}T00:00:00Z`;
    const metadata = {
      name,
      uid: `${kind}-${namespace}-${name}`,
      generation: this.#generation++,
      creationTimestamp: created,
    };
    return { kind, metadata: { ...metadata, namespace }, ...rest } as Resource;
  }

  #gateway(): Resource {
    const dice = this.#dice;
    const spec = {
      gatewayClassName: dice.percent(90) ? 'nekube' : 'other',
      listeners: dice.some(LISTENERS).map((name) => this.#listener(name)),
      allowedListeners: { namespaces: { from: dice.of(['All', 'Same', 'None']) } },
      ...(dice.percent(10) ? { defaultScope: 'All' } : {}),
      ...(dice.percent(20)
        ? { tls: { backend: { clientCertificateRef: { name: dice.of(['shop-cert', 'turning']) } } } }
        : {}),
    };
    return this.#object('Gateway', dice.of(['gw', 'gw2']), { spec });
  }

  #listener(name: string): object {
    const dice = this.#dice;
    const protocol = dice.of(['HTTP', 'HTTP', 'HTTPS', 'TLS', 'TCP', 'UDP', 'SCTP']);
    const tls = {
      mode: dice.of(['Terminate', 'Terminate', 'Passthrough']),
      certificateRefs: [{ name: dice.of(['shop-cert', 'turning', 'turning', 'broken-cert']) }],
    };
    const selector = { matchLabels: { team: dice.of(['shop', 'default']) } };
    return {
      name,
      port: dice.of([80, 443, 8080]),
      protocol,
      ...(dice.percent(60) ? { hostname: dice.of(HOSTS) } : {}),
      ...(protocol === 'HTTPS' || protocol === 'TLS' ? { tls } : {}),
      ...(dice.percent(15) ? { filters: { requests: dice.some([0, 1]).map(() => this.#listenerFilter()) } } : {}),
      allowedRoutes: { namespaces: { from: dice.of(['All', 'All', 'Same', 'Selector']), selector } },
    };
  }

  #trafficPolicy(): Resource {
    const dice = this.#dice;
    const target = dice.of([
      { group: '', kind: 'Service', name: dice.of(['s1', 's2']) },
      { group: 'gateway.networking.x-k8s.io', kind: 'XBackend', name: 'ext' },
    ]);
    const retryConstraint = { budget: { percent: dice.of([0, 20, 101]) } };
    const session = dice.percent(50) ? { sessionPersistence: { cookie: { name: 'c' } } } : {};
    const spec = { targetRefs: [target], ...(dice.percent(50) ? { retryConstraint } : {}), ...session };
    return this.#object('XBackendTrafficPolicy', dice.of(['t', 'tt']), { spec });
  }

  #telemetryPolicy(): Resource {
    const dice = this.#dice;
    const mode = dice.of(['Enabled', 'Disabled', 'ImplementationDefault']);
    const targetRefs = [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: dice.of(['gw', 'gw2']) }];
    const spec = { targetRefs, tracing: { mode, provider: { backendRef: this.#backendRef() } } };
    return this.#object('XTelemetryPolicy', dice.of(['t', 'tt']), { spec });
  }

  #serviceImport(): Resource {
    const name = this.#dice.of(['a', undefined]);
    return this.#object('ServiceImport', 's1', { spec: { ports: [{ port: 80, ...(name && { name }) }] } });
  }

  #listenerFilter(): object {
    const protocol = this.#dice.of(['HTTP', 'GRPC']);
    return { type: 'ExternalAuth', externalAuth: { protocol, backendRef: this.#backendRef() } };
  }

  #listenerSet(): Resource {
    const dice = this.#dice;
    const parentRef = { name: dice.of(['gw', 'gw2']), namespace: dice.of(NAMESPACES) };
    const listeners = dice.some(LISTENERS).map((name) => this.#listener(name));
    return this.#object('ListenerSet', dice.of(['set', 'set2']), { spec: { parentRef, listeners } });
  }

  #route(): Resource {
    const dice = this.#dice;
    const kind = dice.of([...Object.values(ROUTES), 'HTTPRoute', 'HTTPRoute', 'HTTPRoute']);
    const isHttp = kind === 'HTTPRoute';
    const rules = dice.some([0, 1, 2]).map(() => (isHttp ? this.#httpRule() : { backendRefs: this.#backendRefs() }));
    const spec = {
      parentRefs: dice.some([0, 1, 2]).map(() => this.#parentRef()),
      ...(dice.percent(70) ? { hostnames: dice.some(HOSTS) } : {}),
      ...(dice.percent(10) ? { useDefaultGateways: 'All' } : {}),
      rules,
    };
    return this.#object(kind, dice.of(['r', 'rr', 'rrr', 'x']), { spec });
  }

  #parentRef(): object {
    const dice = this.#dice;
    const isSet = dice.percent(25);
    return {
      ...(isSet ? { kind: 'ListenerSet' } : {}),
      name: isSet ? dice.of(['set', 'set2']) : dice.of(['gw', 'gw2']),
      namespace: dice.of(NAMESPACES),
      ...(dice.percent(30) ? { sectionName: dice.of(LISTENERS) } : {}),
      ...(dice.percent(20) ? { port: dice.of([80, 443]) } : {}),
    };
  }

  #httpRule(): object {
    const dice = this.#dice;
    const path = {
      type: dice.of(['PathPrefix', 'Exact', 'RegularExpression']),
      value: dice.of(['/', '/a', '/a/b', '/(', '/[ab]+']),
    };
    const filters = dice.of([
      [],
      [{ type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x', value: 'y' }] } }],
      [{ type: 'RequestRedirect', requestRedirect: { statusCode: 301 } }],
      [{ type: 'RequestMirror', requestMirror: { backendRef: this.#backendRef() } }],
      [{ type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/c' } } }],
      [{ type: 'ExtensionRef', extensionRef: { group: 'a.b', kind: 'C', name: 'd' } }],
    ]);
    return { matches: [{ path }], filters, backendRefs: this.#backendRefs() };
  }

  #backendRefs(): object[] {
    return this.#dice.some([0, 1]).map(() => this.#backendRef());
  }

  #backendRef(): object {
    const dice = this.#dice;
    if (dice.percent(10)) return { group: 'gateway.networking.x-k8s.io', kind: 'XBackend', name: 'ext' };
    if (dice.percent(5)) return { group: 'multicluster.x-k8s.io', kind: 'ServiceImport', name: 's1', port: 80 };
    return {
      name: dice.of(['s1', 's2', 's3']),
      port: dice.of([80, 81]),
      ...(dice.percent(30) ? { namespace: dice.of(NAMESPACES) } : {}),
    };
  }

  #service(): Resource {
    const dice = this.#dice;
    const port = (number: number) => ({
      name: `p${number}`,
      port: number,
      protocol: dice.of(['TCP', 'TCP', 'UDP']),
      ...(dice.percent(20) ? { appProtocol: dice.of(['kubernetes.io/h2c', 'kubernetes.io/wss']) } : {}),
    });
    return this.#object('Service', dice.of(['s1', 's2', 's3']), { spec: { ports: dice.some([80, 81]).map(port) } });
  }

  #slice(): Resource {
    const dice = this.#dice;
    const service = dice.of(['s1', 's2', 's3']);
    const object = this.#object('EndpointSlice', `${service}-${dice.of(['a', 'b'])}`, {
      addressType: dice.of(['IPv4', 'IPv4', 'IPv6']),
      ports: [80, 81].map((number) => ({ name: `p${number}`, port: number + 8000, protocol: 'TCP' })),
      endpoints: dice.some([1, 2, 3]).map((host) => ({
        addresses: [`10.0.0.${host}`],
        conditions: { ready: dice.percent(80), serving: true, terminating: dice.percent(30) },
      })),
    });
    const labels = dice.of<Record<string, string>>([
      { 'kubernetes.io/service-name': service },
      { 'kubernetes.io/service-name': service },
      { 'multicluster.kubernetes.io/service-name': service, 'gateway.nekube.dev/xbackend': 'ext' },
    ]);
    return { ...object, metadata: { ...object.metadata, labels } };
  }

  #grant(): Resource {
    const dice = this.#dice;
    const from = [
      { group: 'gateway.networking.k8s.io', kind: dice.of(['HTTPRoute', 'TCPRoute']), namespace: dice.of(NAMESPACES) },
    ];
    return this.#object('ReferenceGrant', dice.of(['g', 'g2']), {
      spec: { from, to: [{ group: '', kind: 'Service' }] },
    });
  }

  #policy(): Resource {
    const dice = this.#dice;
    const targetRefs = [
      { group: '', kind: 'Service', name: dice.of(['s1', 's2']), ...(dice.percent(30) ? { sectionName: 'p80' } : {}) },
    ];
    const validation = dice.percent(50)
      ? { hostname: 'a.example', wellKnownCACertificates: 'System' }
      : {
          hostname: 'a.example',
          caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: dice.of(['ca', 'turning']) }],
        };
    return this.#object('BackendTLSPolicy', dice.of(['p', 'pp']), { spec: { targetRefs, validation } });
  }

  #ownPolicy(): Resource {
    const dice = this.#dice;
    const group = 'gateway.networking.k8s.io';
    const targetRefs = [
      dice.of([
        {
          group,
          kind: 'Gateway',
          name: dice.of(['gw', 'gw2']),
          ...(dice.percent(40) ? { sectionName: dice.of(LISTENERS) } : {}),
        },
        { group, kind: dice.of(['HTTPRoute', 'TCPRoute']), name: dice.of(['r', 'rr', 'rrr']) },
        { group, kind: 'ListenerSet', name: 'set' },
        {
          group: '',
          kind: 'Service',
          name: dice.of(['s1', 's2']),
          ...(dice.percent(30) ? { sectionName: 'p80' } : {}),
        },
      ]),
    ];
    const backendRef = { name: dice.of(['s1', 's2']), port: 80 };
    const [kind, more] = dice.of([
      ['ClientPolicy', { debugHeaders: true, tls: { minVersion: '1.2' } }],
      ['ClientPolicy', { accessLogs: [{ type: 'ALS', backendRef }] }],
      ['BackendPolicy', { circuitBreaker: { maxConnections: dice.below(3) }, timeouts: { request: '1s' } }],
      ['BackendPolicy', { mirrors: [{ backendRef }], retry: { attempts: 2 } }],
      ['SecurityPolicy', { cors: { allowOrigins: ['*'] } }],
      ['SecurityPolicy', { externalAuth: { protocol: 'GRPC', backendRef } }],
      ['SecurityPolicy', { basicAuth: { secretRef: { name: dice.of(['shop-cert', 'none']) } } }],
    ] as const);
    return this.#object(kind, dice.of(['q', 'qq']), { spec: { targetRefs, ...more } });
  }

  /** A secret or bundle whose content is one of the fixed ones. */
  #certificate(): Resource {
    const dice = this.#dice;
    const kind = dice.of(['Secret', 'ConfigMap']);
    const models = this.#fixed.filter((object) => object.kind === kind);
    const { data } = dice.of(models) as Resource & { readonly data?: object };
    return this.#object(kind, 'turning', { data });
  }

  #namespace(): Resource {
    const dice = this.#dice;
    const name = dice.of(NAMESPACES);
    const object = this.#object('Namespace', name, {}, '');
    return { ...object, metadata: { name, uid: name, labels: { team: dice.of(['shop', 'default', 'none']) } } };
  }

  #xBackend(): Resource {
    const spec = {
      type: 'ExternalHostname',
      port: { number: 443 },
      externalHostname: { hostname: this.#dice.of(['a.example', 'b.example']) },
    };
    const pods = { type: 'EndpointSelector', port: { number: 80 }, endpointSelector: { matchLabels: { a: 'b' } } };
    return this.#object('XBackend', 'ext', { spec: this.#dice.of([spec, pods]) });
  }
}

function isSameMap(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
