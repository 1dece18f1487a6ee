import type {
  FilterChain,
  GatewayConfig,
  HttpRouting,
  Listener,
  Source,
  StreamForward,
  VirtualHost,
} from '../model/index.ts';
import { Hostnames } from './best-listener.ts';
import { compareText } from './gateway-plans.ts';
import type { GatewayPlan, ListenerPlan } from './listener-plan.ts';
import { misdirectedHosts } from './misdirected.ts';
import { reuse } from './reuse.ts';
import { type RouteTables, setDefault } from './route-tables.ts';

/** What a Gateway serves, of its plan and of what is attached; keeps what it made, and makes anew what changed. */
export class GatewayConfigBuilder {
  #plan: GatewayPlan | undefined;
  #config: GatewayConfig | undefined;
  #ports: readonly PortBuilder[] = [];

  /** `dirty`: the domains that changed, by listener. */
  build(
    plan: GatewayPlan,
    addresses: readonly string[],
    tables: RouteTables,
    dirty: ReadonlyMap<string, ReadonlySet<string>>,
  ): GatewayConfig {
    if (plan !== this.#plan) this.#ports = portsOf(plan, this.#ports);
    this.#plan = plan;
    const listeners = this.#ports.map((port) => port.build(tables, dirty));
    const source: Source = { kind: 'Gateway', namespace: plan.namespace, name: plan.name };
    const next = { key: plan.key, source, addresses: [...addresses].sort(compareText), listeners };
    this.#config = shallowReuse(this.#config, next);
    return this.#config;
  }
}

/** Listeners of a port that are served together. */
function portsOf(plan: GatewayPlan, before: readonly PortBuilder[]): PortBuilder[] {
  const groups = new Map<string, ListenerPlan[]>();
  for (const listener of plan.listeners) {
    if (listener.broken !== undefined || listener.protocol === undefined) continue;
    const suffix = listener.protocol === 'UDP' ? '/udp' : '';
    setDefault(groups, `${plan.key}/${listener.port}${suffix}`, () => [] as ListenerPlan[]).push(listener);
  }
  const builders = [...groups].map(([name, listeners]) => {
    const known = before.find((builder) => builder.name === name);
    return known?.isOf(listeners) === true ? known : new PortBuilder(name, listeners, known);
  });
  return builders.sort((a, b) => a.port - b.port || compareText(a.name, b.name));
}

class PortBuilder {
  readonly name: string;
  readonly port: number;
  readonly #listeners: readonly ListenerPlan[];
  /** Listeners that are told apart by Host, and those that are told apart by server name. */
  readonly #hostnames: Hostnames<ListenerPlan>;
  #listener: Listener | undefined;
  readonly #hosts: Map<string, VirtualHost>;
  readonly #chains: Map<string, FilterChain>;
  #isNew = true;

  constructor(name: string, listeners: readonly ListenerPlan[], before?: PortBuilder) {
    this.name = name;
    this.port = listeners[0]!.port;
    this.#listeners = listeners;
    this.#hostnames = new Hostnames(listeners.map((listener) => [listener.hostname, listener]));
    this.#hosts = before === undefined ? new Map() : before.#hosts;
    this.#chains = before === undefined ? new Map() : before.#chains;
    if (before !== undefined) this.#listener = before.#listener;
  }

  isOf(listeners: readonly ListenerPlan[]): boolean {
    return (
      listeners.length === this.#listeners.length && listeners.every((one, index) => one === this.#listeners[index])
    );
  }

  build(tables: RouteTables, dirty: ReadonlyMap<string, ReadonlySet<string>>): Listener {
    const isDirty = this.#isNew || this.#listeners.some(({ id }) => dirty.has(id));
    if (!isDirty && this.#listener !== undefined) return this.#listener;
    const { protocol } = this.#listeners[0]!;
    const chains = this.#chainsOf(protocol, tables, dirty);
    const next: Listener = {
      name: this.name,
      port: this.port,
      transport: protocol === 'UDP' ? 'UDP' : 'TCP',
      sources: this.#listeners.map(sourceOf),
      chains,
    };
    const names = new Set(chains.map(({ name }) => name));
    for (const name of this.#chains.keys()) if (!names.has(name)) this.#chains.delete(name);
    this.#isNew = false;
    this.#listener = shallowReuse(this.#listener, { ...next, sources: reuse(this.#listener?.sources, next.sources) });
    return this.#listener;
  }

  #chainsOf(
    protocol: ListenerPlan['protocol'],
    tables: RouteTables,
    dirty: ReadonlyMap<string, ReadonlySet<string>>,
  ): FilterChain[] {
    if (protocol === 'HTTP') {
      const name = `${this.name}/http`;
      return [
        this.#keep({
          name,
          source: sourceOf(this.#listeners[0]!),
          http: this.#routing(name, this.name, this.#listeners, tables, dirty),
        }),
      ];
    }
    const chains = this.#listeners.flatMap((listener) =>
      listener.protocol === 'HTTPS'
        ? [this.#httpsChain(listener, tables, dirty)]
        : this.#streamChains(listener, tables),
    );
    return chains.sort((a, b) => compareText(a.name, b.name));
  }

  #httpsChain(
    listener: ListenerPlan,
    tables: RouteTables,
    dirty: ReadonlyMap<string, ReadonlySet<string>>,
  ): FilterChain {
    const name = this.#chainName(listener);
    const chain: FilterChain = {
      name,
      source: sourceOf(listener),
      ...(listener.hostname === undefined ? {} : { serverNames: [listener.hostname] }),
      ...(listener.tls === undefined ? {} : { tls: listener.tls }),
      http: this.#routing(name, name, [listener], tables, dirty),
    };
    return this.#keep(chain);
  }

  #chainName({ owner, name }: ListenerPlan): string {
    return owner.kind === 'Gateway' ? `${this.name}/${name}` : `${this.name}/${owner.namespace}/${owner.name}/${name}`;
  }

  #keep(chain: FilterChain): FilterChain {
    const { source, serverNames, ...rest } = chain;
    const before = this.#chains.get(chain.name);
    const kept = shallowReuse(before, {
      ...rest,
      source: reuse(before?.source, source),
      ...(serverNames === undefined ? {} : { serverNames: reuse(before?.serverNames, serverNames) }),
      ...(chain.tls === undefined ? {} : { tls: reuse(before?.tls, chain.tls) }),
      ...(chain.stream === undefined ? {} : { stream: reuse(before?.stream, chain.stream) }),
    });
    this.#chains.set(chain.name, kept);
    return kept;
  }

  /** Virtual hosts of the listeners of a chain: those that are theirs by hostname, and what misdirected requests get. */
  #routing(
    name: string,
    prefix: string,
    listeners: readonly ListenerPlan[],
    tables: RouteTables,
    dirty: ReadonlyMap<string, ReadonlySet<string>>,
  ): HttpRouting {
    const hosts: VirtualHost[] = [];
    for (const listener of listeners) {
      const changed = dirty.get(listener.id);
      const own = listener.hostname ?? '*';
      let hasOwn = false;
      for (const domain of tables.domainsOf(listener.id)) {
        if (this.#hostnames.bestFor(domain) !== listener) continue;
        if (domain === own) hasOwn = true;
        const clean = !this.#isNew && changed?.has(domain) !== true;
        hosts.push(this.#virtualHost(`${prefix}/${domain}`, domain, listener, tables, clean));
      }
      if (!hasOwn && own !== '*') hosts.push(this.#virtualHost(`${prefix}/${own}`, own, listener, tables, false));
    }
    const [first] = listeners;
    if (first?.protocol === 'HTTPS') hosts.push(...this.#misdirected(prefix, first));
    hosts.sort((a, b) => compareText(a.name, b.name));
    const before = this.#chains.get(name)?.http;
    return shallowReuse(before, { name, virtualHosts: hosts });
  }

  #misdirected(prefix: string, listener: ListenerPlan): VirtualHost[] {
    const siblings = this.#listeners.filter(({ protocol }) => protocol === 'HTTPS');
    return misdirectedHosts(prefix, listener, siblings).map((host) => {
      const kept = reuse(this.#hosts.get(host.name), host);
      this.#hosts.set(host.name, kept);
      return kept;
    });
  }

  #virtualHost(name: string, domain: string, listener: ListenerPlan, tables: RouteTables, clean: boolean): VirtualHost {
    const before = this.#hosts.get(name);
    if (clean && before !== undefined) return before;
    const routes = tables.entriesOf(listener.id, domain).flatMap(({ route }) => (route === undefined ? [] : [route]));
    const kept = shallowReuse(before, {
      name,
      domains: reuse(before?.domains, [domain]),
      source: reuse(before?.source, sourceOf(listener)),
      routes: sameElements(before?.routes, routes) ? before!.routes : routes,
    });
    this.#hosts.set(name, kept);
    return kept;
  }

  /** A chain for each route that has server names of a listener; what nobody has is closed. */
  #streamChains(listener: ListenerPlan, tables: RouteTables): FilterChain[] {
    const prefix = this.#chainName(listener);
    const byStream = new Map<StreamForward, string[]>();
    for (const domain of tables.domainsOf(listener.id)) {
      if (this.#hostnames.bestFor(domain) !== listener) continue;
      const winner = tables.entriesOf(listener.id, domain)[0]?.stream;
      if (winner !== undefined) setDefault(byStream, winner, () => [] as string[]).push(domain);
    }
    const taken = new Set([...byStream.values()].flat());
    const own = listener.hostname ?? '*';
    const { tls } = listener;
    const chains = [...byStream].map(([stream, domains]) => {
      const names = domains.filter((domain) => domain !== '*').sort(compareText);
      const rest = domains.includes('*');
      return { stream, names, rest };
    });
    const made = chains.flatMap(({ stream, names, rest }) => {
      const name = `${prefix}/${stream.name}`;
      const base = { source: sourceOf(listener), stream, ...(tls === undefined ? {} : { tls }) };
      const named = names.length === 0 ? [] : [this.#keep({ ...base, name, serverNames: names })];
      return rest ? [...named, this.#keep({ ...base, name: `${name}/rest` })] : named;
    });
    if (taken.has(own) || (own !== '*' && this.#hostnames.broaderThan(own) === undefined && made.length > 0))
      return made;
    const stream = { name: `${prefix}/none`, source: sourceOf(listener), backends: [] };
    const names = own === '*' ? {} : { serverNames: [own] };
    return [
      ...made,
      this.#keep({
        name: `${prefix}/none`,
        source: sourceOf(listener),
        stream,
        ...names,
        ...(tls === undefined ? {} : { tls }),
      }),
    ];
  }
}

/** Where a listener stands. */
export function sourceOf({ owner, name }: ListenerPlan): Source {
  return { kind: owner.kind, namespace: owner.namespace, name: owner.name, sectionName: name };
}

function sameElements(a: readonly unknown[] | undefined, b: readonly unknown[]): boolean {
  return a !== undefined && a.length === b.length && b.every((one, index) => one === a[index]);
}

/** `before` if all fields are the same objects, or lists of the same. */
function shallowReuse<T extends object>(before: T | undefined, next: T): T {
  if (before === undefined) return next;
  const keys = Object.keys(next) as (keyof T)[];
  if (keys.length !== Object.keys(before).length) return next;
  const same = keys.every((key) => {
    const [a, b] = [before[key], next[key]];
    return a === b || (Array.isArray(a) && Array.isArray(b) && sameElements(a, b)) || reuse(a, b) === a;
  });
  return same ? before : next;
}
