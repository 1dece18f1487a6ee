import type { KubeObject } from 'nekube/apimachinery';
import type { Client, Selection } from './client.ts';
import { newInformer } from './informer.ts';
import type { Informer, InformerOptions } from './informer-types.ts';
import type { Kind } from './kinds.ts';

/** What all informers of a set have in common, unless they say otherwise. */
export interface InformerSetOptions
  extends Pick<InformerOptions, 'clock' | 'random' | 'resyncMs' | 'watchList' | 'detectMutations'> {
  /** The informers see this namespace only. */
  readonly namespace?: string;
  /** Gets what fails, and whose informer it was. */
  readonly onError?: (error: Error, kind: Kind) => void;
}

/** An informer of a set, and how it was asked for. */
interface Member {
  readonly informer: Informer;
  readonly transform: InformerOptions['transform'];
  readonly stop: AbortController;
  /** Settled when it has stopped; undefined before it runs. */
  running?: Promise<void>;
}

/**
 * Informers that are shared: one for each kind and selection, however many ask for it. They run with the set; those that
 * are asked for later begin at once.
 */
export class InformerSet {
  readonly #client: Client;
  readonly #options: InformerSetOptions;
  readonly #members = new Map<string, Member>();
  #signal: AbortSignal | undefined;

  constructor(client: Client, options: InformerSetOptions = {}) {
    this.#client = client;
    this.#options = options;
  }

  /**
   * The informer of a kind and selection. Indexes are added to it.
   *
   * @throws RangeError if it is there with another transform, or has another index of a name
   */
  informer<T extends KubeObject>(kind: Kind<T>, options: InformerOptions<T> = {}): Informer<T> {
    const { indexes = {}, ...all } = { ...this.#options, onError: undefined, ...options };
    const key = keyOf(kind, all);
    let member = this.#members.get(key);
    if (member === undefined) {
      const onError = options.onError ?? ((error: Error) => this.#options.onError?.(error, kind));
      const informer = newInformer(this.#client, kind, { ...all, onError }) as unknown as Informer;
      const transform = options.transform as InformerOptions['transform'];
      this.#members.set(key, (member = { informer, transform, stop: new AbortController() }));
      if (this.#signal !== undefined) this.#start(member);
    }
    if (member.transform !== options.transform)
      throw new RangeError(`There is already an informer of ${kind.kind} with another transform; hand in the same one`);
    const informer = member.informer as unknown as Informer<T>;
    for (const [name, index] of Object.entries(indexes)) informer.addIndex(name, index);
    return informer;
  }

  /** Stops an informer and forgets it: nobody is told anything more, and the next who asks gets a new one. */
  async remove(informer: Informer): Promise<void> {
    for (const [key, member] of this.#members) {
      if (member.informer !== informer) continue;
      this.#members.delete(key);
      member.stop.abort(new Error(`The informer of ${informer.kind.kind} was removed`));
      await member.running;
    }
  }

  /** Runs all informers until the signal is aborted, and they have stopped; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#signal !== undefined) throw new TypeError('A set of informers runs once only');
    this.#signal = signal;
    const stop = (): void => {
      for (const member of this.#members.values()) member.stop.abort(signal.reason);
    };
    for (const member of this.#members.values()) this.#start(member);
    if (!signal.aborted)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    stop();
    await Promise.all([...this.#members.values()].map(({ running }) => running));
  }

  /** Resolves when all informers that there are now are synced, and their handlers heard of it. */
  async synced(signal?: AbortSignal): Promise<void> {
    await Promise.all([...this.#members.values()].map(({ informer }) => informer.synced(signal)));
  }

  #start(member: Member): void {
    if (this.#signal?.aborted) member.stop.abort(this.#signal.reason);
    member.running = member.informer.run(member.stop.signal);
  }
}

function keyOf({ apiVersion, kind }: Kind, options: Selection & { readonly metadataOnly?: boolean }): string {
  const { namespace = '', labelSelector = '', fieldSelector = '', metadataOnly = false } = options;
  return JSON.stringify([apiVersion, kind, namespace, labelSelector, fieldSelector, metadataOnly]);
}
