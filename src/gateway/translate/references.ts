import type { FilterChain, GatewayConfig, HttpRoute, StreamForward, VirtualHost } from '../model/index.ts';

/** How often each backend is named by what gateways serve; of a change only what it is about is counted. */
export class References {
  readonly #counts = new Map<string, number>();
  readonly #configs = new Map<string, GatewayConfig>();

  /** Returns the names that came or went. */
  update(gateways: readonly GatewayConfig[]): Set<string> {
    const touched = new Set<string>();
    const count = (names: readonly string[], by: 1 | -1): void => {
      for (const name of names) this.#count(name, by, touched);
    };
    const keys = new Set(gateways.map(({ key }) => key));
    for (const [key, before] of this.#configs) {
      if (keys.has(key)) continue;
      for (const chain of chainsOf(before)) compareChains(chain, undefined, count);
      count(backendsOfSettings(before), -1);
      this.#configs.delete(key);
    }
    for (const config of gateways) {
      const before = this.#configs.get(config.key);
      if (before === config) continue;
      const old = new Map(before === undefined ? [] : chainsOf(before).map((chain) => [chain.name, chain]));
      for (const chain of chainsOf(config)) {
        compareChains(old.get(chain.name), chain, count);
        old.delete(chain.name);
      }
      for (const chain of old.values()) compareChains(chain, undefined, count);
      count(backendsOfSettings(config), 1);
      if (before !== undefined) count(backendsOfSettings(before), -1);
      this.#configs.set(config.key, config);
    }
    return touched;
  }

  /** Whether anything names it. */
  has(name: string): boolean {
    return this.#counts.has(name);
  }

  #count(name: string, by: 1 | -1, touched: Set<string>): void {
    const before = this.#counts.get(name) ?? 0;
    const now = before + by;
    if (now === 0) this.#counts.delete(name);
    else this.#counts.set(name, now);
    if (before === 0 || now === 0) touched.add(name);
  }
}

/** Where access logs and traces of listeners go. */
function backendsOfSettings({ listeners }: GatewayConfig): string[] {
  return listeners.flatMap(({ settings }) => [
    ...(settings?.accessLogs ?? []).flatMap(({ sink }) => (sink.type === 'File' ? [] : [sink.backend])),
    ...(settings?.tracing === undefined ? [] : [settings.tracing.provider.backend]),
  ]);
}

/** Who counts and who knows keys, for a route. */
function backendsOfRouteSettings({ settings }: HttpRoute): string[] {
  const global = settings?.globalRateLimits?.backend;
  const keys = (settings?.jwt?.providers ?? []).flatMap((one) =>
    one.keys.type === 'Remote' ? [one.keys.backend] : [],
  );
  return global === undefined ? keys : [global, ...keys];
}

type Count = (names: readonly string[], by: 1 | -1) => void;

function chainsOf({ listeners }: GatewayConfig): FilterChain[] {
  return listeners.flatMap(({ chains }) => chains);
}

function compareChains(before: FilterChain | undefined, now: FilterChain | undefined, count: Count): void {
  if (before === now) return;
  if (before?.stream !== now?.stream) {
    if (now?.stream !== undefined) count(backendsOfStream(now.stream), 1);
    if (before?.stream !== undefined) count(backendsOfStream(before.stream), -1);
  }
  const [old, hosts] = [before?.http?.virtualHosts ?? [], now?.http?.virtualHosts ?? []];
  if (old === hosts) return;
  compareHosts(old, hosts, count);
}

/** Both are sorted by name. */
function compareHosts(old: readonly VirtualHost[], now: readonly VirtualHost[], count: Count): void {
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    const [a, b] = [old[i], now[j]];
    if (a === b) {
      i++;
      j++;
      continue;
    }
    const takeNow = a === undefined || (b !== undefined && b.name <= a.name);
    const takeOld = b === undefined || (a !== undefined && a.name <= b.name);
    if (takeNow) count(backendsBefore(b), 1);
    if (takeOld) count(backendsBefore(a), -1);
    compareRoutes(takeOld ? (a?.routes ?? []) : [], takeNow ? (b?.routes ?? []) : [], count);
    if (takeNow && b !== undefined) j++;
    if (takeOld && a !== undefined) i++;
  }
}

/** Who is asked before a route is chosen. */
function backendsBefore(host: VirtualHost | undefined): string[] {
  return (host?.externalAuths ?? []).map(({ backend }) => backend);
}

/** What both have is not counted; no route stands twice. */
function compareRoutes(old: readonly HttpRoute[], now: readonly HttpRoute[], count: Count): void {
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let [oldEnd, nowEnd] = [old.length, now.length];
  while (oldEnd > start && nowEnd > start && old[oldEnd - 1] === now[nowEnd - 1]) {
    oldEnd--;
    nowEnd--;
  }
  const gone = oldEnd > start ? new Set(old.slice(start, oldEnd)) : undefined;
  for (let index = start; index < nowEnd; index++) {
    const route = now[index]!;
    if (gone?.delete(route) !== true) count(backendsOfRoute(route), 1);
  }
  for (const route of gone ?? []) count(backendsOfRoute(route), -1);
}

const ofRoute = new WeakMap<HttpRoute, readonly string[]>();

function backendsOfRoute(route: HttpRoute): readonly string[] {
  return remembered(ofRoute, route, () => {
    const names: string[] = [];
    addFilters(names, route);
    for (const weighted of route.action.type === 'forward' ? route.action.backends : []) {
      if (weighted.backend !== undefined) names.push(weighted.backend);
      if (weighted.filters !== undefined) addFilters(names, weighted.filters);
    }
    if (route.settings !== undefined) names.push(...backendsOfRouteSettings(route));
    return names;
  });
}

function addFilters(names: string[], { mirrors, externalAuth }: Pick<HttpRoute, 'mirrors' | 'externalAuth'>): void {
  for (const { backend } of mirrors ?? []) names.push(backend);
  if (externalAuth !== undefined) names.push(externalAuth.backend);
}

function backendsOfStream({ backends }: StreamForward): string[] {
  return backends.flatMap(({ backend }) => (backend === undefined ? [] : [backend]));
}

function remembered<K extends object, V>(memory: WeakMap<K, V>, key: K, make: () => V): V {
  let value = memory.get(key);
  if (value === undefined) memory.set(key, (value = make()));
  return value;
}
