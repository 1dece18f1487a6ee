import { isGrpcError } from 'nekube/grpc';
import type { EtcdClient, WatchCall } from './client.ts';
import { isTokenRefused, textOf } from './errors.ts';
import { type WatchResponse } from './messages.ts';

/** One event as etcd tells it: `type` 0 is a put. */
export type EtcdEvent = WatchResponse['events'][number];

/** What to watch, and whom to tell. */
export interface WatchStreamOptions {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
  /** Gets all events of the revisions that it tells of, once, in order. */
  readonly onEvents: (events: readonly EtcdEvent[]) => void;
  /** All events up to this revision were told. */
  readonly onProgress: (revision: number) => void;
  /** Events after the last that was told are lost; the stream waits for `start` with a later revision. */
  readonly onCompacted: (compactedRevision: number) => void;
  /** A stream is open; etcd's answer may be anything from now on, so what is known had better be checked. */
  readonly onOpen: () => void;
  readonly log: (line: string) => void;
}

/** A stream that lived so long ended by an accident of its own, not by one that goes on. */
const STEADY_MS = 5000;

/**
 * Watches a range of keys for good: when the stream breaks, at whichever member, it goes on at another one after the
 * last revision that was told, so that no event is lost and none comes twice.
 */
export class WatchStream {
  readonly #client: EtcdClient;
  readonly #options: WatchStreamOptions;
  #call: WatchCall | undefined;
  #at = 0;
  #after = 0;
  /** Streams are counted, so that a late word of an old one is known for what it is. */
  #generation = 0;
  #failures = 0;
  /** When the stream that is open, or was last, was opened; undefined while one is tried. */
  #openedAt: number | undefined;
  #progress = false;
  #fragments: EtcdEvent[] = [];
  #closed = false;

  constructor(client: EtcdClient, options: WatchStreamOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Watches what happens after a revision, from now on. */
  start(after: number): void {
    this.#after = after;
    void this.#open();
  }

  /** Gives the stream up for one at another member. */
  restart(): void {
    this.#client.failedAt(this.#at);
    void this.#open();
  }

  /**
   * Asks etcd to tell the revision up to which all was told.
   * @returns false if this etcd cannot be asked: before 3.4.31 and 3.5.13 it may answer too early
   */
  requestProgress(): boolean {
    if (this.#call === undefined) return true;
    if (this.#progress) this.#call.write({ progressRequest: {} });
    return this.#progress;
  }

  /** Ends it; nothing is told any more. */
  close(): void {
    this.#closed = true;
    this.#generation++;
    this.#call?.cancel();
    this.#call = undefined;
  }

  async #open(): Promise<void> {
    const generation = ++this.#generation;
    this.#call?.cancel();
    this.#call = undefined;
    this.#openedAt = undefined;
    this.#fragments = [];
    const isCurrent = (): boolean => generation === this.#generation && !this.#closed;
    try {
      const { call, at, version } = await this.#client.openWatch();
      if (!isCurrent()) return call.on('error', () => {}).cancel();
      this.#call = call;
      this.#at = at;
      this.#openedAt = Date.now();
      this.#progress = answersProgress(version);
      call.on('data', (response: WatchResponse) => isCurrent() && this.#receive(response));
      call.on('error', (error) => isCurrent() && this.#again(error));
      call.on('end', () => isCurrent() && this.#again(undefined));
      const { key, rangeEnd } = this.#options;
      call.write({ createRequest: { key, rangeEnd, startRevision: this.#after + 1, fragment: true } });
    } catch (error) {
      if (isCurrent()) this.#again(error);
    }
  }

  #receive(response: WatchResponse): void {
    const { onEvents, onProgress, onOpen } = this.#options;
    if (response.canceled) return this.#canceled(response);
    if (response.created) return onOpen();
    if (response.events.length === 0 && !response.fragment && this.#fragments.length === 0) {
      const revision = response.header.revision;
      if (revision <= this.#after) return;
      this.#after = revision;
      return onProgress(revision);
    }
    this.#fragments.push(...response.events);
    if (response.fragment) return;
    const events = this.#fragments.filter(({ kv }) => kv.modRevision > this.#after);
    this.#fragments = [];
    if (events.length === 0) return;
    this.#after = events.at(-1)!.kv.modRevision;
    onEvents(events);
  }

  #canceled({ compactRevision, cancelReason }: WatchResponse): void {
    const compacted = compactRevision;
    if (compacted === 0) return this.#again(new Error(cancelReason));
    this.#generation++;
    this.#call?.cancel();
    this.#call = undefined;
    this.#options.onCompacted(compacted);
  }

  /** Opens another one after a pause. Nobody waits for that: an etcd that is gone may take days, and tries without end. */
  #again(error: unknown): void {
    const generation = ++this.#generation;
    this.#call?.cancel();
    this.#call = undefined;
    if (this.#openedAt !== undefined && Date.now() - this.#openedAt > STEADY_MS) this.#failures = 0;
    const text = isGrpcError(error) ? textOf(error) : error instanceof Error ? error.message : 'the stream ended';
    if (isTokenRefused({ details: text }) || text.includes('permission denied')) this.#client.forgetToken();
    else this.#client.failedAt(this.#at);
    if (this.#failures === 0) this.#options.log(`The watch of etcd is interrupted, and goes on: ${text}`);
    void this.#client.pause(Math.min(this.#failures++, 10)).then(() => {
      if (generation === this.#generation && !this.#closed) void this.#open();
    });
  }
}

/** The revision to which etcd is compacted, as a watch from an older one is told; undefined if it is not told. */
export async function findCompacted(client: EtcdClient, key: Uint8Array, older: number): Promise<number | undefined> {
  const { call } = await client.openWatch();
  try {
    return await new Promise((resolve) => {
      call.on('data', ({ created, canceled, compactRevision }: WatchResponse) => {
        if (canceled) resolve(compactRevision || undefined);
        else if (!created) resolve(undefined);
      });
      call.on('error', () => resolve(undefined));
      call.on('end', () => resolve(undefined));
      call.write({ createRequest: { key, rangeEnd: Buffer.of(), startRevision: older, fragment: false } });
    });
  } finally {
    call.on('error', () => {}).cancel();
  }
}

/** True if etcd of a version tells progress only when all before it was told; an empty version is that of a new one. */
export function answersProgress(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  if (version === '' || major > 3 || minor > 5) return true;
  return (minor === 5 && patch >= 13) || (minor === 4 && patch >= 31);
}
