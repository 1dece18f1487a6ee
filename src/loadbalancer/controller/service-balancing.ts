import { namespacedName } from 'nekube/apimachinery';
import type { Informer, ObjectStore } from 'nekube/client';
import {
  ENDPOINT_SLICE,
  type EndpointSlice,
  type Informers,
  NODE,
  type Node,
  SERVICE,
  type Service,
  serviceOf,
  slicesByService,
} from 'nekube/network';
import type { HealthCheck } from '../health/answer.ts';
import { healthCheckOf } from '../health/health-check.ts';
import type { ServiceMaps } from '../maps/service-maps.ts';
import type { Writes } from '../maps/writes.ts';
import type { Frontend } from '../model/config.ts';
import { balance, type NodePlace } from '../services/frontends.ts';
import type { ModeCondition } from '../services/modes.ts';
import type { BalancingSettings } from '../services/settings.ts';
import { placeOf } from './node-addresses.ts';

/**
 * How many Services are written together: enough that calls are few, and so few that what is written is gone before the garbage
 * collector has to move it. Ten thousand at once take half as long again.
 */
const TOGETHER = 64;

/** What Services are balanced with. */
export interface ServiceBalancingOptions {
  readonly informers: Informers;
  /** The name of the Node whose datapath it is. */
  readonly node: string;
  readonly settings: BalancingSettings;
  readonly maps: ServiceMaps;
  /** Brings the writes to the datapath, in their order. They are done when it returns. */
  readonly apply: (writes: Writes) => void;
  /**
   * Is told that writes failed, and gives what the maps hold now, by which all that is not as it should be is written once more, somewhat
   * later. Without it a failure is thrown.
   */
  readonly recover?: (failure: unknown) => ServiceMaps;
  /** Is told once that all that was there is in the maps. */
  readonly onSynced?: () => void;
  /** Where the node is, by all that are known; default: as its object says. */
  readonly place?: (nodes: ObjectStore<Node>) => NodePlace;
  /** Frontends that clients inside have no backend of are left to who else listens there; default: they are told that nobody does. */
  readonly leavesEmpty?: boolean;
  /** Is told what of a Service cannot be served, when that is another than before; nothing: all can. */
  readonly onProblems: (service: Service, problems: readonly string[]) => void;
  /** Is told what is to be answered to health checks of a Service, by its key; undefined: nothing. */
  readonly onHealthCheck?: (service: string, check: HealthCheck | undefined) => void;
  /** Is told the condition of a Service that says by which mode it is served, when that is another than before. */
  readonly onMode?: (service: Service, condition: ModeCondition) => void;
}

/** So long after a failure all is written once more. */
const RETRY_MS = 1000;

/** Services that are being balanced. */
export interface ServiceBalancing {
  /** Brings to the datapath what has changed, now; otherwise it is done a turn later. */
  flush(): void;
  /** Balances all Services anew: the settings are others. */
  refresh(): void;
  close(): void;
}

/**
 * Keeps a node's datapath as Services, EndpointSlices and Nodes say, until it is closed. Nothing is written until the informers have all
 * that there is: a Service whose slices are still to come would lose its backends. What changes within one turn is written in a row.
 */
export function startServiceBalancing(options: ServiceBalancingOptions): ServiceBalancing {
  return new Balancing(options);
}

class Balancing implements ServiceBalancing {
  readonly #options: ServiceBalancingOptions;
  readonly #services: Informer<Service>;
  readonly #nodes: Informer<Node>;
  readonly #slicesOf: (service: string) => readonly EndpointSlice[];
  readonly #removals: readonly (() => void)[];
  readonly #changed = new Set<string>();
  /** The ports of each Service that are in the maps. */
  readonly #ports = new Map<string, readonly string[]>();
  readonly #problems = new Map<string, string>();
  readonly #modes = new Map<string, string>();
  readonly #end = new AbortController();
  #maps: ServiceMaps;
  #isSynced = false;
  #retry: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(options: ServiceBalancingOptions) {
    this.#options = options;
    this.#maps = options.maps;
    const { informers } = options;
    const slices = informers.informer(ENDPOINT_SLICE);
    this.#services = informers.informer(SERVICE);
    this.#nodes = informers.informer(NODE);
    this.#slicesOf = slicesByService(slices);
    this.#removals = [
      this.#services.handle(onEach((service) => this.#mark(namespacedName(service.metadata)))),
      slices.handle(onEach((slice) => this.#mark(serviceOf(slice)))),
      this.#nodes.handle(onEach((node, old) => isElsewhere(node, old) && this.#markAll())),
    ];
    const synced = [this.#services, slices, this.#nodes].map((one) => one.synced(this.#end.signal));
    void Promise.all(synced).then(
      () => this.#begin(),
      // it was closed, or the informers were stopped
      () => undefined,
    );
  }

  #begin(): void {
    this.#isSynced = true;
    this.flush();
    this.#options.onSynced?.();
  }

  flush(): void {
    if (this.#turn !== undefined) clearImmediate(this.#turn);
    this.#turn = undefined;
    if (!this.#isSynced) return;
    const changed = this.#oldestFirst([...this.#changed]);
    this.#changed.clear();
    try {
      for (let from = 0; from < changed.length; from += TOGETHER) this.#bring(changed.slice(from, from + TOGETHER));
      this.#endAdoption();
    } catch (failure) {
      this.#recover(failure);
    }
    this.#callLacking(changed);
  }

  /** Of two that want one address the first that is set has it: the older one, at each node, and after a restart as before. */
  #oldestFirst(services: readonly string[]): readonly string[] {
    if (services.length < 2) return services;
    const aged = services.map((key) => {
      const [namespace = '', name = ''] = key.split('/');
      const created = this.#services.store.get({ namespace, name })?.metadata.creationTimestamp ?? '';
      return { key, order: `${created} ${key}` };
    });
    return aged.sort((a, b) => (a.order < b.order ? -1 : 1)).map(({ key }) => key);
  }

  #bring(services: readonly string[]): void {
    for (const service of services) this.#set(service);
    this.#write();
    // what was told of them counts no more
    for (const port of this.#maps.takeCalled()) this.#mark(port.split(':')[0]);
  }

  /** What no Service has claimed by now is removed. */
  #endAdoption(): void {
    if (!this.#maps.endAdoption()) return;
    this.#write();
    // what was removed is room
    for (const key of this.#lacking()) this.#mark(key);
  }

  #lacking(): readonly string[] {
    return [...this.#problems].filter(([, problems]) => problems.includes(' is full')).map(([key]) => key);
  }

  #write(): void {
    this.#options.apply(this.#maps.takeWrites());
    this.#maps.settle();
  }

  refresh(): void {
    this.#markAll();
  }

  close(): void {
    for (const remove of this.#removals) remove();
    if (this.#turn !== undefined) clearImmediate(this.#turn);
    clearTimeout(this.#retry);
    this.#end.abort(new Error('Closed'));
  }

  /** Writes all anew, by what the maps hold now. */
  #recover(failure: unknown): void {
    if (this.#options.recover === undefined) throw failure;
    this.#maps = this.#options.recover(failure);
    this.#ports.clear();
    this.#markAll();
    if (this.#turn !== undefined) clearImmediate(this.#turn);
    this.#turn = undefined;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.flush(), RETRY_MS);
  }

  /** What others have left may be room for Services that had none. */
  #callLacking(changed: readonly string[]): void {
    if (!this.#maps.takeRoom() || this.#problems.size === 0) return;
    const lacking = this.#lacking();
    if (changed.every((key) => lacking.includes(key))) return;
    for (const key of lacking) this.#mark(key);
  }

  #mark(service: string | undefined): void {
    if (service === undefined) return;
    this.#changed.add(service);
    if (this.#isSynced) this.#turn ??= setImmediate(() => this.flush());
  }

  #markAll(): void {
    for (const { metadata } of this.#services.store.list()) this.#mark(namespacedName(metadata));
  }

  #set(key: string): void {
    const { settings, node, onProblems, place = (nodes) => placeOf(node, nodes), leavesEmpty } = this.#options;
    const maps = this.#maps;
    const [namespace = '', name = ''] = key.split('/');
    const service = this.#services.store.get({ namespace, name });
    const { frontends, problems, condition } =
      service === undefined
        ? { frontends: [], problems: [], condition: undefined }
        : balance(service, this.#slicesOf(key), place(this.#nodes.store), settings);
    const ports = byPort(leavesEmpty ? frontends.filter(hasBackends) : frontends);
    const gone = (this.#ports.get(key) ?? []).filter((port) => !ports.has(port));
    for (const port of gone) maps.set(port, []);
    const all = [...problems, ...[...ports].flatMap(([port, ofPort]) => maps.set(port, ofPort))];
    if (ports.size === 0) this.#ports.delete(key);
    else this.#ports.set(key, [...ports.keys()]);
    if (service !== undefined && (this.#problems.get(key) ?? '') !== all.join('\n')) onProblems(service, all);
    if (service === undefined || all.length === 0) this.#problems.delete(key);
    else this.#problems.set(key, all.join('\n'));
    this.#tellMode(key, service, condition);
    const { onHealthCheck } = this.#options;
    onHealthCheck?.(key, service && healthCheckOf(service, this.#slicesOf(key), this.#options.node));
  }

  #tellMode(key: string, service: Service | undefined, condition: ModeCondition | undefined): void {
    const text = JSON.stringify(condition);
    if (service !== undefined && condition !== undefined && this.#modes.get(key) !== text)
      this.#options.onMode?.(service, condition);
    if (service === undefined || text === undefined) this.#modes.delete(key);
    else this.#modes.set(key, text);
  }
}

function hasBackends({ backends, insideBackends = backends }: Frontend): boolean {
  return insideBackends.length > 0;
}

function byPort(frontends: readonly Frontend[]): ReadonlyMap<string, readonly Frontend[]> {
  const ports = new Map<string, Frontend[]>();
  for (const frontend of frontends) ports.set(frontend.name, [...(ports.get(frontend.name) ?? []), frontend]);
  return ports;
}

/** Nodes tell of themselves every few seconds; what counts is where they are. */
function isElsewhere(node: Node, old: Node | undefined): boolean {
  const place = ({ metadata, status }: Node & { status?: { addresses?: unknown } }) =>
    JSON.stringify([metadata.labels, status?.addresses]);
  return old === undefined || place(node) !== place(old);
}

function onEach<T>(changed: (object: T, old?: T) => void) {
  return {
    added: (object: T) => changed(object),
    updated: (object: T, old: T) => {
      changed(object, old);
      changed(old, object);
    },
    deleted: (object: T) => changed(object),
  };
}
