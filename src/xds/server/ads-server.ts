import { EventEmitter } from 'node:events';
import {
  type CallInfo,
  Code,
  type InStream,
  type ListenAddress,
  Listener,
  type ListenPath,
  type ListenTls,
  type Methods,
  type OutStream,
  RpcError,
  type StreamMethod,
} from 'nekube/grpc';
import { RESOURCE_TYPES } from '../resources/resource-types.ts';
import type { Snapshot } from '../resources/snapshot.ts';
import { NodeRecord } from './node-record.ts';
import { NodeStatus } from './node-status.ts';
import { type Node, type Request, readDeltaDiscoveryRequest, readDiscoveryRequest } from './request.ts';
import { deltaDiscoveryResponse, discoveryResponse, type Response } from './response.ts';
import { type Protocol, Session, type SessionHost } from './session.ts';

/** Whom to serve what. */
export interface AdsServerOptions {
  /** The key of the snapshot that a client gets; undefined refuses it. Asked once a stream. */
  readonly keyOf: (node: Node, call: CallInfo) => string | undefined;
  /** Who we are, and who signs clients. Default: without TLS, for loopback and Unix sockets. */
  readonly tls?: ListenTls;
  /** What refers to a cluster that an Envoy has not accepted yet waits at most so long; default 5 seconds. */
  readonly holdMs?: number;
  /** What an Envoy has that comes back is removed after so long at the earliest; default 5 seconds. */
  readonly graceMs?: number;
}

/** What is told of clients. Names of resources are those of one type, whose URL stands before them. */
export interface AdsEvents {
  connected: [node: NodeStatus];
  disconnected: [node: NodeStatus];
  /** So many resources of a type were sent, and so many taken away. */
  sent: [node: NodeStatus, type: string, resources: number, removed: number];
  acked: [node: NodeStatus, type: string, names: readonly string[]];
  /** No names: it is not known yet which it is. */
  nacked: [node: NodeStatus, type: string, names: readonly string[], error: string];
}

/** Requests of those who come back name all that they have. */
const MOST_BYTES = 32 * 1024 * 1024;
const HOLD_MS = 5000;
const GRACE_MS = 5000;
/** Of so many Envoys that are gone it is still known what they refused. */
const MOST_GONE = 1000;
const AGGREGATED = '/envoy.service.discovery.v3.AggregatedDiscoveryService/';

/**
 * Serves snapshots to Envoys: all types on one stream (ADS), or each on its own, by both protocols.
 *
 * `set` gives the clients of a key another snapshot; what they have already is not sent again. A client whose key has no
 * snapshot yet waits, and keeps what it has.
 */
export class AdsServer extends EventEmitter<AdsEvents> {
  readonly #options: AdsServerOptions;
  readonly #listener: Listener;
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #sessions = new Map<string, Set<Session>>();
  readonly #records = new Map<string, NodeRecord>();

  constructor(options: AdsServerOptions) {
    super();
    this.#options = options;
    const { tls } = options;
    this.#listener = new Listener(this.#methods(), { mostBytes: MOST_BYTES, keepAlive: true, ...(tls && { tls }) });
  }

  /** Listens at one more address; gives its URL. @throws an error of the system */
  listen(address: ListenAddress | ListenPath): Promise<string> {
    return this.#listener.listen(address);
  }

  /** New connections are served with these certificates. */
  renewTls(tls: ListenTls): void {
    this.#listener.renewTls(tls);
  }

  /** What the clients of a key are to have. */
  set(key: string, snapshot: Snapshot): void {
    this.#snapshots.set(key, snapshot);
    for (const record of this.#records.values()) if (record.key === key) record.forgetRefusals(snapshot);
    for (const session of this.#sessions.get(key) ?? []) session.update(snapshot);
  }

  get(key: string): Snapshot | undefined {
    return this.#snapshots.get(key);
  }

  /** The key has no snapshot any more. Its clients keep what they have. */
  delete(key: string): void {
    this.#snapshots.delete(key);
  }

  /** The Envoys that are or were connected, of a key or all. */
  nodes(key?: string): NodeStatus[] {
    return [...this.#records.values()]
      .filter((record) => key === undefined || record.key === key)
      .map((record) => new NodeStatus(record));
  }

  /** Ends all streams and takes no more. */
  async close(): Promise<void> {
    await this.#listener.close();
  }

  #methods(): Methods {
    const methods = new Map<string, StreamMethod>();
    methods.set(`${AGGREGATED}StreamAggregatedResources`, this.#method('world'));
    methods.set(`${AGGREGATED}DeltaAggregatedResources`, this.#method('delta'));
    for (const { url, service } of RESOURCE_TYPES) {
      methods.set(`/${service[0]}/Stream${service[1]}`, this.#method('world', url));
      methods.set(`/${service[0]}/Delta${service[1]}`, this.#method('delta', url));
    }
    return methods;
  }

  #method(protocol: Protocol, fixedType?: string): StreamMethod {
    const isDelta = protocol === 'delta';
    const encode = isDelta ? deltaDiscoveryResponse : discoveryResponse;
    return {
      request: { decode: isDelta ? readDeltaDiscoveryRequest : readDiscoveryRequest },
      response: { encode: (response) => encode(response as Response) },
      open: (out, call) => this.#open(out, call, { protocol, ...(fixedType !== undefined && { fixedType }) }),
    };
  }

  #open(out: OutStream, call: CallInfo, { protocol, fixedType }: StreamKind): InStream {
    const host: SessionHost = {
      identify: (node) => this.#identify(node, call),
      onOpen: (record) => this.#opened(record, session),
      send: (response) => {
        out.send(response);
        this.#sent(session, response);
      },
      isFull: () => out.isFull,
      onAcked: (record, type, names) => this.#tell('acked', new NodeStatus(record), type, names),
      onNacked: (record, type, names, error) => this.#tell('nacked', new NodeStatus(record), type, names, error),
      after: later,
    };
    const { holdMs = HOLD_MS, graceMs = GRACE_MS } = this.#options;
    const session: Session = new Session(host, {
      protocol,
      holdMs,
      graceMs,
      ...(fixedType !== undefined && { fixedType }),
    });
    return {
      message: (request: Request) => session.receive(request),
      drained: () => session.advance(),
      ended() {},
      closed: () => this.#closed(session),
    };
  }

  #identify(node: Node, call: CallInfo): ReturnType<SessionHost['identify']> {
    const key = this.#options.keyOf(node, call);
    if (key === undefined)
      throw new RpcError(Code.permissionDenied, `node ${JSON.stringify(node.id ?? '')} is not known`);
    const id = node.id ?? '';
    let record = this.#records.get(id);
    if (record?.key !== key) record = new NodeRecord(id, key);
    // the last that came stands last
    this.#records.delete(id);
    this.#records.set(id, record);
    return { record, snapshot: this.#snapshots.get(key) };
  }

  #sent({ record }: Session, { type, resources, removed }: Response): void {
    // nobody is told of it mostly, and it happens often
    if (record === undefined || this.listenerCount('sent') === 0) return;
    this.#tell('sent', new NodeStatus(record), type, resources.length, removed.length);
  }

  #opened(record: NodeRecord, session: Session): void {
    const sessions = this.#sessions.get(record.key) ?? new Set();
    this.#sessions.set(record.key, sessions.add(session));
    if (record.streams.size === 1) this.#tell('connected', new NodeStatus(record));
  }

  #closed(session: Session): void {
    session.close();
    const { record } = session;
    if (record === undefined) return;
    const sessions = this.#sessions.get(record.key);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#sessions.delete(record.key);
    if (record.streams.size > 0) return;
    this.#forgetOldest();
    this.#tell('disconnected', new NodeStatus(record));
  }

  /** Later, so that who hears it may set another snapshot. */
  #tell<Name extends keyof AdsEvents>(name: Name, ...args: AdsEvents[Name]): void {
    queueMicrotask(() => (this as EventEmitter).emit(name, ...args));
  }

  #forgetOldest(): void {
    const gone = [...this.#records.values()].filter(({ streams }) => streams.size === 0);
    for (const { id } of gone.slice(0, Math.max(0, gone.length - MOST_GONE))) this.#records.delete(id);
  }
}

interface StreamKind {
  readonly protocol: Protocol;
  readonly fixedType?: string;
}

function later(delayMs: number, call: () => void): () => void {
  const timer = setTimeout(call, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
}
