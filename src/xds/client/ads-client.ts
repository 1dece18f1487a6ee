import { EventEmitter } from 'node:events';
import { Channel, type ChannelTls, type GrpcError, type Stream } from 'nekube/grpc';
import { decode, encode, type Message } from '../codec/codec.ts';
import { resourceType } from '../resources/resource-types.ts';
import type { Node } from '../server/request.ts';
import type { Protocol } from '../server/session.ts';

/** Where to ask, and as whom. */
export interface AdsClientOptions {
  /** `http://HOST:PORT`, `https://HOST:PORT`, or `unix:` and the path of a socket. */
  readonly url: string;
  readonly node: Node;
  /** Default `delta`. */
  readonly protocol?: Protocol;
  readonly tls?: ChannelTls;
}

/** A resource that came. */
export interface ReceivedResource {
  readonly name: string;
  readonly version: string;
  /** The message, with its type in `@type`. */
  readonly message: Readonly<Record<string, unknown>>;
}

/** A response, as both protocols say it. */
export interface Received {
  /** The URL of the type. */
  readonly type: string;
  readonly version: string;
  readonly resources: readonly ReceivedResource[];
  /** Names of what there is not (any more), as far as that is said or follows. */
  readonly removed: readonly string[];
}

interface AdsClientEvents {
  response: [Received];
  /** The stream is over. */
  error: [GrpcError];
  end: [];
}

type Channels = Stream<Message<'envoy.service.discovery.v3.DeltaDiscoveryRequest'>, Buffer>;

interface Asked {
  readonly names: Set<string>;
  isAll: boolean;
  nonce: string;
  version: string;
  readonly has: Set<string>;
}

const ALL = '*';
const METHODS = { delta: 'DeltaAggregatedResources', world: 'StreamAggregatedResources' };

/**
 * A client of a server of xDS, of either protocol, that accepts all that it gets: it tells of each response and keeps
 * nothing but names.
 */
export class AdsClient extends EventEmitter<AdsClientEvents> {
  readonly #options: AdsClientOptions;
  readonly #channel: Channel;
  readonly #asked = new Map<string, Asked>();
  #stream: Channels | undefined;
  #isFirst = true;

  constructor(options: AdsClientOptions) {
    super();
    this.#options = options;
    this.#channel = new Channel(options.url, options.tls ?? {});
  }

  /** Opens the stream. @throws GrpcError */
  async open(): Promise<void> {
    const path = `/envoy.service.discovery.v3.AggregatedDiscoveryService/${METHODS[this.#protocol]}`;
    const name = this.#isDelta ? 'DeltaDiscoveryRequest' : 'DiscoveryRequest';
    this.#stream = await this.#channel.stream(
      { path, metadata: {} },
      { encode: (request) => encode(`envoy.service.discovery.v3.${name}`, request), decode: (bytes) => bytes },
    );
    this.#stream.on('data', (bytes) => this.#receive(bytes));
    this.#stream.on('error', (error) => this.emit('error', error));
    this.#stream.on('end', () => this.emit('end'));
  }

  /** Asks for all of a type, or for more names of it. */
  subscribe(type: string, names: readonly string[] | 'all'): void {
    const isNew = !this.#asked.has(type);
    const asked = this.#asked.get(type) ?? { names: new Set(), isAll: false, nonce: '', version: '', has: new Set() };
    this.#asked.set(type, asked);
    const added = names === 'all' ? [] : names.filter((name) => !asked.names.has(name));
    if (names === 'all') asked.isAll = true;
    for (const name of added) asked.names.add(name);
    if (this.#isDelta) this.#send(type, { resource_names_subscribe: names === 'all' ? (isNew ? [] : [ALL]) : added });
    else this.#answer(type, asked);
  }

  close(): void {
    this.#stream?.cancel();
    this.#channel.close();
  }

  get #protocol(): Protocol {
    return this.#options.protocol ?? 'delta';
  }

  get #isDelta(): boolean {
    return this.#protocol === 'delta';
  }

  #answer(type: string, { names, isAll, nonce, version }: Asked): void {
    if (this.#isDelta) return this.#send(type, { response_nonce: nonce });
    this.#send(type, {
      version_info: version,
      response_nonce: nonce,
      resource_names: [...(isAll && names.size > 0 ? [ALL] : []), ...names],
    });
  }

  #send(type_url: string, request: object): void {
    this.#stream?.write({ type_url, ...(this.#isFirst && { node: this.#options.node }), ...request });
    this.#isFirst = false;
  }

  #receive(bytes: Buffer): void {
    const received = this.#isDelta ? readDelta(bytes) : readWorld(bytes);
    const asked = this.#asked.get(received.type);
    if (asked === undefined) return;
    asked.nonce = received.nonce;
    asked.version = received.version;
    const names = new Set(received.resources.map(({ name }) => name));
    const isWhole = !this.#isDelta && resourceType(received.type)?.isWhole === true;
    const removed = isWhole ? [...asked.has].filter((name) => !names.has(name)) : received.removed;
    for (const name of removed) asked.has.delete(name);
    for (const name of names) asked.has.add(name);
    this.#answer(received.type, asked);
    this.emit('response', { ...received, removed });
  }
}

function readDelta(bytes: Buffer): Received & { readonly nonce: string } {
  const response = decode('envoy.service.discovery.v3.DeltaDiscoveryResponse', bytes);
  const resources = (response.resources ?? []).map(({ name = '', version = '', resource }) => ({
    name,
    version,
    message: resource ?? { '@type': response.type_url ?? '' },
  }));
  return {
    type: response.type_url ?? '',
    version: response.system_version_info ?? '',
    nonce: response.nonce ?? '',
    resources,
    removed: response.removed_resources ?? [],
  };
}

function readWorld(bytes: Buffer): Received & { readonly nonce: string } {
  const response = decode('envoy.service.discovery.v3.DiscoveryResponse', bytes);
  const version = response.version_info ?? '';
  const nameField = resourceType(response.type_url ?? '')?.nameField ?? 'name';
  const resources = (response.resources ?? []).map((message) => ({
    name: String(message[nameField] ?? ''),
    version,
    message,
  }));
  return { type: response.type_url ?? '', version, nonce: response.nonce ?? '', resources, removed: [] };
}
