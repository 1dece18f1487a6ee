import type { FilterChain, GatewayConfig, HttpRouting, Listener, Source } from '../model/index.ts';
import { settingsOf } from './applied-policies.ts';
import { Hostnames } from './best-listener.ts';
import { compareText } from './gateway-plans.ts';
import type { GatewayPlan, ListenerPlan } from './listener-plan.ts';
import { Misdirected } from './misdirected.ts';
import { reuse } from './reuse.ts';
import { type RouteTables, setDefault } from './route-tables.ts';
import { isSameList, RoutingBuilder } from './routing.ts';
import { sourceOf } from './sources.ts';
import { streamChains } from './stream-chains.ts';

/** The domains that changed, by listener. */
export type DirtyDomains = ReadonlyMap<string, ReadonlySet<string>>;

/** What a Gateway serves, of its plan and of what is attached; keeps what it made, and makes anew what changed. */
export class GatewayConfigBuilder {
  #plan: GatewayPlan | undefined;
  #config: GatewayConfig | undefined;
  #ports: readonly PortBuilder[] = [];

  /** The Gateway after a change. */
  build(plan: GatewayPlan, addresses: readonly string[], tables: RouteTables, dirty: DirtyDomains): GatewayConfig {
    if (plan !== this.#plan) this.#ports = portsOf(plan, this.#ports);
    this.#plan = plan;
    const listeners = this.#ports.map((port) => port.build(tables, dirty));
    const own: Source = { kind: 'Gateway', namespace: plan.namespace, name: plan.name };
    const source = reuse(this.#config?.source, own);
    const created = plan.created === undefined ? {} : { created: plan.created };
    const next = { key: plan.key, source, ...created, addresses: [...addresses].sort(compareText), listeners };
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
  /** Listeners are told apart by Host, or by server name. */
  readonly #hostnames: Hostnames<ListenerPlan>;
  readonly #misdirected: Misdirected;
  readonly #routings: Map<string, RoutingBuilder>;
  #listener: Listener | undefined;
  #isNew = true;

  constructor(name: string, listeners: readonly ListenerPlan[], before?: PortBuilder) {
    this.name = name;
    this.port = listeners[0]!.port;
    this.#listeners = listeners;
    this.#misdirected = new Misdirected(listeners);
    this.#hostnames = new Hostnames(listeners.map((listener) => [listener.hostname, listener]));
    this.#routings = before === undefined ? new Map() : before.#routings;
    if (before !== undefined) this.#listener = before.#listener;
  }

  isOf(listeners: readonly ListenerPlan[]): boolean {
    return isSameList(listeners, this.#listeners);
  }

  build(tables: RouteTables, dirty: DirtyDomains): Listener {
    const isDirty = this.#isNew || this.#listeners.some(({ id }) => dirty.has(id));
    if (!isDirty && this.#listener !== undefined) return this.#listener;
    const before = this.#listener;
    const known = new Map(before?.chains.map((chain) => [chain.name, chain]));
    const chains = this.#chains(tables, dirty).map((chain) => keepChain(known.get(chain.name), chain));
    const names = new Set(chains.map(({ name }) => name));
    for (const name of this.#routings.keys()) if (!names.has(name)) this.#routings.delete(name);
    this.#isNew = false;
    const sources = reuse(before?.sources, this.#listeners.map(sourceOf));
    const transport = this.#listeners[0]!.protocol === 'UDP' ? 'UDP' : 'TCP';
    const settings = settingsOf(this.#listeners);
    this.#listener = shallowReuse(before, {
      name: this.name,
      port: this.port,
      transport,
      sources,
      chains,
      ...(settings === undefined ? {} : { settings: reuse(before?.settings, settings) }),
    });
    return this.#listener;
  }

  #chains(tables: RouteTables, dirty: DirtyDomains): FilterChain[] {
    const [first] = this.#listeners;
    if (first!.protocol === 'HTTP') {
      const name = `${this.name}/http`;
      return [{ name, source: sourceOf(first!), http: this.#routing(name, this.name, this.#listeners, tables, dirty) }];
    }
    const chains = this.#listeners.flatMap((listener) =>
      listener.protocol === 'HTTPS'
        ? [this.#httpsChain(listener, tables, dirty)]
        : streamChains(this.#chainName(listener), listener, this.#hostnames, tables),
    );
    return chains.sort((a, b) => compareText(a.name, b.name));
  }

  #httpsChain(listener: ListenerPlan, tables: RouteTables, dirty: DirtyDomains): FilterChain {
    const name = this.#chainName(listener);
    return {
      name,
      source: sourceOf(listener),
      ...(listener.hostname === undefined ? {} : { serverNames: [listener.hostname] }),
      ...(listener.tls === undefined ? {} : { tls: listener.tls }),
      http: this.#routing(name, name, [listener], tables, dirty),
    };
  }

  #chainName({ owner, name }: ListenerPlan): string {
    return owner.kind === 'Gateway' ? `${this.name}/${name}` : `${this.name}/${owner.namespace}/${owner.name}/${name}`;
  }

  #routing(
    name: string,
    prefix: string,
    listeners: readonly ListenerPlan[],
    tables: RouteTables,
    dirty: DirtyDomains,
  ): HttpRouting {
    const builder = setDefault(this.#routings, name, () => new RoutingBuilder(name, prefix));
    const input = { listeners, misdirected: this.#misdirected, hostnames: this.#hostnames, tables };
    return this.#isNew ? builder.build(input) : builder.patch(input, dirty);
  }
}

function keepChain(before: FilterChain | undefined, chain: FilterChain): FilterChain {
  const { name, source, serverNames, tls, http, stream } = chain;
  return shallowReuse(before, {
    name,
    source: reuse(before?.source, source),
    ...(serverNames === undefined ? {} : { serverNames: reuse(before?.serverNames, serverNames) }),
    ...(tls === undefined ? {} : { tls: reuse(before?.tls, tls) }),
    ...(http === undefined ? {} : { http }),
    ...(stream === undefined ? {} : { stream: reuse(before?.stream, stream) }),
  });
}

/** `before` if all fields are the same, or lists of the same; nothing below them is compared. */
function shallowReuse<T extends object>(before: T | undefined, next: T): T {
  if (before === undefined) return next;
  const keys = Object.keys(next) as (keyof T)[];
  if (keys.length !== Object.keys(before).length) return next;
  const same = keys.every((key) => {
    const [a, b] = [before[key], next[key]];
    return a === b || (Array.isArray(a) && Array.isArray(b) && isSameList(a, b));
  });
  return same ? before : next;
}
