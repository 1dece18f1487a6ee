import { RESOURCE_TYPES } from '../resources/resource-types.ts';
import type { ResourceKey, Snapshot } from '../resources/snapshot.ts';
import type { NodeRecord, Refusal } from './node-record.ts';
import type { Node } from './request.ts';

/** What an Envoy has of a resource. */
export interface ResourceStatus {
  /** The version that it was sent last; undefined when it was sent none, or that there is none. */
  readonly sent: string | undefined;
  /** The version that it accepted last. */
  readonly acked: string | undefined;
  /** The version that it refused last, until it accepts a newer one. */
  readonly refused: Refusal | undefined;
}

/** How far an Envoy is with resources. */
export interface Progress {
  /** Those that it has not answered, or was not sent yet. */
  readonly waiting: readonly ResourceKey[];
  /** Those whose newest version it refuses, with its words. */
  readonly refused: readonly (ResourceKey & { readonly error: string })[];
}

/** An Envoy as the server sees it; what is asked of it is answered as of now. */
export class NodeStatus {
  readonly #record: NodeRecord;

  constructor(record: NodeRecord) {
    this.#record = record;
  }

  /** As it calls itself. */
  get id(): string {
    return this.#record.id;
  }

  /** The key of its snapshot. */
  get key(): string {
    return this.#record.key;
  }

  get isConnected(): boolean {
    return this.#record.streams.size > 0;
  }

  /** What it says about itself; undefined when it is not connected. */
  get node(): Node | undefined {
    return [...this.#record.streams].at(-1)?.node;
  }

  /** What it has of a resource. It has nothing that we know of while it is not connected. */
  resource({ type, name }: ResourceKey): ResourceStatus {
    const streams = [...this.#record.streams].reverse();
    const first = (of: (stream: (typeof streams)[number]) => string | undefined): string | undefined =>
      streams.map(of).find((version) => version !== undefined);
    return {
      sent: first((stream) => stream.sentVersion(type, name)),
      acked: first((stream) => stream.ackedVersion(type, name)),
      refused: this.#record.kept(type).bad.get(name),
    };
  }

  /** All that it refuses. */
  refusals(): (ResourceKey & Refusal)[] {
    return RESOURCE_TYPES.flatMap(({ url: type }) =>
      [...this.#record.kept(type).bad].map(([name, refusal]) => ({ type, name, ...refusal })),
    );
  }

  /**
   * How far it is with these resources as the snapshot has them: it has them all when nothing waits and nothing is
   * refused. Of several streams of one id, one that has accepted is enough.
   */
  progress(snapshot: Snapshot, keys: Iterable<ResourceKey>): Progress {
    const waiting: ResourceKey[] = [];
    const refused: (ResourceKey & { readonly error: string })[] = [];
    for (const { type, name } of keys) {
      const version = snapshot.get(type, name)?.version;
      const refusal = this.#record.kept(type).bad.get(name);
      if (version !== undefined && refusal?.version === version) refused.push({ type, name, error: refusal.error });
      else if (![...this.#record.streams].some((stream) => stream.ackedVersion(type, name) === version))
        waiting.push({ type, name });
    }
    return { waiting, refused };
  }
}
