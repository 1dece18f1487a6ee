import { ClosedError, CompactedError } from './errors.ts';
import { eventOf, type MvccIndex, type Version } from './mvcc.ts';
import type { Clock, StorageEvent, Watch, WatchOptions } from './storage.ts';

/** A pause is worth its timer only after a delivery that took so long, to so many: on a busy machine one to few takes long, too. */
const longMs = 3;
const manyWatchers = 16;
/** No event waits longer than this for the sake of others. */
const longestPauseMs = 25;

/**
 * Tells watchers what became durable, once a turn of the event loop.
 *
 * A change is made into one event, which all watchers share. It costs one look-up for each distinct length of a
 * watched prefix, and one call for each watcher that it concerns: idle watchers cost nothing.
 *
 * A delivery that took long, because many watch the same, is followed by a pause of the same length. What happens
 * meanwhile is delivered together, which costs many watchers hardly more than one event, and writers get on.
 */
export class WatchHub {
  readonly #index: MvccIndex;
  readonly #clock: Clock;
  readonly #groups = new PrefixGroups();
  #pending: StorageEvent[] = [];
  #newcomers: { watcher: Watcher; missed: readonly StorageEvent[] }[] = [];
  /** What was published, what was handed to the groups, and what all of these have seen. */
  #published: number;
  #routed: number;
  #delivered: number;
  /** Takes back the delivery that is going to happen. */
  #cancel: (() => void) | undefined;
  #pausedUntil = 0;

  constructor(index: MvccIndex, revision: number, clock: Clock) {
    this.#index = index;
    this.#clock = clock;
    this.#published = revision;
    this.#routed = revision;
    this.#delivered = revision;
  }

  /** How many watches are open. */
  get size(): number {
    return this.#groups.size;
  }

  /** Everything up to this revision was delivered to all who watched. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Takes what became durable, in order, up to a revision (that of the last version); it is delivered soon. */
  publish(versions: readonly Version[], revision = versions.at(-1)?.revision ?? this.#published): void {
    this.#published = revision;
    if (this.#groups.size === 0 || (versions.length === 0 && !this.#cancel)) {
      this.#routed = this.#published;
      this.#delivered = this.#published;
      return;
    }
    for (const version of versions) this.#pending.push(eventOf(version));
    this.#schedule();
  }

  /** Starts a watch; what it missed is collected now and delivered with the next events. */
  watch(options: WatchOptions): Watch {
    const watcher = new Watcher(options, this, (self) => this.#groups.remove(self));
    if (options.signal?.aborted) {
      watcher.close();
    } else if (options.after < this.#index.compacted) {
      const error = new CompactedError(options.after, this.#index.compacted);
      queueMicrotask(() => watcher.fail(error));
    } else {
      this.#join(watcher);
    }
    return watcher;
  }

  /** Delivers what is pending, then ends all watches with an error. */
  close(error: Error = new ClosedError()): void {
    this.#flush();
    for (const watcher of this.#groups.all()) watcher.fail(error);
  }

  /** What was routed already has to be caught up; what is still pending will come with the group. */
  #join(watcher: Watcher): void {
    this.#groups.add(watcher);
    watcher.joinedAt = this.#routed;
    const versions = watcher.after < this.#routed ? this.#index.between(watcher.after, this.#routed) : [];
    const missed = versions.filter((version) => version.key.startsWith(watcher.prefix)).map(eventOf);
    watcher.caughtUp = missed.length === 0;
    if (watcher.caughtUp) return;
    this.#newcomers.push({ watcher, missed });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#cancel) return;
    const pauseMs = this.#pausedUntil - this.#clock.now();
    if (pauseMs > 0) {
      this.#cancel = this.#clock.after(pauseMs, () => this.#flush());
    } else {
      const soon = setImmediate(() => this.#flush());
      this.#cancel = () => clearImmediate(soon);
    }
  }

  /** Pauses for as long as a delivery has taken, to the end of what it made the sockets do. */
  #pauseAfter(began: number): void {
    setImmediate(() => {
      const now = this.#clock.now();
      if (now - began >= longMs) this.#pausedUntil = now + Math.min(now - began, longestPauseMs);
    });
  }

  #flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const began = this.#clock.now();
    const newcomers = this.#newcomers;
    const events = this.#pending;
    const revision = this.#published;
    this.#newcomers = [];
    this.#pending = [];
    this.#routed = revision;
    for (const { watcher, missed } of newcomers) watcher.catchUp(missed);
    let told = 0;
    for (const [watchers, matching] of this.#groups.route(events)) {
      told += watchers.size;
      for (const watcher of watchers) watcher.deliver(matching, revision);
    }
    this.#delivered = revision;
    if (told >= manyWatchers) this.#pauseAfter(began);
  }
}

/** One watch: whom to tell, and from where on. */
class Watcher implements Watch {
  readonly prefix: string;
  readonly after: number;
  /** Events up to here do not come with the group. */
  joinedAt = 0;
  /** False while there is a backlog that was not delivered yet. */
  caughtUp = false;
  readonly #options: WatchOptions;
  readonly #hub: WatchHub;
  readonly #leave: (self: Watcher) => void;
  #open = true;

  constructor(options: WatchOptions, hub: WatchHub, leave: (self: Watcher) => void) {
    this.prefix = options.prefix;
    this.after = options.after;
    this.#options = options;
    this.#hub = hub;
    this.#leave = leave;
    options.signal?.addEventListener('abort', this.#abort, { once: true });
  }

  get revision(): number {
    return this.caughtUp ? Math.max(this.after, this.#hub.delivered) : this.after;
  }

  /** Passes on what happened before the watch joined. */
  catchUp(missed: readonly StorageEvent[]): void {
    this.caughtUp = true;
    this.#tell(missed, this.joinedAt);
  }

  /** Passes on the events that are new to this watch: nearly always all of them, and then the array as it is. */
  deliver(events: readonly StorageEvent[], revision: number): void {
    const seen = Math.max(this.after, this.joinedAt);
    const fresh = events[0]!.revision > seen ? events : events.filter((event) => event.revision > seen);
    if (fresh.length > 0) this.#tell(fresh, revision);
  }

  #tell(events: readonly StorageEvent[], revision: number): void {
    if (!this.#open) return;
    try {
      this.#options.onEvents(events, revision);
    } catch (thrown) {
      this.fail(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  }

  /** Ends the watch with an error. */
  fail(error: Error): void {
    if (!this.#open) return;
    this.close();
    this.#options.onError(error);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#options.signal?.removeEventListener('abort', this.#abort);
    this.#leave(this);
  }

  readonly #abort = (): void => this.close();
}

/** Watchers by prefix. */
class PrefixGroups {
  readonly #groups = new Map<string, Set<Watcher>>();
  /** How many groups have a prefix of this length. */
  readonly #lengths = new Map<number, number>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(watcher: Watcher): void {
    const { prefix } = watcher;
    let group = this.#groups.get(prefix);
    if (!group) {
      this.#groups.set(prefix, (group = new Set()));
      this.#lengths.set(prefix.length, (this.#lengths.get(prefix.length) ?? 0) + 1);
    }
    group.add(watcher);
    this.#size++;
  }

  remove(watcher: Watcher): void {
    const { prefix } = watcher;
    const group = this.#groups.get(prefix);
    if (!group?.delete(watcher)) return;
    this.#size--;
    if (group.size > 0) return;
    this.#groups.delete(prefix);
    const groups = this.#lengths.get(prefix.length)! - 1;
    if (groups === 0) this.#lengths.delete(prefix.length);
    else this.#lengths.set(prefix.length, groups);
  }

  all(): Watcher[] {
    return [...this.#groups.values()].flatMap((group) => [...group]);
  }

  /** The groups that events concern, each with its events in order. */
  route(events: readonly StorageEvent[]): Map<Set<Watcher>, StorageEvent[]> {
    const routed = new Map<Set<Watcher>, StorageEvent[]>();
    for (const event of events) {
      for (const length of this.#lengths.keys()) {
        if (length > event.key.length) continue;
        const group = this.#groups.get(event.key.slice(0, length));
        if (!group) continue;
        const matching = routed.get(group);
        if (matching) matching.push(event);
        else routed.set(group, [event]);
      }
    }
    return routed;
  }
}
