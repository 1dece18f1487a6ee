import type { Resource } from '../resources/resource.ts';
import type { Snapshot } from '../resources/snapshot.ts';
import type { Node } from './request.ts';

/** A version that an Envoy refused, and its words. */
export interface Refusal {
  readonly version: string;
  readonly error: string;
}

/** What is kept of one type for an Envoy, over its connections. */
export interface Kept {
  /** What it accepted last, by name: served again when something newer is refused. */
  readonly good: Map<string, Resource>;
  /** What it refused, by name, until there is another version. */
  readonly bad: Map<string, Refusal>;
}

/** What one stream knows of a resource. */
export interface StreamView {
  /** The version that the client accepted; undefined when there is none. */
  ackedVersion(type: string, name: string): string | undefined;
  sentVersion(type: string, name: string): string | undefined;
  readonly node: Node | undefined;
}

/** One Envoy, by the id that it gives. */
export class NodeRecord {
  readonly id: string;
  /** Which snapshot it gets. */
  readonly key: string;
  /** The streams that it has open, the oldest first; two processes may have the same id, while one takes over. */
  readonly streams = new Set<StreamView>();
  /**
   * Endpoints of clusters that were sent, until they were accepted after that: an Envoy waits for them anew, and neither asks for
   * them nor says so when it comes back.
   */
  readonly awaitedEndpoints = new Set<string>();
  readonly #kept = new Map<string, Kept>();

  constructor(id: string, key: string) {
    this.id = id;
    this.key = key;
  }

  /** What it refused is over when there is something else instead. */
  forgetRefusals(snapshot: Snapshot): void {
    for (const [type, { bad }] of this.#kept)
      for (const [name, { version }] of bad) if (snapshot.get(type, name)?.version !== version) bad.delete(name);
  }

  kept(type: string): Kept {
    let kept = this.#kept.get(type);
    if (kept === undefined) {
      kept = { good: new Map(), bad: new Map() };
      this.#kept.set(type, kept);
    }
    return kept;
  }
}
