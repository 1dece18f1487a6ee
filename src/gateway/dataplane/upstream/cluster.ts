import type { Backend, Endpoint, Endpoints, Secret, SecretName } from '../../model/index.ts';
import type { Sweeper } from '../http/sweeper.ts';
import { Balancer, type BalancingHints } from './balancer.ts';
import { type ConnectOptions, openConnection, upstreamTlsOptions } from './connect.ts';
import { HealthChecker } from './health-checker.ts';
import { Host, type HostParts } from './host.ts';
import { Limits } from './limits.ts';
import { RetryBudget } from './retry-budget.ts';

/** What clusters have in common. */
export interface ClusterParts {
  readonly sweeper: Sweeper;
  readonly secrets: ReadonlyMap<SecretName, Secret>;
  /** From 0 to 1. */
  readonly random: () => number;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_IDLE_TIMEOUT_MS = 3_600_000;
/** As Envoy's defaults of outlier detection. */
const DEFAULT_EJECTION_MS = 30_000;
const DEFAULT_CONSECUTIVE_5XX = 5;

/** A backend with its endpoints: one is chosen for a request, and its connections are kept. */
export class Cluster {
  readonly backend: Backend;
  readonly limits: Limits;
  readonly #budget: RetryBudget | undefined;
  /** How its connections are opened, for streams. */
  readonly connectOptions: ConnectOptions;
  readonly #balancer: Balancer;
  readonly #parts: HostParts;
  readonly #sweeper: Sweeper;
  #hosts = new Map<string, Host>();

  constructor(backend: Backend, { sweeper, secrets, random }: ClusterParts) {
    this.backend = backend;
    this.#sweeper = sweeper;
    const { settings, tls, protocol } = backend;
    this.limits = new Limits(settings?.circuitBreaker, () => this.#pump());
    this.#budget = settings?.retryBudget && new RetryBudget(settings.retryBudget);
    this.#balancer = new Balancer(settings?.loadBalancing, random, settings?.slowStartMs);
    const http2 = protocol === 'H2C' || protocol === 'GRPC';
    this.connectOptions = {
      timeoutMs: settings?.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
      ...(settings?.tcpKeepalive === undefined ? {} : { keepAliveMs: settings.tcpKeepalive.idleMs ?? 60_000 }),
      ...(tls === undefined ? {} : { tls: upstreamTlsOptions(tls, secrets, alpnOf(protocol)) }),
    };
    this.#parts = {
      sweeper,
      protocol: http2 ? 'HTTP/2' : 'HTTP/1.1',
      scheme: tls === undefined ? 'http' : 'https',
      idleTimeoutMs: settings?.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS,
      maxRequestsPerConnection: settings?.maxRequestsPerConnection ?? Number.POSITIVE_INFINITY,
      limits: this.limits,
      connect: (address, port) => openConnection(address, port, this.connectOptions),
    };
  }

  /** Whether its requests go by HTTP/1.1, in which a connection can change its protocol. */
  get speaksHttp1(): boolean {
    return this.#parts.protocol === 'HTTP/1.1';
  }

  /** These are its endpoints now. Those that stay keep their connections; of those that go the ones in use end when they are over. */
  setEndpoints(endpoints: Endpoints | undefined): void {
    const { hostname } = this.backend;
    const list: readonly Endpoint[] =
      hostname === undefined
        ? (endpoints?.endpoints ?? [])
        : [{ address: hostname.name, port: hostname.port, state: 'ready' }];
    const hosts = new Map<string, Host>();
    for (const { address, port } of list) {
      const key = `${address} ${port}`;
      hosts.set(key, this.#hosts.get(key) ?? this.#newHost(address, port));
    }
    for (const [key, host] of this.#hosts) if (!hosts.has(key)) host.close();
    this.#hosts = hosts;
    const ready = list.filter(({ state }) => state === 'ready');
    const chosen = ready.length > 0 ? ready : list;
    this.#balancer.setHosts(chosen.map(({ address, port }) => hosts.get(`${address} ${port}`)!));
  }

  /** The endpoint for a request; undefined if there is none. */
  choose(hints: BalancingHints): Host | undefined {
    return this.#balancer.choose(hints, this.#sweeper.now);
  }

  /** A request is sent, also once more. */
  requested(): void {
    this.#budget?.request(this.#sweeper.now);
  }

  /** Takes a retry of those that there may be. */
  takeRetry(): boolean {
    return this.#budget?.take(this.#sweeper.now) ?? true;
  }

  /** Whether there is an endpoint that was not tried. */
  hasOther(tried: readonly Host[]): boolean {
    return this.#balancer.hasOther(tried);
  }

  /** How a request to a host ended: one that fails too often in a row is left out for a while. */
  report(host: Host, status: number | undefined): void {
    const detection = this.backend.settings?.outlierDetection;
    if (detection === undefined) return;
    if (status !== undefined && status < 500) {
      host.consecutiveFailures = 0;
      return;
    }
    host.consecutiveFailures++;
    const most = Math.min(
      detection.consecutive5xx ?? DEFAULT_CONSECUTIVE_5XX,
      isGatewayError(status)
        ? (detection.consecutiveGatewayErrors ?? Number.POSITIVE_INFINITY)
        : Number.POSITIVE_INFINITY,
    );
    if (host.consecutiveFailures < most || !this.#mayEject(detection.maxEjectionPercent ?? 10)) return;
    host.consecutiveFailures = 0;
    host.ejectedUntil = this.#sweeper.now + (detection.baseEjectionMs ?? DEFAULT_EJECTION_MS);
  }

  /** Its connections end as they become idle. */
  close(): void {
    for (const host of this.#hosts.values()) host.close();
  }

  /** As Envoy: at least one may be left out, whatever the share. */
  #mayEject(percent: number): boolean {
    const out = [...this.#hosts.values()].filter(({ ejectedUntil }) => ejectedUntil > this.#sweeper.now).length;
    return out < Math.max(1, Math.floor((this.#hosts.size * percent) / 100));
  }

  #newHost(address: string, port: number): Host {
    const host = new Host(address, port, this.#parts);
    const check = this.backend.settings?.healthCheck;
    if (check === undefined) return host;
    host.healthy = false;
    const { protocol } = this.#parts;
    const options = this.connectOptions;
    const target = { address, port, authority: host.name, options, protocol, sweeper: this.#sweeper };
    const checker = new HealthChecker(target, check, (healthy) => {
      if (healthy && !host.healthy) host.since = this.#sweeper.now;
      host.healthy = healthy;
    });
    host.onClose = () => checker.stop();
    return host;
  }

  #pump(): void {
    for (const host of this.#hosts.values()) host.pump();
  }
}

function isGatewayError(status: number | undefined): boolean {
  return status === undefined || status === 502 || status === 503 || status === 504;
}

function alpnOf(protocol: Backend['protocol']): readonly string[] {
  if (protocol === 'H2C' || protocol === 'GRPC') return ['h2'];
  return protocol === 'HTTP' || protocol === 'WebSocket' ? ['http/1.1'] : [];
}
