import { errorText, isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Client, ListOptions, Selection, WatchEvent, WatchOptions } from './client.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import type { Kind, ObjectList } from './kinds.ts';
import { listAll } from './list-all.ts';
import { shownObject } from './object-name.ts';
import { compareResourceVersions } from './resource-version.ts';
import { tell } from './tell.ts';
import { WatchBackoff } from './watch-backoff.ts';
import {
  isExpired,
  isTooLargeResourceVersion,
  isTooManyRequests,
  retryAfterMs,
  VeryShortWatchError,
} from './watch-errors.ts';
import { WatchSession } from './watch-session.ts';

const PAGE_SIZE = 500;
/** The server ends a watch after a time between these two: 5 to 10 minutes. */
const WATCH_SECONDS = [300, 600] as const;
/** So long may the beginning of a WatchList be silent before that is told, and so often before it is given up. */
const SILENCE_MS = 10_000;
const SILENCES = 3;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** What a reflector keeps in step. Its methods must not throw. */
export interface ReflectorTarget<T extends KubeObject = KubeObject> {
  /** All that there is now; what is not among it is gone. */
  replace(objects: readonly T[]): void;
  /** One object, new or changed. */
  put(object: T): void;
  /** One object that is gone; undefined where its last state could not be read. */
  remove(key: { readonly namespace?: string; readonly name?: string }, last: T | undefined): void;
  /** The server said that until now nothing else became of the objects (a bookmark). */
  progress?(): void;
}

/** How a reflector sees its kind, and the world. */
export interface ReflectorOptions<T extends KubeObject = KubeObject> extends Selection {
  readonly metadataOnly?: boolean;
  /** Changes objects before they are told of. */
  readonly transform?: (object: T) => T;
  /** False: begins by a list, not by a watch that streams what there is. */
  readonly watchList?: boolean;
  readonly onError?: (error: Error) => void;
  readonly clock?: Clock;
  /** A number from 0 to below 1, for jitter. */
  readonly random?: () => number;
}

/**
 * Keeps a target in step with the objects of a kind, for as long as it runs: reads what there is (as a stream, else as a
 * list in parts), watches from there, and goes on at the last revision that it saw when a watch ends or breaks. Where the
 * server no longer has the history since then, it reads all again, never as of an older revision than it saw; only a
 * server that has not come that far itself (it was restored) may take it back.
 */
export class Reflector<T extends KubeObject = KubeObject> {
  readonly #client: Client;
  readonly #kind: Kind<T>;
  readonly #target: ReflectorTarget<T>;
  readonly #options: ReflectorOptions<T>;
  readonly #selection: Selection & { readonly metadataOnly?: boolean };
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #backoff: WatchBackoff;
  /** The last revision that was seen. */
  #version = '';
  /** Whether the server refused that revision: it is too old, or the server's history is another. */
  #isVersionUnavailable = false;
  #listsInParts = false;

  constructor(client: Client, kind: Kind<T>, target: ReflectorTarget<T>, options: ReflectorOptions<T> = {}) {
    this.#client = client;
    this.#kind = kind;
    this.#target = target;
    this.#options = options;
    const { namespace, labelSelector, fieldSelector, metadataOnly } = options;
    this.#selection = {
      ...(namespace !== undefined && { namespace }),
      ...(labelSelector !== undefined && { labelSelector }),
      ...(fieldSelector !== undefined && { fieldSelector }),
      ...(metadataOnly !== undefined && { metadataOnly }),
    };
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#backoff = new WatchBackoff(this.#clock, this.#random);
  }

  /** The revision up to which the target is in step; empty before the first reading. */
  get resourceVersion(): string {
    return this.#version;
  }

  /** Goes on until the signal is aborted; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let failure: unknown;
      try {
        await this.#readAndWatch(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#report(error);
        failure = error;
      }
      await this.#pause(signal, failure);
    }
  }

  async #readAndWatch(signal: AbortSignal): Promise<void> {
    const session = this.#options.watchList === false ? undefined : await this.#streamAll(signal);
    if (signal.aborted) return session?.close();
    if (session === undefined) await this.#listAll(signal);
    await this.#watch(session, signal);
  }

  /** Streams what there is; gives the watch, which goes on from there, or nothing where the server does not do that. */
  async #streamAll(signal: AbortSignal): Promise<WatchSession<T> | undefined> {
    while (!signal.aborted) {
      const session = this.#open(signal, {
        ...(!this.#isVersionUnavailable && this.#version !== '' && { resourceVersion: this.#version }),
        resourceVersionMatch: 'NotOlderThan',
        sendInitialEvents: true,
      });
      let failure: unknown;
      try {
        const outcome = await this.#collect(session);
        if (outcome === 'complete') return session;
        if (outcome === 'silent' || session.wasVeryShort) {
          session.close();
          return undefined;
        }
      } catch (error) {
        session.close();
        if (!this.#mayStreamAgain(error)) return undefined;
        failure = error;
      }
      session.close();
      if (signal.aborted) return undefined;
      if (failure !== undefined && !isTooManyRequests(failure) && isStatusError(failure)) continue;
      if (failure !== undefined) this.#report(failure);
      await this.#pause(signal, failure);
    }
    return undefined;
  }

  /** Whether a failed stream is worth another try; all else is for a list to find out. */
  #mayStreamAgain(error: unknown): boolean {
    if (!isStatusError(error) || isTooManyRequests(error)) return true;
    if (!isExpired(error) && !isTooLargeResourceVersion(error)) return false;
    // once more without a revision; a server that refuses that, too, may know how to list
    if (this.#isVersionUnavailable || this.#version === '') return false;
    this.#isVersionUnavailable = true;
    return true;
  }

  /** Reads the beginning of a stream until it is complete, and replaces all by it. */
  async #collect(session: WatchSession<T>): Promise<'complete' | 'ended' | 'silent'> {
    const collected = new Map<string, T>();
    const silence = this.#listenForSilence(session);
    try {
      for (;;) {
        const event = await session.next();
        if (event === undefined) return silence.isTooLong() ? 'silent' : 'ended';
        silence.broken();
        const { type, object } = event;
        if (type === 'BOOKMARK') {
          if (object.metadata?.annotations?.[INITIAL_EVENTS_END] !== 'true') continue;
          this.#replace([...collected.values()], object.metadata.resourceVersion ?? '');
          return 'complete';
        }
        if (!this.#isExpected(object)) continue;
        const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
        const prepared = type === 'DELETED' ? undefined : this.#prepare(object);
        if (prepared === undefined) collected.delete(key);
        else collected.set(key, prepared);
      }
    } finally {
      silence.stop();
    }
  }

  /** Tells of a stream that does not come to the end of its beginning: the server may not know what was asked of it. */
  #listenForSilence(session: WatchSession<T>): { broken(): void; isTooLong(): boolean; stop(): void } {
    let times = 0;
    let stop = (): void => {};
    const wait = (): void => {
      stop();
      stop = this.#clock.after(SILENCE_MS, () => {
        times++;
        const seconds = (times * SILENCE_MS) / 1000;
        this.#report(
          new Error(`${this.#name} waits for the bookmark that ends the initial events, silent for ${seconds}s`),
        );
        if (times < SILENCES) wait();
        else session.giveUp();
      });
    };
    wait();
    const broken = (): void => {
      times = 0;
      wait();
    };
    return { broken, isTooLong: () => times >= SILENCES, stop: () => stop() };
  }

  async #listAll(signal: AbortSignal): Promise<void> {
    let parts = 0;
    const list: Client['list'] = (kind, options) => {
      parts++;
      return this.#client.list(kind, options);
    };
    const read = (resourceVersion: string): Promise<ObjectList<T>> => {
      const options: ListOptions = { ...this.#selection, signal, ...(resourceVersion !== '' && { resourceVersion }) };
      // a list in parts misses the server's cache; one as of a revision that it has seen does not need to
      const inParts = this.#listsInParts || resourceVersion === '' || resourceVersion === '0';
      return inParts ? listAll({ list }, this.#kind, { ...options, limit: PAGE_SIZE }) : list(this.#kind, options);
    };
    // the first list may come from the server's cache, however old that is
    const asked = this.#isVersionUnavailable ? '' : this.#version || '0';
    const all = await read(asked).catch((error) => {
      if (asked === '' || !(isExpired(error) || isTooLargeResourceVersion(error))) throw error;
      this.#isVersionUnavailable = true;
      return read('');
    });
    if (signal.aborted) return;
    if (asked === '0' && parts > 1) this.#listsInParts = true;
    const objects = all.items.filter((item) => this.#isExpected(item)).map((item) => this.#prepare(item));
    this.#replace(
      objects.filter((object) => object !== undefined),
      all.metadata.resourceVersion ?? '',
    );
  }

  #replace(objects: readonly T[], version: string): void {
    this.#version = version;
    this.#isVersionUnavailable = false;
    this.#target.replace(objects);
  }

  /** Watches again and again; returns when all must be read again. */
  async #watch(first: WatchSession<T> | undefined, signal: AbortSignal): Promise<void> {
    let session = first;
    for (; !signal.aborted; session = undefined) {
      session ??= this.#open(signal, { ...(this.#version !== '' && { resourceVersion: this.#version }) });
      let failure: unknown;
      try {
        if (!(await this.#consume(session, session === first))) return;
      } catch (error) {
        failure = error;
      } finally {
        session.close();
      }
      if (signal.aborted || isExpired(failure)) return;
      if (failure === undefined) {
        if (session.wasVeryShort) throw new VeryShortWatchError(this.#name);
      } else if (isTooManyRequests(failure) || (!isStatusError(failure) && session.count === 0)) {
        this.#report(failure);
        await this.#pause(signal, failure);
      } else if (isStatusError(failure)) {
        throw failure;
      }
    }
  }

  /** Takes events until the watch ends; false: the server's history is not the one that was seen. */
  async #consume(session: WatchSession<T>, isPastInitial: boolean): Promise<boolean> {
    // a watch from nowhere begins with what there is, in no order
    let isOrdered = isPastInitial || (this.#version !== '' && this.#version !== '0');
    let isRepeating = isOrdered;
    for (;;) {
      const event = await session.next();
      if (event === undefined) return true;
      const { type, object } = event;
      const version = object.metadata?.resourceVersion ?? '';
      const order = compareResourceVersions(version, this.#version);
      if (type === 'BOOKMARK') {
        if (isOrdered && order !== undefined && order < 0) {
          this.#isVersionUnavailable = true;
          return false;
        }
        this.#target.progress?.();
      } else {
        // what was seen before the watch was resumed is not told again
        if (isRepeating && order !== undefined && order <= 0) continue;
        if (this.#isExpected(object)) this.#take(event);
      }
      isRepeating = false;
      isOrdered ||= type !== 'ADDED';
      if (isOrdered && version !== '' && (order === undefined || order > 0)) this.#version = version;
    }
  }

  #take({ type, object }: WatchEvent<T>): void {
    const prepared = this.#prepare(object);
    if (type === 'DELETED') this.#target.remove(object.metadata, prepared);
    else if (prepared !== undefined) this.#target.put(prepared);
  }

  #open(signal: AbortSignal, options: WatchOptions): WatchSession<T> {
    const [least, most] = WATCH_SECONDS;
    return new WatchSession(this.#client, this.#kind, {
      ...this.#selection,
      ...options,
      allowBookmarks: true,
      timeoutSeconds: Math.floor(least + this.#random() * (most - least)),
      signal,
      clock: this.#clock,
    });
  }

  /** Whether an object is of the kind; others are told of and passed over. Lists leave the kind of their items out. */
  #isExpected(object: T): boolean {
    const { apiVersion, kind } = this.#kind;
    if (object?.metadata?.name === undefined) {
      this.#report(new Error(`${this.#name} got something without a name: ${object?.kind ?? typeof object}`));
      return false;
    }
    if (this.#options.metadataOnly || object.kind === undefined) return true;
    if (object.kind === kind && object.apiVersion === apiVersion) return true;
    this.#report(new Error(`${this.#name} got an object of kind ${object.kind} in ${object.apiVersion}`));
    return false;
  }

  /** The object as the target is to have it; undefined: it could not be transformed, which has been told. */
  #prepare(object: T): T | undefined {
    object.apiVersion = this.#kind.apiVersion;
    object.kind = this.#kind.kind;
    if (this.#options.transform === undefined) return object;
    try {
      const transformed = this.#options.transform(object);
      if (transformed?.metadata?.name === undefined) throw new Error('it gave no object with a name');
      return transformed;
    } catch (cause) {
      this.#report(new Error(`Cannot transform ${shownObject(object)}: ${errorText(cause)}`, { cause }));
      return undefined;
    }
  }

  async #pause(signal: AbortSignal, failure: unknown): Promise<void> {
    const ms = Math.max(this.#backoff.step(), retryAfterMs(failure));
    await sleep(ms, this.#clock, signal).catch(() => {});
  }

  #report(thrown: unknown): void {
    tell(this.#options.onError, thrown instanceof Error ? thrown : new Error(errorText(thrown)));
  }

  get #name(): string {
    return `reflector of ${this.#kind.kind} in ${this.#kind.apiVersion}`;
  }
}
