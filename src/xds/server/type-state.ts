import type { Resource } from '../resources/resource.ts';
import { type ResourceType, resourceType } from '../resources/resource-types.ts';
import type { Kept } from './node-record.ts';

/** What a client was told of a resource, or told us that it has; without a version that it does not exist. */
export interface Told {
  readonly version: string | undefined;
  readonly resource?: Resource;
}

const ABSENT: Told = { version: undefined };

/** A response that is not answered yet: what it has by name; undefined is a removal. */
export interface Pending {
  readonly nonce: string;
  readonly changes: ReadonlyMap<string, Resource | undefined>;
}

/** One type of resource on one stream. */
export class TypeState {
  readonly type: ResourceType;
  readonly kept: Kept;
  /** The names that are asked for one by one. */
  readonly names = new Set<string>();
  isWildcard = false;
  /** Some name was asked for, so that none means none. */
  wasNamed = false;
  /** The first request was heard. */
  hasBegun = false;
  /** An answer is due even if it is empty: a client that comes new waits for it. */
  mustAnswer = false;
  /** The version of all that a client of the state of the world has, until it was compared. */
  claim: string | undefined;
  /** What it was told, by name. */
  readonly told = new Map<string, Told>();
  /** The versions that it accepted, by name. */
  readonly acked = new Map<string, string>();
  /** Names of which something may have to be said. */
  readonly dirty = new Set<string>();
  pending: Pending | undefined;
  lastNonce = '';
  /** While it is not known which resource is refused: what is to be sent on its own, one group after another. */
  groups: string[][] = [];
  #mark = 0n;

  constructor(url: string, kept: Kept) {
    this.type = resourceType(url) ?? unknownType(url);
    this.kept = kept;
  }

  /** A hash of all that it was told. */
  get version(): string {
    return this.#mark.toString(16).padStart(16, '0');
  }

  wants(name: string): boolean {
    return this.isWildcard || this.names.has(name);
  }

  tell(name: string, resource: Resource | undefined): void {
    this.setTold(name, resource === undefined ? ABSENT : { version: resource.version, resource });
  }

  /** What it has is this; undefined when that is not known. */
  setTold(name: string, told: Told | undefined): void {
    this.#mark ^= (this.told.get(name)?.resource?.mark ?? 0n) ^ (told?.resource?.mark ?? 0n);
    if (told === undefined) this.told.delete(name);
    else this.told.set(name, told);
  }

  /** What it was told that there is. */
  *resources(): Generator<[name: string, resource: Resource]> {
    for (const [name, { resource }] of this.told) if (resource !== undefined) yield [name, resource];
  }

  /** It does not ask for it any more. */
  forget(name: string): void {
    this.setTold(name, undefined);
    this.acked.delete(name);
    this.dirty.delete(name);
    this.kept.good.delete(name);
  }
}

/** A type of somebody else's: of it there is nothing, which is an answer too. */
function unknownType(url: string): ResourceType {
  const message = 'google.protobuf.Any' as ResourceType['message'];
  return { name: url, message, url, nameField: 'name', isWhole: false, service: ['', ''], referrers: [] };
}
