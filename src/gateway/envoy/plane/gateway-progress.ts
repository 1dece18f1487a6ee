import type { ResourceKey } from 'nekube/xds';
import type { GatewayState, Refusal } from '../../model/index.ts';
import type { Part } from './gateway-parts.ts';

/** What is known of resources at Envoy. */
export interface Acknowledgements {
  /** It has the version that it shall have. */
  isAccepted(key: ResourceKey): boolean;
  /** It has some version. */
  hasAny(key: ResourceKey): boolean;
  /** Its words about the version that it shall have. */
  refused(key: ResourceKey): string | undefined;
  /** All that it refuses. */
  refusedKeys(): readonly ResourceKey[];
}

/**
 * How far Envoy is with the resources of a gateway. What it has is looked at once, so that a change of one resource costs what
 * that resource costs, however many there are.
 */
export class GatewayProgress {
  readonly #parts = new Map<string, Part>();
  readonly #open: Map<string, Part>;

  /** @param before of the gateway as it was: what Envoy had of it, and is of this one too, it has */
  constructor(parts: readonly Part[], before?: GatewayProgress) {
    this.#open = new Map();
    const add = (some: readonly Part[]): void => {
      for (const part of some) {
        const id = idOf(part.key);
        this.#parts.set(id, part);
        if (before === undefined || !before.#hasClosed(id, part)) this.#open.set(id, part);
        add(part.children);
      }
    };
    add(parts);
  }

  #hasClosed(id: string, part: Part): boolean {
    return this.#parts.get(id) === part && !this.#open.has(id);
  }

  /** These have other versions now. */
  reopen(keys: Iterable<ResourceKey>): void {
    for (const key of keys) {
      const part = this.#parts.get(idOf(key));
      if (part !== undefined) this.#open.set(idOf(key), part);
    }
  }

  state(known: Acknowledgements): GatewayState {
    const refused = known.refusedKeys().flatMap((key) => this.#parts.get(idOf(key)) ?? []);
    const refusals: Refusal[] = refused.flatMap(({ key, sources }) => {
      const message = known.refused(key);
      return message === undefined ? [] : sources.map((source) => ({ source, message }));
    });
    return { programmed: !this.#isWaiting(known, neverAsked(refused, known)), refusals };
  }

  /** Whether it has not answered for something, besides what it does not ask for. */
  #isWaiting(known: Acknowledgements, unasked: ReadonlySet<string>): boolean {
    for (const [id, { key }] of this.#open) {
      if (known.isAccepted(key)) this.#open.delete(id);
      else if (!unasked.has(id) && known.refused(key) === undefined) return true;
    }
    return false;
  }
}

/** What Envoy asks for only because of something that it refused, and has not in an earlier version. */
function neverAsked(refused: readonly Part[], known: Acknowledgements): ReadonlySet<string> {
  const unasked = new Set<string>();
  for (const { key, children } of refused) {
    if (!known.hasAny(key)) for (const child of children) unasked.add(idOf(child.key));
  }
  return unasked;
}

function idOf({ type, name }: ResourceKey): string {
  return `${type} ${name}`;
}
