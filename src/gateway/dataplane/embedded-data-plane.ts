import type {
  Backend,
  DataPlane,
  Endpoints,
  GatewayModel,
  PlaneState,
  Secret,
  SecretName,
  Unsupported,
} from '../model/index.ts';
import { Sweeper } from './http/sweeper.ts';
import { type Bind, bindHere } from './listeners/bind.ts';
import { ListenerSet } from './listeners/listener-set.ts';
import type { PlaneContext } from './proxy/context.ts';
import { CLAIMED_FEATURES } from '../model/features.ts';
import { unsupportedOf } from './unsupported.ts';
import { Cluster } from './upstream/cluster.ts';
import { WorkerPool } from './workers/worker-pool.ts';

/** How the embedded data plane is run; all of it may be left out. */
export interface EmbeddedDataPlaneOptions {
  /** From 0 to 1; default `Math.random`. */
  readonly random?: () => number;
  /** Ms since 1970, which tokens are valid by; default `Date.now`. */
  readonly wallClock?: () => number;
  /** Default: how often what waits too long is looked for, 250. */
  readonly tickMs?: number;
  /** What goes wrong that is no client's and no backend's fault; default: it is written to stderr. */
  readonly onError?: (error: unknown) => void;
  /** How many processes serve TCP, of which this is one; default 1: no further. */
  readonly concurrency?: number;
  /** How a server of TCP gets its port; default: it is bound in this process. */
  readonly bind?: Bind;
}

/** A cluster, and what it was made of. */
interface MadeCluster {
  readonly cluster: Cluster;
  readonly backend: Backend;
  readonly material: readonly (Secret | undefined)[];
}

/**
 * Serves a routing model in this process, without Envoy: for the first minute, for tests, and where there is no Envoy. What a
 * new model does not change goes on; connections that stay meet what is new at their next request.
 */
export class EmbeddedDataPlane implements DataPlane {
  readonly name = 'Embedded';
  readonly supportedFeatures = CLAIMED_FEATURES;
  readonly #sweeper: Sweeper;
  readonly #random: () => number;
  readonly #listeners: ListenerSet;
  readonly #concurrency: number;
  /** The further processes. */
  readonly #workers: WorkerPool | undefined;
  readonly #onState = new Set<() => void>();
  readonly #clusters = new Map<string, Cluster>();
  #made = new Map<string, MadeCluster>();
  #byEndpoints = new Map<string, Cluster[]>();
  #ready = false;

  constructor({
    random = Math.random,
    wallClock = Date.now,
    tickMs = 250,
    onError = writeError,
    concurrency = 1,
    bind = bindHere,
  }: EmbeddedDataPlaneOptions = {}) {
    if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
      throw new RangeError(`concurrency must be a whole number of processes, 1 or more, not ${concurrency}`);
    }
    this.#sweeper = new Sweeper(tickMs);
    this.#random = random;
    this.#concurrency = concurrency;
    const workers =
      concurrency > 1 ? new WorkerPool({ count: concurrency - 1, onError, changed: () => this.#changed() }) : undefined;
    this.#workers = workers;
    const plane: PlaneContext = {
      ...{ sweeper: this.#sweeper, clusters: this.#clusters, random, wallClock, onError },
      bind: workers === undefined ? bind : (...listener) => workers.bind(...listener),
    };
    this.#listeners = new ListenerSet(plane, () => this.#changed());
  }

  unsupported(model: GatewayModel): readonly Unsupported[] {
    return unsupportedOf(model, this.#concurrency);
  }

  update(model: GatewayModel): void {
    this.#ready = true;
    this.#workers?.update(model);
    this.#updateClusters(model);
    this.#listeners.update(model);
    this.#changed();
  }

  updateEndpoints(changed: readonly Endpoints[]): void {
    this.#workers?.updateEndpoints(changed);
    for (const endpoints of changed) {
      for (const cluster of this.#byEndpoints.get(endpoints.name) ?? []) cluster.setEndpoints(endpoints);
    }
  }

  state(): PlaneState {
    const gateways = this.#listeners.states();
    if (this.#workers?.settled ?? true) return { ready: this.#ready, gateways };
    return {
      ready: this.#ready,
      gateways: new Map([...gateways].map(([key, one]) => [key, { ...one, programmed: false }])),
    };
  }

  onState(listener: () => void): () => void {
    this.#onState.add(listener);
    return () => void this.#onState.delete(listener);
  }

  async close({ drainMs = 0 }: { readonly drainMs?: number } = {}): Promise<void> {
    this.#ready = false;
    await Promise.all([this.#workers?.close(drainMs), this.#listeners.close(drainMs)]);
    for (const cluster of this.#clusters.values()) cluster.close();
    this.#sweeper.stop();
    this.#onState.clear();
  }

  /** Where a listener (by its name in the model) is bound: for models that ask for port 0. */
  portOf(listener: string): number | undefined {
    return this.#listeners.portOf(listener);
  }

  /** The further processes that serve. */
  get workerPids(): readonly number[] {
    return this.#workers?.pids ?? [];
  }

  #updateClusters({ backends, endpoints, secrets }: GatewayModel): void {
    const made = new Map<string, MadeCluster>();
    this.#byEndpoints = new Map();
    for (const [name, backend] of backends) {
      const one = this.#cluster(backend, secrets);
      made.set(name, one);
      this.#clusters.set(name, one.cluster);
      const key = backend.endpoints;
      one.cluster.setEndpoints(key === undefined ? undefined : endpoints.get(key));
      if (key !== undefined) this.#byEndpoints.set(key, [...(this.#byEndpoints.get(key) ?? []), one.cluster]);
    }
    for (const [name, { cluster }] of this.#made) {
      if (made.get(name)?.cluster !== cluster) cluster.close();
      if (!made.has(name)) this.#clusters.delete(name);
    }
    this.#made = made;
  }

  /** The one there is, unless what it is made of changed. */
  #cluster(backend: Backend, secrets: ReadonlyMap<SecretName, Secret>): MadeCluster {
    const material = materialOf(backend, secrets);
    const there = this.#made.get(backend.name);
    if (there?.backend === backend && there.material.every((one, i) => one === material[i])) return there;
    const cluster = new Cluster(backend, { sweeper: this.#sweeper, secrets, random: this.#random });
    return { cluster, backend, material };
  }

  #changed(): void {
    for (const listener of [...this.#onState]) listener();
  }
}

function materialOf({ tls }: Backend, secrets: ReadonlyMap<SecretName, Secret>): readonly (Secret | undefined)[] {
  if (tls === undefined) return [];
  const names = [
    ...(tls.ca === 'System' ? [] : tls.ca),
    ...(tls.clientCertificate === undefined ? [] : [tls.clientCertificate]),
  ];
  return names.map((name) => secrets.get(name));
}

function writeError(error: unknown): void {
  console.error('gateway:', error);
}
