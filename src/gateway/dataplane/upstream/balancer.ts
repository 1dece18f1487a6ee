import type { LoadBalancing } from '../../model/index.ts';
import type { Host } from './host.ts';

/** What of a request an endpoint may be chosen by. */
export interface BalancingHints {
  /** What is hashed; undefined: nothing is said, and any will do. */
  readonly hashKey?: string;
  /** The session's own endpoint, if it is there and well. */
  readonly session?: string;
  /** Endpoints that failed already. */
  readonly tried?: readonly Host[];
}

const PANIC_PERCENT = 1;
/** The least share of an endpoint that is new, as Envoy's. */
const LEAST_SHARE = 0.1;

/** Chooses endpoints; what is to be chosen from changes by `setHosts`. */
export class Balancer {
  readonly #type: LoadBalancing['type'];
  readonly #random: () => number;
  #hosts: readonly Host[] = [];
  readonly #slowStartMs: number;
  #next = 0;

  constructor(balancing: LoadBalancing | undefined, random: () => number, slowStartMs = 0) {
    this.#slowStartMs = slowStartMs;
    this.#type = balancing?.type ?? 'RoundRobin';
    this.#random = random;
  }

  setHosts(hosts: readonly Host[]): void {
    this.#hosts = hosts;
  }

  /** Whether there is one that was not tried. */
  hasOther(tried: readonly Host[]): boolean {
    return this.#hosts.some((host) => !tried.includes(host));
  }

  /** Undefined: there is no endpoint at all. Those that were tried come only after all others. */
  choose({ hashKey, session, tried }: BalancingHints, now: number): Host | undefined {
    const all = this.#hosts;
    const isWell = ({ ejectedUntil, healthy }: Host): boolean => healthy && ejectedUntil <= now;
    if (session !== undefined) {
      const own = all.find(({ name }) => name === session);
      if (own !== undefined && isWell(own) && tried?.includes(own) !== true) return own;
    }
    const well = all.every(isWell) ? all : all.filter(isWell);
    // panic, as in Envoy: where nearly none is well the fault is rather with who says so
    const hosts = well.length * 100 < all.length * PANIC_PERCENT ? all : well;
    const fresh = tried === undefined ? hosts : hosts.filter((host) => !tried.includes(host));
    return this.#warm(fresh.length === 0 ? hosts : fresh, hashKey, now);
  }

  /** New endpoints are passed over as often as they lack of their time. */
  #warm(hosts: readonly Host[], hashKey: string | undefined, now: number): Host | undefined {
    let chosen = this.#among(hosts, hashKey);
    const windowMs = this.#slowStartMs;
    if (windowMs === 0 || this.#type === 'Random' || this.#type === 'ConsistentHash') return chosen;
    for (let i = 1; i < hosts.length && chosen !== undefined; i++) {
      const share = Math.max(LEAST_SHARE, (now - chosen.since) / windowMs);
      if (share >= 1 || this.#random() < share) break;
      chosen = this.#among(hosts, hashKey);
    }
    return chosen;
  }

  #among(hosts: readonly Host[], hashKey: string | undefined): Host | undefined {
    const { length } = hosts;
    if (length <= 1) return hosts[0];
    if (this.#type === 'ConsistentHash' && hashKey !== undefined) return highest(hosts, hashKey);
    if (this.#type === 'LeastRequest') return this.#lessBusy(hosts);
    if (this.#type === 'Random') return hosts[Math.floor(this.#random() * length)];
    this.#next = (this.#next + 1) % length;
    return hosts[this.#next];
  }

  /** The less busy one of two, which is nearly as good as the least busy of all. */
  #lessBusy(hosts: readonly Host[]): Host | undefined {
    const first = hosts[Math.floor(this.#random() * hosts.length)]!;
    const second = hosts[Math.floor(this.#random() * hosts.length)]!;
    return first.active <= second.active ? first : second;
  }
}

/** The host with the highest hash together with the key: those of a host that goes are spread, and all others stay. */
function highest(hosts: readonly Host[], key: string): Host | undefined {
  let best: Host | undefined;
  let bestHash = -1;
  for (const host of hosts) {
    const hash = hashOf(`${key}\0${host.name}`);
    if (hash > bestHash) {
      best = host;
      bestHash = hash;
    }
  }
  return best;
}

/** FNV-1a with a last mix, so that names that differ in their last character are far apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  return hash >>> 0;
}
