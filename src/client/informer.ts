import type { KubeObject } from 'nekube/apimachinery';
import type { Client } from './client.ts';
import { type Clock, systemClock } from './clock.ts';
import { HandlerQueue, type Notification } from './handler-queue.ts';
import type { IndexFunction, Informer, InformerOptions, ObjectHandler, ObjectStore } from './informer-types.ts';
import type { Kind } from './kinds.ts';
import { freezeDeep, MutationDetector } from './mutation-detector.ts';
import { IndexedStore } from './object-store.ts';
import { Reflector, type ReflectorTarget } from './reflector.ts';
import { tell } from './tell.ts';

/** How often objects are looked at whether somebody changed them. */
const DETECT_MS = 1000;

/** An informer of a kind, or of a selection of its objects. It runs once. */
export function newInformer<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  options: InformerOptions<T> = {},
): Informer<T> {
  return new ReflectingInformer(client, kind, options);
}

/** Somebody who waits until an informer is synced. */
interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** A store that a reflector fills, and handlers that hear of it. A handler finds the store as it is told, or newer. */
class ReflectingInformer<T extends KubeObject> implements Informer<T>, ReflectorTarget<T> {
  readonly kind: Kind<T>;
  readonly #client: Client;
  readonly #options: InformerOptions<T>;
  readonly #store: IndexedStore<T>;
  readonly #clock: Clock;
  readonly #handlers = new Set<HandlerQueue<T>>();
  readonly #waiters = new Set<Waiter>();
  readonly #isFreezing: boolean;
  readonly #detector: MutationDetector<T> | undefined;
  #isSynced = false;
  #signal: AbortSignal | undefined;

  constructor(client: Client, kind: Kind<T>, options: InformerOptions<T>) {
    this.kind = kind;
    this.#client = client;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#store = new IndexedStore(client.defaultNamespace, this.#report);
    for (const [name, index] of Object.entries(options.indexes ?? {})) this.#store.addIndex(name, index);
    const detect = options.detectMutations ?? process.env.NEKUBE_MUTATION_DETECTOR;
    this.#isFreezing = detect === 'freeze';
    if (detect === 'report') this.#detector = new MutationDetector(this.#report);
  }

  get store(): ObjectStore<T> {
    return this.#store;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  async synced(signal?: AbortSignal): Promise<void> {
    await this.#unlessAborted(signal, () => this.#untilSynced());
    await this.#unlessAborted(signal, () => Promise.all([...this.#handlers].map((handler) => handler.reached())));
  }

  handle(handler: ObjectHandler<T>): () => void {
    const queue = new HandlerQueue(handler, this.#report);
    if (this.#isSynced) for (const object of this.#store.list()) queue.push({ type: 'added', object, initial: true });
    this.#handlers.add(queue);
    return () => {
      this.#handlers.delete(queue);
      queue.close();
    };
  }

  addIndex(name: string, index: IndexFunction<T>): void {
    this.#store.addIndex(name, index);
  }

  async run(signal: AbortSignal): Promise<void> {
    if (this.#signal !== undefined) throw new TypeError(`The informer of ${this.kind.kind} runs once only`);
    this.#signal = signal;
    const stops = [
      this.#every(this.#options.resyncMs, () => this.#resync()),
      this.#every(this.#detector && DETECT_MS, () => this.#detector?.check()),
    ];
    await new Reflector(this.#client, this.kind, this, { ...this.#options, onError: this.#report }).run(signal);
    for (const stop of stops) stop();
    for (const { reject } of this.#waiters) reject(signal.reason);
    this.#waiters.clear();
  }

  replace(objects: readonly T[]): void {
    const initial = !this.#isSynced;
    const gone = new Set(this.#store.list());
    const changes: Notification<T>[] = [];
    for (const object of objects) {
      const old = this.#put(object);
      if (old === undefined) changes.push({ type: 'added', object, initial });
      else changes.push({ type: 'updated', object, old });
      if (old !== undefined) gone.delete(old);
    }
    const deletions: Notification<T>[] = [];
    for (const object of gone) {
      this.#remove(object.metadata);
      deletions.push({ type: 'deleted', object, final: false });
    }
    // before they are told, so that a handler which they add hears of all from the store
    this.#isSynced = true;
    // a name that one object left may be what another takes, so what left is told first
    this.#tell([...deletions, ...changes]);
    for (const { resolve } of this.#waiters) resolve();
    this.#waiters.clear();
  }

  put(object: T): void {
    const old = this.#put(object);
    this.#tell([old === undefined ? { type: 'added', object, initial: false } : { type: 'updated', object, old }]);
  }

  remove(key: { readonly namespace?: string; readonly name?: string }, last: T | undefined): void {
    const known = this.#remove(key);
    if (known === undefined) return;
    if (last !== undefined && this.#isFreezing) freezeDeep(last);
    this.#tell([{ type: 'deleted', object: last ?? known, final: true }]);
  }

  #put(object: T): T | undefined {
    if (this.#isFreezing) freezeDeep(object);
    const old = this.#store.put(object);
    if (old !== undefined) this.#detector?.forget(old);
    this.#detector?.remember(object);
    return old;
  }

  #remove(key: { readonly namespace?: string; readonly name?: string }): T | undefined {
    const old = this.#store.remove(key);
    if (old !== undefined) this.#detector?.forget(old);
    return old;
  }

  #tell(notifications: readonly Notification<T>[]): void {
    // who is added by a handler meanwhile hears of all this from the store
    const handlers = [...this.#handlers];
    for (const notification of notifications) for (const handler of handlers) handler.push(notification);
  }

  #resync(): void {
    this.#tell(this.#store.list().map((object) => ({ type: 'updated', object, old: object })));
  }

  #untilSynced(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isSynced) resolve();
      else if (this.#signal?.aborted) reject(this.#signal.reason);
      else this.#waiters.add({ resolve, reject });
    });
  }

  /** Waits for work, or rejects with the signal's reason. */
  async #unlessAborted(signal: AbortSignal | undefined, work: () => Promise<unknown>): Promise<void> {
    if (signal === undefined) return void (await work());
    signal.throwIfAborted();
    let abort = (): void => {};
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
    });
    try {
      await Promise.race([work(), aborted]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Calls again and again; the result ends that. */
  #every(ms: number | undefined, call: () => void): () => void {
    if (ms === undefined || ms <= 0) return () => {};
    let stop = (): void => {};
    const wait = (): void => {
      stop = this.#clock.after(ms, () => {
        wait();
        call();
      });
    };
    wait();
    return () => stop();
  }

  readonly #report = (error: Error): void => {
    tell(this.#options.onError, error);
  };
}
