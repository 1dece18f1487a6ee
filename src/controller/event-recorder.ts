import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { formatMicroTime, isDns1123Subdomain, isStatusError, type KubeObject } from 'nekube/apimachinery';
import { type Client, type Clock, type Kind, RateLimiter, sleep, systemClock } from 'nekube/client';
import { type Logger, silentLogger } from './log/logger.ts';

/** What is told of an object to those who look at it (`kubectl describe`). */
export interface NewEvent {
  /** Default `Normal`. */
  readonly type?: 'Normal' | 'Warning';
  /** Why, as one word in CamelCase: `Created`. */
  readonly reason: string;
  /** What was done, as one word in CamelCase; default: the reason. */
  readonly action?: string;
  /** For people; more than 1024 bytes are cut. */
  readonly note: string;
  /** Another object that it is about. */
  readonly related?: KubeObject;
}

/** An object of the API that says what an event is about. */
interface Reference {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

interface EventObject extends KubeObject {
  series?: { count: number; lastObservedTime: string };
}

/** An event that was told once or more. */
interface Known {
  readonly event: EventObject;
  /** When it was seen last, by `elapsed`. */
  seenAt: number;
  /** Whether its series counts more than the server knows. */
  isDirty: boolean;
}

const EVENT: Kind<EventObject> = { apiVersion: 'events.k8s.io/v1', kind: 'Event' };
/** After so long without another one, a series is at its end. */
const FINISH_MS = 6 * 60_000;
/** So often the count of a series that goes on is written. */
const REFRESH_MS = 30 * 60_000;
/** More than so many that are not written yet are dropped. */
const MOST_PENDING = 1000;
const MOST_TRIES = 12;
const RETRY_MS = 10_000;
/** Of one object: so many at once, then one in five minutes. */
const SPAM = { burst: 25, perSecond: 1 / 300 };
const MOST_NOTE_BYTES = 1024;

/**
 * Tells events of objects, as client-go's recorder for `events.k8s.io/v1`.
 *
 * The same event again (all but its note is the same) is no new object: it becomes a series, whose count is written at its
 * second time, then every 30 minutes, and at its end. Nothing here waits or throws: an event that cannot be written is
 * logged and dropped.
 */
export class EventRecorder {
  readonly #client: Client;
  readonly #controller: string;
  readonly #instance: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #tellsVersions: boolean;
  readonly #known = new Map<string, Known>();
  readonly #limiters = new Map<string, { readonly limiter: RateLimiter; usedAt: number }>();
  readonly #pending: Known[] = [];
  #writing: Promise<void> | undefined;
  #signal: AbortSignal | undefined;
  #refreshedAt: number;
  /** Different in each process, since two may tell of the same object in the same millisecond. */
  #names = Math.floor(Math.random() * 1_000_000);

  /** @param parts `controller` is the name that events are reported by: `example.com/web` */
  constructor(parts: {
    readonly client: Client;
    readonly controller: string;
    /** Which of many; default: the controller's and the machine's name. */
    readonly instance?: string;
    readonly clock?: Clock;
    readonly logger?: Logger;
    /** True: what is told of another version of an object is another event, as in client-go. */
    readonly tellsVersions?: boolean;
  }) {
    this.#client = parts.client;
    this.#controller = parts.controller;
    this.#instance = (parts.instance ?? `${parts.controller}-${hostname()}`).slice(0, 128);
    this.#clock = parts.clock ?? systemClock;
    this.#log = parts.logger ?? silentLogger;
    this.#tellsVersions = parts.tellsVersions ?? false;
    this.#refreshedAt = this.#clock.elapsed();
  }

  /** Tells an event of an object. */
  record(regarding: KubeObject, event: NewEvent): void {
    const reference = referenceTo(regarding);
    const { resourceVersion } = reference;
    const key = keyOf(reference, event) + (this.#tellsVersions ? `@${resourceVersion}` : '');
    const known = this.#known.get(key);
    if (known !== undefined) return this.#again(known);
    if (this.#isSpam(reference)) {
      this.#log.debug('Dropped an event: there are too many of this object', { reason: event.reason, reference });
      return;
    }
    const first = { event: this.#newEvent(reference, event), seenAt: this.#clock.elapsed(), isDirty: false };
    this.#known.set(key, first);
    this.#write(first);
  }

  /** Writes the counts of series from time to time, until the signal is aborted; what is not written then is given up. */
  run(signal: AbortSignal): void {
    this.#signal = signal;
    void this.#keepTidy(signal);
  }

  /** Resolves when all that was told is written, with the counts of all series; or given up. */
  async flush(): Promise<void> {
    for (const known of this.#known.values()) if (known.isDirty) this.#write(known);
    await this.#writing;
  }

  async #keepTidy(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(FINISH_MS, this.#clock, signal).catch(() => {});
      if (!signal.aborted) this.#tidy();
    }
  }

  #again(known: Known): void {
    known.seenAt = this.#clock.elapsed();
    const count = (known.event.series?.count ?? 1) + 1;
    known.event.series = { count, lastObservedTime: this.#now() };
    known.isDirty = true;
    if (count === 2) this.#write(known);
  }

  /** Forgets what has not been seen for a while, and now and then writes what goes on. */
  #tidy(): void {
    const now = this.#clock.elapsed();
    const refresh = now - this.#refreshedAt >= REFRESH_MS;
    if (refresh) this.#refreshedAt = now;
    for (const [key, known] of this.#known) {
      const isOver = now - known.seenAt >= FINISH_MS;
      if (known.isDirty && (isOver || refresh)) this.#write(known);
      if (isOver) this.#known.delete(key);
    }
    for (const [key, { usedAt }] of this.#limiters) {
      if (now - usedAt > (SPAM.burst / SPAM.perSecond) * 1000) this.#limiters.delete(key);
    }
  }

  #write(known: Known): void {
    if (this.#pending.includes(known)) return;
    if (this.#pending.length >= MOST_PENDING) {
      this.#log.warn('Dropped an event: too many are not written yet', { reason: known.event.reason });
      return;
    }
    this.#pending.push(known);
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    for (let known = this.#pending.shift(); known !== undefined; known = this.#pending.shift()) {
      await this.#writeOne(known);
    }
  }

  async #writeOne(known: Known): Promise<void> {
    for (let tries = 1; ; tries++) {
      known.isDirty = false;
      const failure = await this.#send(known.event);
      if (failure === undefined) return;
      const again = failure.again && tries < MOST_TRIES && (await this.#pause());
      if (again) continue;
      this.#log.warn('Cannot write an event', { reason: known.event.reason, error: failure.error });
      return;
    }
  }

  /** Waits before another try; false: there is none, since the recorder was stopped. */
  async #pause(): Promise<boolean> {
    const ms = RETRY_MS * (1 + Math.random() / 4);
    return sleep(ms, this.#clock, this.#signal).then(
      () => true,
      () => false,
    );
  }

  /** Undefined: it is written. */
  async #send(event: EventObject): Promise<{ readonly error: unknown; readonly again: boolean } | undefined> {
    const { namespace, name } = event.metadata;
    const { series } = event;
    try {
      this.#signal?.throwIfAborted();
      const isKnown = series !== undefined && (await this.#patchSeries({ namespace, name: name! }, { ...series }));
      if (!isKnown) await this.#client.create(structuredClone(event), this.#request);
      return undefined;
    } catch (error) {
      // what the server refused it refuses again; a series whose event came into being meanwhile is patched next time
      return { error, again: !isStatusError(error) || (series !== undefined && isStatusError(error, 'AlreadyExists')) };
    }
  }

  /** Whether there was such an event. */
  async #patchSeries(key: { namespace?: string; name: string }, series: EventObject['series']): Promise<boolean> {
    try {
      await this.#client.patch(EVENT, key, { merge: { series } }, this.#request);
      return true;
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return false;
      throw error;
    }
  }

  get #request(): { readonly signal?: AbortSignal } {
    return { ...(this.#signal && { signal: this.#signal }) };
  }

  #isSpam(reference: Reference): boolean {
    const key = JSON.stringify([reference.apiVersion, reference.kind, reference.namespace, reference.name]);
    let found = this.#limiters.get(key);
    if (found === undefined) {
      found = { limiter: new RateLimiter(SPAM, this.#clock), usedAt: 0 };
      this.#limiters.set(key, found);
    }
    found.usedAt = this.#clock.elapsed();
    return !found.limiter.tryTake();
  }

  #newEvent(regarding: Reference, { type = 'Normal', reason, action = reason, note, related }: NewEvent): EventObject {
    const { namespace = 'default', name = '' } = regarding;
    return {
      ...EVENT,
      metadata: { name: this.#nameFor(name), namespace },
      eventTime: this.#now(),
      reportingController: this.#controller,
      reportingInstance: this.#instance,
      action,
      reason,
      regarding,
      ...(related && { related: referenceTo(related) }),
      note: shortened(note),
      type,
    };
  }

  /** Not all names of objects may be those of events: of a ClusterRole, for one. */
  #nameFor(regarding: string): string {
    const nanos = BigInt(Math.floor(this.#clock.now())) * 1_000_000n + BigInt(this.#names++ % 1_000_000);
    const name = `${regarding}.${nanos.toString(16)}`;
    return isDns1123Subdomain(name).length === 0 ? name : randomUUID();
  }

  #now(): string {
    return formatMicroTime(new Date(this.#clock.now()));
  }
}

function referenceTo({ apiVersion, kind, metadata }: KubeObject): Reference {
  const { namespace, name, uid, resourceVersion } = metadata;
  return { apiVersion, kind, namespace, name, uid, resourceVersion };
}

/** What makes two events the same; the version of the object is not of it, or an object that is written on has no series. */
function keyOf(regarding: Reference, { type, reason, action, related }: NewEvent): string {
  const other = related && referenceTo(related);
  return JSON.stringify([
    type ?? 'Normal',
    reason,
    action,
    { ...regarding, resourceVersion: undefined },
    other && { ...other, resourceVersion: undefined },
  ]);
}

function shortened(note: string): string {
  if (Buffer.byteLength(note) <= MOST_NOTE_BYTES) return note;
  const cut = Buffer.from(note).subarray(0, MOST_NOTE_BYTES - 3);
  return `${new TextDecoder().decode(cut, { stream: true })}…`;
}
