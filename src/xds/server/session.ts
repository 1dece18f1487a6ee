import { Resource } from '../resources/resource.ts';
import { CLUSTER_URL, ENDPOINT_URL, RESOURCE_TYPES } from '../resources/resource-types.ts';
import { Snapshot } from '../resources/snapshot.ts';
import { namesIn, reasonOf } from './guilty.ts';
import type { NodeRecord, StreamView } from './node-record.ts';
import type { Node, Request } from './request.ts';
import type { Response } from './response.ts';
import { subscribe } from './subscribe.ts';
import { type Pending, type Told, TypeState } from './type-state.ts';

/** `world` answers with all that a client asks for, `delta` with what changed. */
export type Protocol = 'world' | 'delta';

/** What a stream needs of the server. */
export interface SessionHost {
  /** Who this is, with the snapshot that it is to have if there is one yet. @throws RpcError: it may not */
  readonly identify: (node: Node) => { readonly record: NodeRecord; readonly snapshot: Snapshot | undefined };
  /** The stream counts from now on. */
  readonly onOpen: (record: NodeRecord) => void;
  readonly send: (response: Response) => void;
  /** True while the client does not read; `advance` is called when it does. */
  readonly isFull: () => boolean;
  /** This and the next tell what happened, before all of it has been dealt with: nothing may be called in answer. */
  readonly onAcked: (record: NodeRecord, type: string, names: readonly string[]) => void;
  /** Names of what it refused; none when that is not known and nothing is held back for it. */
  readonly onNacked: (record: NodeRecord, type: string, names: readonly string[], error: string) => void;
  /** Calls later, once; what it gives back stops that. */
  readonly after: (delayMs: number, call: () => void) => () => void;
}

/** How to treat clients. */
export interface SessionOptions {
  readonly protocol: Protocol;
  /** The type of all requests; undefined where each names its own. */
  readonly fixedType?: string;
  /** What refers to a cluster that is not accepted yet waits at most so long. */
  readonly holdMs: number;
  /** Nothing is removed for so long after a client came back: it says only one by one what it has that may refer to it. */
  readonly graceMs: number;
}

const ORDER = RESOURCE_TYPES.map(({ url }) => url);

/** Beyond so many clusters that are not ready yet, it is not looked which of them something refers to. */
const MOST_SOUGHT = 64;

/**
 * One stream of a client: what it was told, what it accepted, and what it is to hear next.
 *
 * Of each type one response is on its way at a time, so that a slow client gets fewer and larger ones. What changes is sent
 * in the order of the types; what refers to a cluster that is new waits until that is accepted, and what is removed stays
 * until nothing refers to it any more. What a client refuses is held back, and what it accepted last is served on.
 */
export class Session implements StreamView {
  readonly #host: SessionHost;
  readonly #options: SessionOptions;
  readonly #states = new Map<string, TypeState>();
  #record: NodeRecord | undefined;
  #node: Node | undefined;
  #snapshot: Snapshot | undefined;
  #nonces = 0;
  #stopHolding: (() => void) | undefined;
  #isReleased = false;
  #stopGrace: (() => void) | undefined;
  #hasGrace = false;
  #isClosed = false;

  constructor(host: SessionHost, options: SessionOptions) {
    this.#host = host;
    this.#options = options;
  }

  get node(): Node | undefined {
    return this.#node;
  }

  /** Undefined before the first request. */
  get record(): NodeRecord | undefined {
    return this.#record;
  }

  ackedVersion(type: string, name: string): string | undefined {
    return this.#states.get(type)?.acked.get(name);
  }

  sentVersion(type: string, name: string): string | undefined {
    return this.#states.get(type)?.told.get(name)?.version;
  }

  /** Hears the client. @throws RpcError: it may not have anything */
  receive(request: Request): void {
    if (this.#record === undefined) this.#identify(request.node ?? {});
    const type = this.#options.fixedType ?? request.type;
    let state = this.#states.get(type);
    if (state === undefined) {
      state = new TypeState(type, this.#record!.kept(type));
      this.#states.set(type, state);
    }
    const { pending } = state;
    if (request.nonce !== '' && pending?.nonce === request.nonce) this.#settle(state, pending, request.error);
    // the state of the world that somebody wants who has not heard the last of it: he will answer that too
    else if ('names' in request.wants && state.hasBegun && request.nonce !== state.lastNonce) return;
    const isFirst = !state.hasBegun;
    subscribe(state, request.wants, this.#snapshot, (name) => this.#isAwaited(type, name));
    if (isFirst && (state.claim !== undefined || state.acked.size > 0)) this.#beginGrace();
    this.advance();
  }

  #beginGrace(): void {
    if (this.#hasGrace) return;
    this.#hasGrace = true;
    this.#stopGrace = this.#host.after(this.#options.graceMs, () => {
      this.#stopGrace = undefined;
      this.advance();
    });
  }

  /** The client is to have this from now on. */
  update(snapshot: Snapshot): void {
    const before = this.#snapshot ?? Snapshot.empty;
    this.#snapshot = snapshot;
    for (const state of this.#states.values())
      for (const name of snapshot.changedNames(state.type.url, before)) if (state.wants(name)) state.dirty.add(name);
    this.advance();
  }

  /** Sends what may be sent. */
  advance(): void {
    if (this.#snapshot === undefined || this.#isClosed) return;
    // what turns out to be settled may let something before it be removed
    for (let left = Number.POSITIVE_INFINITY; this.#countDirty() < left; ) {
      left = this.#countDirty();
      if (!this.#sendInOrder()) return;
    }
    if (this.#unreadyClusters().length === 0) this.#endHolding();
  }

  #countDirty(): number {
    return [...this.#states.values()].reduce((count, { dirty }) => count + dirty.size, 0);
  }

  /** False when the client does not read what is sent. */
  #sendInOrder(): boolean {
    for (const url of new Set([...ORDER, ...this.#states.keys()])) {
      const state = this.#states.get(url);
      if (state === undefined || state.pending !== undefined || !state.hasBegun) continue;
      if (this.#host.isFull()) return false;
      if (state.claim !== undefined) this.#compareClaim(state);
      this.#sendChanges(state);
    }
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#endHolding();
    this.#stopGrace?.();
    this.#record?.streams.delete(this);
  }

  #identify(node: Node): void {
    const { record, snapshot } = this.#host.identify(node);
    this.#record = record;
    this.#node = node;
    this.#snapshot = snapshot;
    record.streams.add(this);
    this.#host.onOpen(record);
  }

  /** What there is of a resource for this client: the last good one, while it refuses the newest. */
  #served(state: TypeState, name: string): Resource | undefined {
    const resource = this.#snapshot?.get(state.type.url, name);
    if (resource === undefined) return this.#servedInstead(state, name);
    const isRefused = state.kept.bad.get(name)?.version === resource.version;
    return isRefused ? state.kept.good.get(name) : resource;
  }

  /**
   * A client of the state of the world cannot be told that there are no endpoints, and may wait for some: it hears that they are
   * none, or, while their cluster is about to go, those that it knows.
   */
  #servedInstead({ type, kept, names }: TypeState, name: string): Resource | undefined {
    if (!this.#isWorld || type.url !== ENDPOINT_URL || !names.has(name)) return undefined;
    const isLeaving = this.#snapshot?.get(CLUSTER_URL, name) === undefined;
    const none = Resource.of('envoy.config.endpoint.v3.ClusterLoadAssignment', { cluster_name: name });
    return isLeaving ? (kept.good.get(name) ?? none) : none;
  }

  /** A client that has already what it would be sent hears nothing. */
  #compareClaim(state: TypeState): void {
    const claim = state.claim;
    state.claim = undefined;
    const served = [...state.dirty].map((name) => this.#served(state, name)).filter(isPresent);
    for (const resource of served) state.tell(resource.name, resource);
    if (state.version !== claim || served.some(({ name }) => this.#isAwaited(state.type.url, name))) {
      for (const { name } of served) state.setTold(name, undefined);
      if (state.type.isWhole) this.#keepForNow(state);
      return;
    }
    state.mustAnswer = false;
    this.#recognise(state, served);
  }

  /** A client that comes back may have what is to be removed; the state of the world has it until nothing refers to it. */
  #keepForNow(state: TypeState): void {
    for (const [name, resource] of state.kept.good) {
      if (this.#served(state, name) !== undefined) continue;
      state.tell(name, resource);
      state.dirty.add(name);
    }
  }

  /** The client has these already. */
  #recognise(state: TypeState, resources: readonly Resource[]): void {
    if (resources.length === 0) return;
    for (const resource of resources) {
      state.acked.set(resource.name, resource.version);
      state.kept.good.set(resource.name, resource);
      state.dirty.delete(resource.name);
    }
    this.#host.onAcked(
      this.#record!,
      state.type.url,
      resources.map(({ name }) => name),
    );
  }

  get #isWorld(): boolean {
    return this.#options.protocol === 'world';
  }

  #isAwaited(type: string, name: string): boolean {
    return type === ENDPOINT_URL && this.#record!.awaitedEndpoints.has(name);
  }

  #sendChanges(state: TypeState): void {
    const changes = this.#changesOf(state);
    const isDelta = !this.#isWorld;
    if (!isDelta && !state.type.isWhole) {
      // that something is not there cannot be said; what is sent, perhaps empty, has the version of the rest
      for (const [name, resource] of changes) {
        if (resource !== undefined) continue;
        state.tell(name, undefined);
        state.dirty.delete(name);
        state.mustAnswer = true;
        changes.delete(name);
      }
    }
    const isDue = state.mustAnswer && state.dirty.size === 0;
    if (changes.size === 0 && !isDue) return;
    for (const [name, resource] of changes) {
      state.tell(name, resource);
      state.dirty.delete(name);
    }
    state.mustAnswer = false;
    const nonce = String(++this.#nonces);
    const sent = isDelta || !state.type.isWhole ? changes : new Map([...state.resources(), ...changes]);
    state.pending = { nonce, changes: sent };
    const resources = [...sent.values()].filter(isPresent);
    if (state.type.url === CLUSTER_URL) this.#rewarm(state, resources);
    this.#host.send({
      type: state.type.url,
      nonce,
      version: state.version,
      resources,
      removed: isDelta ? [...changes].filter(([, resource]) => resource === undefined).map(([name]) => name) : [],
    });
  }

  /** What is to be said now; the rest stays dirty. */
  #changesOf(state: TypeState): Map<string, Resource | undefined> {
    const changes = new Map<string, Resource | undefined>();
    const known: Resource[] = [];
    const only = state.groups.length > 0 ? new Set(state.groups[0]) : undefined;
    for (const name of state.dirty) {
      if (only !== undefined && !only.has(name)) continue;
      const resource = this.#served(state, name);
      const told = state.told.get(name);
      if (resource === undefined) {
        if (this.#isRemovalDue(state, name, told)) changes.set(name, undefined);
        else if (told?.version === undefined) state.dirty.delete(name);
      } else if (told?.version === resource.version) {
        state.dirty.delete(name);
        if (told.resource === undefined) known.push(resource);
      } else if (!this.#mustWait(state, resource)) changes.set(name, resource);
    }
    for (const resource of known) state.tell(resource.name, resource);
    this.#recognise(state, known);
    if (only !== undefined && changes.size === 0) {
      // all of the group has become something else meanwhile
      state.groups.shift();
      return state.groups.length > 0 || state.dirty.size > 0 ? this.#changesOf(state) : changes;
    }
    return changes;
  }

  #isRemovalDue(state: TypeState, name: string, told: Told | undefined): boolean {
    // who asks for it must hear that it is not there; not of what he has just refused
    if (told === undefined) return state.names.has(name) && this.#snapshot!.get(state.type.url, name) === undefined;
    return told.version !== undefined && this.#mayRemove(state, name);
  }

  /** Removed is what nothing refers to any more. */
  #mayRemove(state: TypeState, name: string): boolean {
    if (state.type.referrers.length > 0 && this.#stopGrace !== undefined) return false;
    return state.type.referrers.every((url) => {
      const referrer = this.#states.get(url);
      if (referrer === undefined) return true;
      if (referrer.pending !== undefined || referrer.dirty.size > 0) return false;
      return [...referrer.kept.bad.keys()].every((bad) => !this.#served(referrer, bad)?.mentions(name));
    });
  }

  /** Names of clusters that there are to be and that the client has never accepted. */
  #unreadyClusters(): string[] {
    const clusters = this.#states.get(CLUSTER_URL);
    if (clusters === undefined) return [];
    const names = new Set([...clusters.dirty, ...(clusters.pending?.changes.keys() ?? [])]);
    const isLeaving = (name: string): boolean =>
      clusters.pending !== undefined && clusters.pending.changes.has(name) && !clusters.pending.changes.get(name);
    return [...names].filter(
      (name) => (!clusters.acked.has(name) || isLeaving(name)) && this.#served(clusters, name) !== undefined,
    );
  }

  /** What refers to a cluster waits until that is accepted, yet not for ever: it may never be. */
  #mustWait(state: TypeState, resource: Resource): boolean {
    const [clusters] = RESOURCE_TYPES;
    if (this.#isReleased || !clusters!.referrers.includes(state.type.url)) return false;
    const unready = this.#unreadyClusters();
    if (unready.length === 0) return false;
    if (unready.length <= MOST_SOUGHT && !unready.some((name) => resource.mentions(name))) return false;
    this.#stopHolding ??= this.#host.after(this.#options.holdMs, () => {
      this.#isReleased = true;
      this.advance();
    });
    return true;
  }

  #endHolding(): void {
    this.#stopHolding?.();
    this.#stopHolding = undefined;
    this.#isReleased = false;
  }

  /** A cluster that is changed waits for its endpoints as a new one does, though nobody asks for them again. */
  #rewarm(state: TypeState, resources: readonly Resource[]): void {
    const endpoints = this.#states.get(ENDPOINT_URL);
    for (const resource of resources) {
      const name = resource.endpointsName;
      if (name === undefined || state.acked.get(resource.name) === resource.version) continue;
      this.#record!.awaitedEndpoints.add(name);
      if (endpoints?.wants(name) !== true) continue;
      endpoints.setTold(name, undefined);
      endpoints.dirty.add(name);
    }
  }

  #settle(state: TypeState, pending: Pending, error: string | undefined): void {
    state.pending = undefined;
    state.lastNonce = pending.nonce;
    if (error === undefined) this.#accept(state, pending);
    else this.#refuse(state, pending, error);
  }

  #accept(state: TypeState, { changes }: Pending): void {
    const { good, bad } = state.kept;
    const newly = [...changes].filter(
      ([name, resource]) => resource === undefined || state.acked.get(name) !== resource.version,
    );
    for (const [name, resource] of changes) {
      if (resource === undefined || !state.wants(name)) {
        state.acked.delete(name);
        if (resource === undefined) this.#dropRemoved(state, name);
        continue;
      }
      state.acked.set(name, resource.version);
      good.set(name, resource);
      // unless its cluster was sent once more meanwhile
      if (this.#isAwaited(state.type.url, name) && state.told.get(name)?.version === resource.version)
        this.#record!.awaitedEndpoints.delete(name);
      if (this.#snapshot?.get(state.type.url, name)?.version !== bad.get(name)?.version) bad.delete(name);
    }
    state.groups.shift();
    const names = newly.map(([name]) => name);
    if (names.length > 0) this.#host.onAcked(this.#record!, state.type.url, names);
  }

  /** The client knows that it is not there; who asked for it by name may hear of it again. */
  #dropRemoved(state: TypeState, name: string): void {
    state.kept.good.delete(name);
    state.kept.bad.delete(name);
    if (state.type.url === CLUSTER_URL) this.#record!.awaitedEndpoints.delete(name);
    if (!state.names.has(name) && state.told.get(name)?.version === undefined) state.setTold(name, undefined);
  }

  /** Finds what is refused, by its name or by sending halves; all else of the response is sent again. */
  #refuse(state: TypeState, { changes }: Pending, error: string): void {
    const suspects = this.#suspects(state, changes);
    const names = suspects.map(({ name }) => name);
    const said = namesIn(error, names);
    const guilty = new Set(names.length === 1 ? names : said);
    for (const { name, version } of suspects) {
      if (guilty.has(name)) state.kept.bad.set(name, { version, error: reasonOf(error, name, names) });
    }
    this.#host.onNacked(this.#record!, state.type.url, [...guilty], error);
    if (names.length === 0) return;
    for (const name of changes.keys()) {
      if (!state.wants(name)) continue;
      this.#takeBack(state, name);
      state.dirty.add(name);
    }
    const rest = names.filter((name) => !guilty.has(name));
    const untested = state.groups.slice(1);
    if (guilty.size > 0) state.groups = state.groups.length > 0 && rest.length > 0 ? [rest, ...untested] : untested;
    else state.groups = [rest.slice(0, rest.length / 2), rest.slice(rest.length / 2), ...untested];
  }

  /** What the client has not accepted yet, of a group that is tried or of all. */
  #suspects(state: TypeState, changes: Pending['changes']): Resource[] {
    const group = state.groups[0] && new Set(state.groups[0]);
    return [...changes.values()]
      .filter(isPresent)
      .filter(
        ({ name, version }) => state.acked.get(name) !== version && state.kept.good.get(name)?.version !== version,
      )
      .filter(({ name }) => state.wants(name) && (group === undefined || group.has(name)));
  }

  /** The client may have it or not; surely it has what it accepted before. */
  #takeBack(state: TypeState, name: string): void {
    const version = state.acked.get(name);
    const good = state.kept.good.get(name);
    // the state of the world must go on having what it had before this stream
    if (version === undefined)
      state.setTold(name, this.#isWorld && good ? { version: good.version, resource: good } : undefined);
    else state.setTold(name, good?.version === version ? { version, resource: good } : { version });
  }
}

function isPresent(resource: Resource | undefined): resource is Resource {
  return resource !== undefined;
}
