import { type Informer, InformerSet } from 'nekube/client';
import { CoreEventRecorder } from 'nekube/controller';
import { kernel } from 'nekube/bpf';
import { NODE, type Node, SERVICE, type Service } from 'nekube/network';
import { addressesOf } from '../controller/node-addresses.ts';
import { type ServiceBalancing, startServiceBalancing } from '../controller/service-balancing.ts';
import { HealthServers } from '../health/health-servers.ts';
import { DEFAULT_DATAPATH } from '../datapath/options.ts';
import { type Hook, NodeDatapath, usualHook } from '../datapath/node-datapath.ts';
import { nearlyFull } from '../maps/fullness.ts';
import { type Capacities, ServiceMaps } from '../maps/service-maps.ts';
import type { Writes } from '../maps/writes.ts';
import { type TunnelAbilities, tunnelAbilities } from '../services/modes.ts';
import { SocketDatapath } from '../sockets/socket-datapath.ts';
import { lockPins } from './agent-lock.ts';
import { ApiWatch } from './api-watch.ts';
import { readDevices } from './devices.ts';
import { DropLog } from './drop-log.ts';
import { ownerAt } from './drop-owner.ts';
import type { AgentOptions } from './options.ts';
import { type AgentPlan, isOneOf, planAgent } from './plan.ts';
import { reasonOf } from './told.ts';
import { ToldModes } from './told-modes.ts';

/** How often it is looked which devices there are, and how large their packets may be. */
const DEVICES_MS = 2000;

/** How long a write to the maps took, and of how many elements it was. */
export interface SyncMeasure {
  readonly seconds: number;
  readonly entries: number;
}

/**
 * Balances the Services of a cluster at one node, each node by itself: keeps its maps, attaches its programs, tells what is not served as it
 * asks. When it ends, what it attached goes on; the next agent takes it over.
 */
export class LoadBalancerAgent {
  readonly #options: AgentOptions;
  readonly #informers: InformerSet;
  readonly #recorder: CoreEventRecorder;
  readonly #onSync = new Set<(measure: SyncMeasure) => void>();
  readonly #api: ApiWatch;
  readonly drops: DropLog;
  #datapath: NodeDatapath | undefined;
  #health: HealthServers | undefined;
  #sockets: SocketDatapath | undefined;
  #maps: ServiceMaps | undefined;
  #modes: ToldModes | undefined;
  #plan: AgentPlan | undefined;
  /** The plan with the numbers of its devices: one that went and came again by its name is another. */
  #place = '';
  /** Why the devices cannot be followed; empty if they are. */
  #lack = '';
  /** The maps of which it was said. */
  #nearlyFull: ReadonlySet<keyof Capacities> = new Set();
  #isReady = false;
  #failure: Error | undefined;

  constructor(options: AgentOptions) {
    const { client, clock, node, logger } = options;
    this.#options = options;
    this.#api = new ApiWatch({
      clock,
      ask: (ofAsk) => client.list(SERVICE, { limit: 1, signal: ofAsk }),
      warn: (line) => logger.warn(line),
      info: (line) => logger.info(line),
    });
    this.#informers = new InformerSet(client, {
      onError: (error, { kind }) => {
        if (!this.#api.hears(error)) logger.error(error, 'Cannot follow objects', { kind });
      },
    });
    this.#recorder = new CoreEventRecorder(client, 'nekube-lb', clock, node);
    const drops = logger.named('drops');
    this.drops = new DropLog({
      now: () => clock.now(),
      write: (line) => drops.info(line),
      ownerOf: (place) => this.#maps && ownerAt(this.#maps.owners, place),
    });
  }

  /** What is attached; undefined before that. */
  get datapath(): NodeDatapath | undefined {
    return this.#datapath;
  }

  /** What the maps of Services hold; undefined before there are any. */
  get maps(): ServiceMaps | undefined {
    return this.#maps;
  }

  /** Whom to tell of writes. */
  onSync(tell: (measure: SyncMeasure) => void): void {
    this.#onSync.add(tell);
  }

  /** @throws Error what is not well */
  checkHealth(): void {
    if (this.#failure) throw this.#failure;
    if (!this.#isReady) throw new Error('Services are not in the maps yet');
    if (this.#lack !== '') throw new Error(this.#lack);
  }

  /**
   * Runs until the signal is aborted.
   *
   * @throws BpfError, NotSupportedError or VerifierError nothing can be attached here; what is there goes on
   */
  async run(signal: AbortSignal): Promise<void> {
    const lock = lockPins(this.#options.pins);
    const end = new AbortController();
    const stop = AbortSignal.any([signal, end.signal]);
    const running = this.#runInformers(stop);
    let balancing: ServiceBalancing | undefined;
    try {
      const nodes = this.#informers.informer(NODE);
      await nodes.synced(stop);
      this.#open(nodes);
      balancing = this.#balance(nodes);
      await this.#keepUp(stop, nodes, balancing);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#api.close();
      balancing?.close();
      this.#health?.close();
      this.#modes?.close();
      end.abort(new Error('The agent ends'));
      await running;
      await this.#recorder.flush();
      this.#sockets?.close();
      this.#datapath?.close();
      lock.close();
    }
  }

  #runInformers(signal: AbortSignal): Promise<void> {
    this.#informers.informer(NODE);
    this.#informers.informer(SERVICE);
    return this.#informers.run(signal);
  }

  #planFor(nodes: Informer<Node>): AgentPlan {
    const { attach, hook = usualHook() } = this.#options;
    const told = attach === 'tcx' ? hook : attach;
    return planAgent(
      { ...this.#options, attach: told },
      { addresses: this.#ownAddresses(nodes), devices: readDevices() },
    );
  }

  /** Those that the API has of this node. */
  #ownAddresses(nodes: Informer<Node>): readonly string[] {
    const own = nodes.store.get({ name: this.#options.node });
    return own ? addressesOf(own) : [];
  }

  #open(nodes: Informer<Node>): void {
    const { logger, capacities, flows, pins, tables, attach, hook = usualHook() } = this.#options;
    const plan = this.#planFor(nodes);
    this.#plan = plan;
    this.#place = placeText(plan);
    for (const note of plan.notes) logger.info(note);
    const datapath = new NodeDatapath({ ...DEFAULT_DATAPATH, ...plan, capacities, flows, pins, attach, hook });
    this.#datapath = datapath;
    for (const note of datapath.notes) logger.warn(note);
    const contents = datapath.contents();
    this.#maps = new ServiceMaps({ capacities, tables, ...(contents && { contents }) });
    this.#tellOthers(plan.devices, hook);
  }

  /** Those that see packets before. */
  #tellOthers(devices: readonly string[], hook: Hook): void {
    for (const device of devices)
      for (const direction of ['ingress', 'egress'] as const) {
        const others = programsAt(device, direction, hook).filter((name) => !/^lb[46]_/.test(name));
        if (others.length > 0)
          this.#options.logger.info('Programs of others are attached as well, and are run in their order', {
            device,
            direction,
            programs: others.join(', '),
          });
      }
  }

  #balance(nodes: Informer<Node>): ServiceBalancing {
    const { mode, algorithm, node, capacities, tables, logger } = this.#options;
    const tunnels = (): TunnelAbilities => tunnelAbilities({ ...DEFAULT_DATAPATH, ...(this.#plan as AgentPlan) });
    const health = new HealthServers({
      addresses: this.#ownAddresses(nodes),
      isHealthy: () => this.#isReady && this.#failure === undefined,
      onProblem: (problem) => logger.warn(problem),
    });
    this.#health = health;
    this.#modes = new ToldModes({ ...this.#options, informers: this.#informers });
    return startServiceBalancing({
      informers: this.#informers,
      node,
      settings: {
        mode,
        algorithm,
        get tunnels() {
          return tunnels();
        },
      },
      maps: this.#maps as ServiceMaps,
      apply: (writes) => this.#apply(writes),
      recover: (failure) => {
        logger.error(failure, 'Cannot write the maps; all is written once more');
        this.#failure = failure instanceof Error ? failure : new Error(String(failure));
        const contents = this.#datapath?.contentsNow();
        this.#maps = new ServiceMaps({ capacities, tables, ...(contents && { contents }) });
        return this.#maps;
      },
      onHealthCheck: (service, check) => health.set(service, check),
      onProblems: (service, problems) => this.#tell(service, problems),
      onMode: (service, condition) => this.#modes?.tell(service, condition),
      onSynced: () => this.#attach(nodes),
    });
  }

  #apply(writes: Writes): void {
    const begin = performance.now();
    (this.#sockets ?? this.#datapath)?.apply(writes);
    this.#failure = undefined;
    this.#tellFullness();
    const entries = [writes.added, writes.services, writes.removed].reduce((sum, { length }) => sum + length, 0);
    if (entries + writes.tables.length === 0) return;
    for (const tell of this.#onSync) tell({ seconds: (performance.now() - begin) / 1000, entries });
  }

  /** Says of a map that it is nearly full before Services have no room there; again only after it had room meanwhile. */
  #tellFullness(): void {
    const { capacities, logger } = this.#options;
    const full = nearlyFull((this.#maps as ServiceMaps).used, capacities);
    for (const [name, line] of full) if (!this.#nearlyFull.has(name)) logger.warn(line);
    this.#nearlyFull = new Set(full.keys());
  }

  /** All that was there is in the maps: the programs take their places. */
  #attach(nodes: Informer<Node>): void {
    const { logger, cgroup, onReady } = this.#options;
    const datapath = this.#datapath as NodeDatapath;
    try {
      datapath.setTunnelSources(this.#tunnelSources(nodes));
      const told = datapath.notes.length;
      datapath.attach();
      for (const note of datapath.notes.slice(told)) logger.info(note);
      this.#attachPods();
      if (cgroup !== undefined) this.#sockets = this.#balanceSockets(datapath, cgroup);
      else logger.info('Processes of the machine itself are not balanced: --cgroup auto does that when they connect');
      const left = datapath.settle();
      if (left.length > 0)
        logger.info('Programs that are no longer wanted were detached', { programs: left.join(', ') });
      this.#isReady = true;
    } catch (error) {
      this.#failure = error as Error;
      this.#failed(error as Error);
      return;
    }
    onReady?.();
  }

  #failed: (error: Error) => void = () => undefined;

  #balanceSockets(datapath: NodeDatapath, cgroup: string): SocketDatapath {
    const onError = (error: Error): void => this.#options.logger.error(error, 'Cannot end a socket');
    const open = (folder: string): SocketDatapath => new SocketDatapath(datapath, { cgroup: folder, onError });
    return cgroup === 'auto' ? kernel.withCgroupRoot(open) : open(cgroup);
  }

  #attachPods(): void {
    const { podDevices, logger } = this.#options;
    const datapath = this.#datapath as NodeDatapath;
    const outside = this.#plan?.devices ?? [];
    const wanted = readDevices()
      .map(({ name }) => name)
      .filter((name) => !outside.includes(name) && isOneOf(name, podDevices));
    for (const device of datapath.pods) if (!wanted.includes(device)) datapath.detachPod(device);
    for (const device of wanted)
      try {
        datapath.attachPod(device);
      } catch (error) {
        // it went meanwhile, or it comes again
        logger.debug('Cannot attach to a device of a pod', { device, error: String(error) });
      }
  }

  /** Follows Nodes, devices and drops, until the signal. */
  async #keepUp(signal: AbortSignal, nodes: Informer<Node>, balancing: ServiceBalancing): Promise<void> {
    const failed = new Promise<never>((_, reject) => (this.#failed = reject));
    const onNodes = (): void => this.#onNodes(nodes, balancing);
    const remove = nodes.handle({ added: onNodes, updated: onNodes, deleted: onNodes });
    const timer = setInterval(() => this.#onDevices(nodes, balancing), DEVICES_MS);
    const reader = new kernel.RingBufferReader((this.#datapath as NodeDatapath).kernelMap('events'));
    try {
      await Promise.race([failed, this.#readDrops(reader, signal)]);
    } finally {
      reader.close();
      clearInterval(timer);
      remove();
    }
  }

  async #readDrops(reader: kernel.RingBufferReader, signal: AbortSignal): Promise<void> {
    for await (const record of reader.records(signal)) this.drops.add(record);
  }

  #onNodes(nodes: Informer<Node>, balancing: ServiceBalancing): void {
    this.#health?.listenAt(this.#ownAddresses(nodes));
    if (!this.#isReady) return;
    this.#datapath?.setTunnelSources(this.#tunnelSources(nodes));
    this.#onDevices(nodes, balancing);
  }

  /** All nodes, and the prefixes of which their tunnels come. */
  #tunnelSources(nodes: Informer<Node>): readonly string[] {
    const { tunnelSources = [] } = this.#options;
    return [...new Set([...nodes.store.list().flatMap(addressesOf), ...tunnelSources])];
  }

  /** Programs are made anew where the node's addresses or the devices are others. */
  #onDevices(nodes: Informer<Node>, balancing: ServiceBalancing): void {
    if (!this.#isReady) return;
    const { logger, attach } = this.#options;
    try {
      const plan = this.#planFor(nodes);
      const place = placeText(plan);
      if (place !== this.#place) {
        for (const note of plan.notes) logger.info(note);
        this.#datapath?.reload({ ...DEFAULT_DATAPATH, ...plan, attach });
        this.#plan = plan;
        this.#place = place;
        balancing.refresh();
      }
      this.#attachPods();
      if (this.#lack !== '') logger.info('The devices of this node are followed again');
      this.#lack = '';
    } catch (error) {
      // devices that are gone may come back; what is attached stays
      const lack = `Cannot follow the devices of this node: ${error instanceof Error ? error.message : String(error)}`;
      if (lack !== this.#lack) logger.warn(lack);
      this.#lack = lack;
    }
  }

  #tell(service: Service, problems: readonly string[]): void {
    const { logger } = this.#options;
    const { namespace = '', name = '' } = service.metadata;
    for (const problem of problems) {
      logger.warn(problem, { service: `${namespace}/${name}` });
      this.#recorder.record(service, 'Warning', reasonOf(problem), problem);
    }
  }
}

/** What of a plan makes programs others. A device that is gone by now has no number. */
function placeText(plan: AgentPlan): string {
  const { devices } = plan;
  return JSON.stringify([plan, devices.map((device) => kernel.deviceIndex(device))]);
}

/** What is attached to a device, by names. Programs of tcx are run before filters, also where ours are filters. */
function programsAt(device: string, direction: 'ingress' | 'egress', hook: Hook): readonly string[] {
  const filters = kernel
    .attachedFilters(device, direction)
    .map(({ name, kind, priority }) => `${name ?? kind} (filter ${priority})`);
  if (hook === 'clsact' && usualHook() === 'clsact') return filters;
  const links = kernel.attachedPrograms(device, `tcx_${direction}`).map(({ name, id }) => name || `number ${id}`);
  return [...links, ...filters];
}
