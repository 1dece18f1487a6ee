import { formatTime, isDns1123Subdomain, isStatusError, type KubeObject } from 'nekube/apimachinery';
import { type Client, type Clock, type Kind, RateLimiter } from 'nekube/client';
import { randomUUID } from 'node:crypto';

/** An event as the core group has it. */
interface CoreEvent extends KubeObject {
  message: string;
  count: number;
  lastTimestamp: string;
}

/** What is told, before it is an object of the API. */
interface NewCoreEvent {
  readonly involvedObject: Readonly<Record<string, string | undefined>>;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  /** Whether it stands for others as well. */
  readonly isMany: boolean;
}

/** What was told of an object before. */
interface Told {
  readonly namespace: string;
  readonly name: string;
  count: number;
}

/** Events that differ in their messages only. */
interface Similar {
  readonly messages: Set<string>;
  seenAt: number;
}

const EVENT: Kind<CoreEvent> = { apiVersion: 'v1', kind: 'Event' };
/** So many messages of one reason within so long are told one by one, and further ones as one event. */
const MOST_SIMILAR = 10;
const SIMILAR_MS = 600_000;
/** Of one object: so many at once, then one in five minutes. */
const SPAM = { burst: 25, perSecond: 1 / 300 };
/** What is remembered of each sort; the oldest is forgotten first, as in client-go. */
const MOST_REMEMBERED = 4096;

/** What an event is about, beside the object. */
export interface EventTarget {
  /** The part of the object: `spec.containers{web}`. */
  readonly fieldPath?: string;
}

/** The recorders that write by a client, so that what they were told is written before it ends. */
const RECORDERS = new WeakMap<Client, CoreEventRecorder[]>();

/** Resolves when all events of the core group that were told by way of a client are written or dropped. */
export async function flushCoreEvents(client: Client): Promise<void> {
  await Promise.all((RECORDERS.get(client) ?? []).map((recorder) => recorder.flush()));
}

/**
 * Tells events of the core group, as the controllers of kube-controller-manager and kubelets do, with what client-go's correlator does
 * to many: the same event again counts up, similar ones are put together, and too many of one object are dropped.
 *
 * Nothing here waits or throws: events are written one after the other, and one that cannot be written is dropped.
 */
export class CoreEventRecorder {
  readonly #client: Client;
  readonly #component: string;
  readonly #clock: Clock;
  readonly #host: string | undefined;
  readonly #told = new Map<string, Told>();
  readonly #similar = new Map<string, Similar>();
  readonly #limiters = new Map<string, RateLimiter>();
  #writing: Promise<void> = Promise.resolve();

  /**
   * @param component Who tells: `replicaset-controller`
   * @param host On which node, if it is one of those that are on each
   */
  constructor(client: Client, component: string, clock: Clock, host?: string) {
    this.#client = client;
    this.#component = component;
    this.#clock = clock;
    this.#host = host;
    RECORDERS.set(client, [...(RECORDERS.get(client) ?? []), this]);
  }

  /** Tells an event of an object. */
  record(
    about: KubeObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    { fieldPath }: EventTarget = {},
  ): void {
    const involvedObject = fieldPath === undefined ? referenceTo(about) : { ...referenceTo(about), fieldPath };
    const { uid = '' } = involvedObject;
    const sort = JSON.stringify([uid, involvedObject.name, fieldPath, type, reason]);
    const isMany = this.#isOneOfMany(sort, message);
    const text = isMany ? `(combined from similar events): ${message}` : message;
    const key = JSON.stringify([sort, isMany ? null : message]);
    if (this.#isSpam(JSON.stringify([uid, involvedObject.name]))) return;
    this.#writing = this.#writing.then(() => this.#write(key, { involvedObject, type, reason, message: text, isMany }));
  }

  /** Resolves when all that was told is written or dropped. */
  flush(): Promise<void> {
    return this.#writing;
  }

  async #write(key: string, event: NewCoreEvent): Promise<void> {
    try {
      const told = this.#told.get(key);
      if (told === undefined || !(await this.#again(told, event.message))) await this.#first(key, event);
    } catch {
      // an event that the server does not take is no reason to stop
    }
  }

  /** Whether the event was still there to count up. */
  async #again(told: Told, message: string): Promise<boolean> {
    const { namespace, name } = told;
    const change = { count: told.count + 1, lastTimestamp: this.#now(), message };
    try {
      await this.#client.patch(EVENT, { namespace, name }, { strategic: change as never });
      told.count++;
      return true;
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return false;
      throw error;
    }
  }

  async #first(key: string, { isMany, ...event }: NewCoreEvent): Promise<void> {
    const { namespace = 'default', name = '' } = event.involvedObject;
    const now = this.#now();
    const told = { namespace, name: this.#nameFor(name), count: 1 };
    await this.#client.create<CoreEvent>({
      ...EVENT,
      metadata: { namespace, name: told.name },
      ...event,
      source: { component: this.#component, ...(this.#host !== undefined && { host: this.#host }) },
      // client-go forgets it where it puts events together
      ...(!isMany && { reportingComponent: this.#component }),
      ...(!isMany && this.#host !== undefined && { reportingInstance: this.#host }),
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    } as unknown as CoreEvent);
    remember(this.#told, key, told);
  }

  #isOneOfMany(sort: string, message: string): boolean {
    const now = this.#clock.elapsed();
    let similar = this.#similar.get(sort);
    if (similar === undefined || now - similar.seenAt > SIMILAR_MS) similar = { messages: new Set(), seenAt: now };
    remember(this.#similar, sort, similar);
    similar.seenAt = now;
    similar.messages.add(message);
    if (similar.messages.size < MOST_SIMILAR) return false;
    similar.messages.delete(similar.messages.values().next().value!);
    return true;
  }

  #isSpam(key: string): boolean {
    const limiter = this.#limiters.get(key) ?? new RateLimiter(SPAM, this.#clock);
    remember(this.#limiters, key, limiter);
    return !limiter.tryTake();
  }

  #nameFor(about: string): string {
    const nanos = BigInt(Math.floor(this.#clock.now())) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n);
    const name = `${about}.${nanos.toString(16)}`;
    return isDns1123Subdomain(name).length === 0 ? name : randomUUID();
  }

  #now(): string {
    return formatTime(new Date(this.#clock.now()));
  }
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > MOST_REMEMBERED) map.delete(map.keys().next().value!);
}

function referenceTo({ apiVersion, kind, metadata }: KubeObject): Record<string, string | undefined> {
  const { namespace, name, uid, resourceVersion } = metadata;
  return { apiVersion, kind, namespace, name, uid, resourceVersion };
}
