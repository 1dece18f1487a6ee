import type { Database } from './database.ts';
import type { Answer, WatchCreateRequest, WatchEvent, WatchRequest } from './messages.ts';
import { contains, type Interval, type Version } from './revisions.ts';

/** The stream to a client on which the answers go. */
export interface WatchSink {
  /** Sends an answer, whose header is completed. */
  send(answer: Answer): void;
  /** True while the client does not keep up; `WatchSession.resume` is to be called when it does again. */
  readonly isFull: boolean;
}

interface Watcher {
  readonly id: number;
  readonly range: Interval;
  readonly prevKv: boolean;
  readonly fragment: boolean;
  readonly progressNotify: boolean;
  readonly filters: readonly number[];
  /** The revision from which on nothing was told yet. */
  next: number;
  /** Something was told since it was last asked whether progress is to be told. */
  told: boolean;
}

/** The id of answers that are about no watch, or about all. */
const NO_ID = -1;
/** A client that does not keep up is told so many changes at once at most, and then waited for. */
const CHUNK_REVISIONS = 1000;
/** Answers are cut at so many bytes for those who ask for fragments. */
const FRAGMENT_BYTES = 1.5 * 1024 * 1024;

/**
 * The watches of one stream.
 *
 * Each has a revision from which on it was not told yet, so a client that does not keep up costs no memory: it is told
 * from the history when it has read what it was sent, or that it was compacted meanwhile.
 */
export class WatchSession {
  readonly #database: Database;
  readonly #sink: WatchSink;
  readonly #watchers = new Map<number, Watcher>();
  readonly #forgetTold: () => void;
  #nextId = 0;
  #wantsProgress = false;

  constructor(database: Database, sink: WatchSink) {
    this.#database = database;
    this.#sink = sink;
    this.#forgetTold = database.onTold(() => this.resume());
  }

  /** Does what the client says. */
  receive({ createRequest, cancelRequest, progressRequest }: WatchRequest): void {
    if (createRequest !== undefined) this.#create(createRequest);
    else if (cancelRequest !== undefined) this.#cancel(cancelRequest.watchId);
    else if (progressRequest !== undefined) {
      this.#wantsProgress = true;
      this.resume();
    }
  }

  /** Tells what there is to tell, as far as the client takes it. */
  resume(): void {
    for (const watcher of this.#watchers.values()) this.#tell(watcher);
    if (!this.#wantsProgress || !this.#isUpToDate()) return;
    this.#wantsProgress = false;
    // as etcd, which has nobody to tell it to otherwise
    if (this.#watchers.size > 0) this.#send({ watchId: NO_ID });
  }

  /** Tells those who asked for it how far they are, if nothing else was told for a while. */
  notifyProgress(): void {
    for (const watcher of this.#watchers.values()) {
      if (watcher.progressNotify && !watcher.told && watcher.next > this.#database.told)
        this.#send({ watchId: watcher.id });
      watcher.told = false;
    }
  }

  /** Ends all watches. */
  close(): void {
    this.#forgetTold();
    this.#watchers.clear();
  }

  #create(request: WatchCreateRequest): void {
    const range = { key: request.key === '' ? '\0' : request.key, end: endOf(request) };
    const refused = this.#whyNot(request, range);
    if (refused !== undefined)
      return this.#send({ watchId: NO_ID, created: true, canceled: true, cancelReason: refused });
    const watcher: Watcher = {
      id: request.watchId === 0 ? this.#freeId() : request.watchId,
      range,
      prevKv: request.prevKv,
      fragment: request.fragment,
      progressNotify: request.progressNotify,
      filters: request.filters,
      next: request.startRevision === 0 ? this.#database.told + 1 : request.startRevision,
      told: false,
    };
    this.#watchers.set(watcher.id, watcher);
    this.#send({ watchId: watcher.id, created: true });
    this.#tell(watcher);
  }

  #whyNot({ startRevision, watchId }: WatchCreateRequest, { key, end }: Interval): string | undefined {
    if (startRevision < 0) return 'etcdserver: mvcc: required revision has been compacted';
    if (end !== undefined && end !== '' && key >= end) return 'mvcc: watcher range is empty';
    if (watchId !== 0 && this.#watchers.has(watchId)) return 'mvcc: duplicate watch ID provided on the WatchStream';
    return undefined;
  }

  #freeId(): number {
    while (this.#watchers.has(this.#nextId)) this.#nextId++;
    return this.#nextId++;
  }

  #cancel(watchId: number): void {
    if (this.#watchers.delete(watchId)) this.#send({ watchId, canceled: true });
  }

  #isUpToDate(): boolean {
    for (const { next } of this.#watchers.values()) if (next <= this.#database.told) return false;
    return true;
  }

  #tell(watcher: Watcher): void {
    const { revisions, told } = this.#database;
    while (watcher.next <= told && !this.#sink.isFull) {
      if (watcher.next < revisions.compacted) return this.#compacted(watcher, revisions.compacted);
      const to = Math.min(told, watcher.next + CHUNK_REVISIONS);
      const events = revisions.changes(watcher.next, to).flatMap((version) => eventFor(watcher, version));
      watcher.next = to + 1;
      if (events.length === 0) continue;
      watcher.told = true;
      this.#sendEvents(watcher, events);
    }
  }

  #compacted({ id }: Watcher, compactRevision: number): void {
    this.#watchers.delete(id);
    this.#sink.send({ watchId: id, header: { revision: 0 }, canceled: true, compactRevision });
  }

  #sendEvents({ id, fragment }: Watcher, events: readonly WatchEvent[]): void {
    if (!fragment) return this.#send({ watchId: id, events });
    let from = 0;
    for (let i = 0, bytes = 0; i < events.length; i++) {
      bytes += sizeOf(events[i]!);
      if (bytes <= FRAGMENT_BYTES || i === from) continue;
      this.#send({ watchId: id, events: events.slice(from, i), fragment: true });
      from = i;
      bytes = sizeOf(events[i]!);
    }
    this.#send({ watchId: id, events: from === 0 ? events : events.slice(from) });
  }

  #send(answer: Answer): void {
    this.#sink.send({ ...answer, header: { revision: this.#database.told } });
  }
}

/** No end is one key, but all keys from it on where no key is named either. */
function endOf({ rangeEnd }: WatchCreateRequest): string | undefined {
  if (rangeEnd === '') return undefined;
  return rangeEnd === '\0' ? '' : rangeEnd;
}

const [NO_PUT, NO_DELETE] = [0, 1];

function eventFor({ range, filters, prevKv }: Watcher, version: Version): WatchEvent[] {
  if (!contains(range, version.key)) return [];
  const { key, modRevision, before } = version;
  const isPut = version.version > 0;
  if (filters.includes(isPut ? NO_PUT! : NO_DELETE!)) return [];
  const previous = prevKv && before !== undefined && before.version > 0 ? { prevKv: before } : {};
  return [isPut ? { type: 0, kv: version, ...previous } : { type: 1, kv: { key, modRevision }, ...previous }];
}

function sizeOf({ kv, prevKv }: WatchEvent): number {
  return 100 + (kv.key?.length ?? 0) + (kv.value?.length ?? 0) + (prevKv?.value?.length ?? 0);
}
