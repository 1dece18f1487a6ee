import { errorText } from 'nekube/apimachinery';
import { newTooLate } from 'nekube/grpc';
import { systemClock } from '../clock.ts';
import { ClosedError, CompactedError, FutureRevisionError } from '../errors.ts';
import {
  checkAtOnce,
  type Entry,
  type GetOptions,
  type NewEntry,
  type RangeOptions,
  type RangeResult,
  type ReadOptions,
  type Storage,
  type StorageOptions,
  type StorageStats,
  type Watch,
  type WatchOptions,
  type Write,
  type WriteResult,
} from '../storage.ts';
import { type EtcdAddress, EtcdClient } from './client.ts';
import { Compactor } from './compactor.ts';
import { crossing, isCompacted, isLeaseGone } from './errors.ts';
import { Leases } from './lease.ts';
import { type KeyValue, methods, type RangeResponse, type TxnRequest, type TxnResponse } from './messages.ts';
import { type Change, Mirror } from './mirror.ts';
import { type EtcdEvent, findCompacted, WatchStream } from './watch-stream.ts';

/** Which etcd, and what of it. */
export interface EtcdOptions extends StorageOptions, EtcdAddress {
  /** All keys lie below this one; it begins with a slash and does not end with one. */
  readonly prefix: string;
  /** Seconds between compactions of etcd; default 300, 0: never. */
  readonly compactionSeconds?: number;
  /** How long to wait for etcd at the start, in milliseconds; default 30,000. */
  readonly openMs?: number;
  /** How long a read waits for the copy here to come to what etcd has told, in milliseconds; default 34,000. */
  readonly readMs?: number;
  /** How long `close` waits for writes that are under way, in milliseconds; default 250. Those that take longer are told `ClosedError`. */
  readonly closeMs?: number;
  /** Gets a line when something goes wrong that is tried again; default: none. Never gets a secret. */
  readonly log?: (line: string) => void;
}

/** So many entries are read at once. */
const PAGE = 500;
/** The copy begins so many revisions back, if etcd still has them, so that clients can go on watching after a restart. */
const HISTORY_REVISIONS = 10_000;
/** How long a write that etcd acknowledged waits for its event; longer only when the watch is broken. */
const OWN_EVENT_MS = 2000;
/** Nothing was heard for so long although there is something to tell: the stream is dead. */
const STALLED_MS = 3000;
/** A read waits no longer than kube-apiserver lets a request take. */
const READ_MS = 34_000;
/** Writes under way are waited for so long when the store is closed; `nekube up` takes less than a second in all. */
const CLOSE_MS = 250;
/** Where nobody reads, etcd is asked every so often whether there is something that the watch does not tell. */
const PULSE_MS = 5000;
/** etcd is asked for progress after so long, and then every so often. */
const FIRST_ASK_MS = 5;
const ASK_EVERY_MS = 50;

/**
 * A store on etcd, which several servers may share.
 *
 * Writes are transactions of etcd. Reads are answered from a copy of everything below the prefix that one watch keeps
 * up to date, after a quorum of etcd has told its revision and the copy has come to it: so a read sees every write that
 * was acknowledged before, by whichever server (docs/adr/0009). Reads that come while one is asked share the next answer.
 */
export class EtcdStore implements Storage {
  readonly #client: EtcdClient;
  readonly #mirror: Mirror;
  readonly #leases: Leases;
  readonly #stream: WatchStream;
  readonly #compactor: Compactor | undefined;
  readonly #prefix: string;
  /** Asked for its revision, and written where a revision is needed that the watch tells of. */
  readonly #marker: Buffer;
  readonly #log: (line: string) => void;
  readonly #readMs: number;
  readonly #closeMs: number;
  readonly #writes = new Set<Promise<unknown>>();
  #asking: Promise<number> | undefined;
  #askingNext: Promise<number> | undefined;
  #loading: Promise<void> | undefined;
  #pulse: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: EtcdOptions) {
    if (!/^\/.*[^/]$/.test(options.prefix)) throw new RangeError(`prefix must be a path, not "${options.prefix}"`);
    const clock = options.clock ?? systemClock;
    this.#log = options.log ?? (() => {});
    this.#readMs = options.readMs ?? READ_MS;
    this.#closeMs = options.closeMs ?? CLOSE_MS;
    this.#prefix = options.prefix;
    this.#marker = Buffer.from(`${options.prefix}/.nekube`);
    this.#client = new EtcdClient(options);
    this.#mirror = new Mirror(clock, options);
    this.#leases = new Leases(this.#client, systemClock);
    this.#stream = new WatchStream(this.#client, {
      ...this.#bounds(),
      onEvents: (events) => this.#receive(events),
      onProgress: (revision) => this.#mirror.apply([], revision),
      onCompacted: () => void this.#loadAgain('its history was compacted meanwhile'),
      onOpen: () => void this.#revisionNow().catch(() => {}),
      log: this.#log,
    });
    const seconds = options.compactionSeconds ?? 300;
    this.#compactor = seconds > 0 ? new Compactor(this.#client, seconds * 1000, this.#log) : undefined;
  }

  get revision(): number {
    return this.#mirror.revision;
  }

  get compactedRevision(): number {
    return this.#mirror.compacted;
  }

  get stats(): StorageStats {
    return this.#mirror.stats;
  }

  /** Reads everything. @throws StatusError if etcd does not answer in time, or refuses */
  async open(timeoutMs: number): Promise<void> {
    const { header } = await this.#readRange({ key: this.#marker, countOnly: true }, timeoutMs);
    const now = header.revision;
    await this.#load(Math.max(1, now - HISTORY_REVISIONS));
    await this.#fresh();
    void this.#compactor?.run();
    this.#pulse = setInterval(() => void this.#fresh().catch(() => {}), PULSE_MS);
    this.#pulse.unref();
  }

  async get(key: string, { revision, mayLag }: GetOptions = {}): Promise<Entry | undefined> {
    await this.#readyFor(revision, mayLag);
    return this.#mirror.get(key, revision);
  }

  async head(key: string, { mayLag }: ReadOptions = {}): Promise<Entry | undefined> {
    await this.#readyFor(undefined, mayLag);
    return this.#mirror.get(key);
  }

  async range(prefix: string, options: RangeOptions = {}): Promise<RangeResult> {
    await this.#readyFor(options.revision, options.mayLag);
    return this.#mirror.range(prefix, options);
  }

  write(write: Write): Promise<WriteResult> {
    return this.#underWay(() => this.#write(write));
  }

  async createAll(entries: readonly NewEntry[]): Promise<boolean> {
    checkAtOnce(entries);
    return entries.length === 0 || this.#underWay(() => this.#createAll(entries));
  }

  /** A write that `close` waits for. */
  #underWay<T>(write: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new ClosedError());
    const writing = write();
    const settled = writing.then(
      () => {},
      () => {},
    );
    this.#writes.add(settled);
    void settled.then(() => this.#writes.delete(settled));
    return writing;
  }

  async settled(revision: number): Promise<void> {
    await this.#readyFor(revision);
    if (revision > this.#mirror.revision) throw new FutureRevisionError(revision, this.#mirror.revision);
  }

  watch(options: WatchOptions): Watch {
    return this.#mirror.watch(options);
  }

  async compact(revision: number): Promise<void> {
    if (this.#closed) throw new ClosedError();
    await this.settled(revision);
    if (revision <= this.#mirror.compacted) return;
    try {
      await this.#client.call(methods.compact, { revision });
    } catch (error) {
      if (!isCompacted(error)) throw crossing(error);
    }
    this.#mirror.compact(revision);
  }

  /** Writes under way are waited for, but not for an etcd that does not answer: those fail with a ClosedError. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#pulse);
    this.#compactor?.close();
    await isWithin(this.#closeMs, Promise.all(this.#writes));
    this.#stream.close();
    this.#mirror.close();
    this.#client.close();
  }

  async #write(write: Write): Promise<WriteResult> {
    const { key, value } = write;
    const { succeeded, header, responses } = await this.#transact(write);
    if (!succeeded) {
      const [kv] = responses[0]?.responseRange?.kvs ?? [];
      return { ok: false, current: kv && (await this.#known(kv)) };
    }
    const deleted = responses[0]?.responseDeleteRange?.deleted ?? 0;
    if (value === null && deleted === 0) return { ok: false, current: undefined };
    const revision = header.revision;
    await this.#waitAtMost(revision, OWN_EVENT_MS);
    const version = this.#mirror.versionOf(key, revision);
    if (version !== undefined) return { ok: true, revision, entry: version.entry, previous: version.previous?.entry };
    const entry = value === null ? undefined : { key, value, createRevision: revision, modRevision: revision };
    return { ok: true, revision, ...(entry && { entry }) };
  }

  async #createAll(entries: readonly NewEntry[]): Promise<boolean> {
    const keys = entries.map(({ key }) => this.#etcdKey(key));
    const request: TxnRequest = {
      compare: keys.map((key) => ({ target: 2, key, modRevision: 0 })),
      success: entries.map(({ value }, i) => ({ requestPut: { key: keys[i]!, value } })),
      failure: [],
    };
    const { succeeded, header } = await this.#client.ask(methods.txn, request);
    if (succeeded) await this.#waitAtMost(header.revision, OWN_EVENT_MS);
    return succeeded;
  }

  async #transact(write: Write): Promise<TxnResponse> {
    try {
      return await this.#transaction(write);
    } catch (error) {
      if (!isLeaseGone(error)) throw crossing(error);
      this.#leases.forget();
      return this.#transaction(write).catch((again) => {
        throw crossing(again);
      });
    }
  }

  async #transaction({ key, value, expect, ttlSeconds }: Write): Promise<TxnResponse> {
    const etcdKey = this.#etcdKey(key);
    const lease = ttlSeconds === undefined ? 0n : await this.#leases.leaseFor(ttlSeconds);
    const request: TxnRequest = {
      compare: expect === undefined ? [] : [{ target: 2, key: etcdKey, modRevision: expect }],
      success: [
        value === null
          ? { requestDeleteRange: { key: etcdKey } }
          : { requestPut: { key: etcdKey, value, ...(ttlSeconds !== undefined && { lease }) } },
      ],
      failure: [{ requestRange: { key: etcdKey } }],
    };
    return this.#client.call(methods.txn, request);
  }

  /** The entry of what etcd told: the shared one, once it is here. */
  async #known(kv: KeyValue): Promise<Entry> {
    const entry = this.#entryOf(kv);
    await this.#waitAtMost(entry.modRevision, OWN_EVENT_MS);
    return this.#mirror.versionOf(entry.key, entry.modRevision)?.entry ?? entry;
  }

  async #waitAtMost(revision: number, ms: number): Promise<void> {
    if (revision <= this.#mirror.revision) return;
    const reached = await isWithin(ms, this.#mirror.reached(revision));
    if (!reached && revision > this.#mirror.revision && !this.#closed) this.#stream.restart();
  }

  /** Waits until a revision, or what is the newest now, can be read; not for the newest if what is known is enough. */
  async #readyFor(revision: number | undefined, mayLag = false): Promise<void> {
    if (this.#closed) throw new ClosedError();
    if (mayLag && revision === undefined) return;
    if (revision === undefined || revision > this.#mirror.revision) await this.#fresh();
  }

  /** Waits until all that was acknowledged before now can be read. @throws StatusError, ClosedError */
  async #fresh(): Promise<void> {
    const revision = await this.#revisionNow();
    if (revision > this.#mirror.revision) await this.#catchUp(revision);
  }

  /** The revision of etcd, asked for after now; those who come while etcd is asked share the next answer. */
  #revisionNow(): Promise<number> {
    if (this.#closed) return Promise.reject(new ClosedError());
    if (this.#asking === undefined) return this.#ask();
    this.#askingNext ??= this.#asking
      .catch(() => {})
      .then(() => {
        this.#askingNext = undefined;
        return this.#ask();
      });
    return this.#askingNext;
  }

  #ask(): Promise<number> {
    const asking = this.#askNow().finally(() => {
      if (this.#asking === asking) this.#asking = undefined;
    });
    this.#asking = asking;
    return asking;
  }

  async #askNow(): Promise<number> {
    const known = this.#mirror.revision;
    const { header } = await this.#readRange({ key: this.#marker, countOnly: true });
    const revision = header.revision;
    if (revision >= known) return revision;
    // a quorum knows all that was ever committed: this is not the etcd that we knew
    await this.#loadAgain(`it went back from revision ${known} to ${revision}`);
    return this.#mirror.revision;
  }

  /**
   * Waits for the watch to tell all up to a revision; where it has nothing to tell of it, it is made to say so.
   *
   * @throws StatusError `Timeout`: etcd is gone since it told the revision. ClosedError
   */
  async #catchUp(revision: number): Promise<void> {
    const reached = this.#mirror.reached(revision);
    const deadline = Date.now() + this.#readMs;
    for (let heard = Date.now(), wait = FIRST_ASK_MS, at = this.#mirror.revision; ; ) {
      await isWithin(wait, reached);
      if (revision <= this.#mirror.revision) return;
      if (this.#closed) throw new ClosedError();
      if (Date.now() >= deadline) throw crossing(newTooLate());
      wait = ASK_EVERY_MS;
      if (this.#mirror.revision > at) heard = Date.now();
      at = this.#mirror.revision;
      if (Date.now() - heard > STALLED_MS) {
        heard = Date.now();
        this.#stream.restart();
      } else if (!this.#stream.requestProgress()) {
        await this.#touchMarker();
      }
    }
  }

  /**
   * Makes an event of our own, which the watch tells after all others. It may be made any number of times, and so is where a
   * member is lost meanwhile: who reads is not told of that.
   *
   * @throws StatusError
   */
  async #touchMarker(): Promise<void> {
    const put = { requestPut: { key: this.#marker, value: Buffer.alloc(0) } };
    try {
      await this.#client.call({ ...methods.txn, repeatable: true }, { compare: [], success: [put], failure: [] });
    } catch (error) {
      throw crossing(error);
    }
  }

  #receive(events: readonly EtcdEvent[]): void {
    const changes: Change[] = [];
    for (const { type, kv } of events) {
      if (this.#marker.equals(kv.key)) continue;
      const entry = type === 0 ? this.#entryOf(kv) : undefined;
      changes.push({ key: entry?.key ?? this.#keyOf(kv.key), revision: kv.modRevision, entry });
    }
    this.#mirror.apply(changes, events.at(-1)!.kv.modRevision);
  }

  async #loadAgain(why: string): Promise<void> {
    if (this.#loading !== undefined) return this.#loading;
    this.#log(`Reading all of etcd anew: ${why}`);
    this.#loading = this.#untilLoaded().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #untilLoaded(): Promise<void> {
    for (let failures = 0; !this.#closed; failures++) {
      try {
        return await this.#load(undefined);
      } catch (error) {
        if (this.#closed) return;
        this.#log(`Cannot read all of etcd: ${errorText(error)}`);
        await this.#client.pause(failures);
      }
    }
  }

  /** Reads everything as of a revision, or of a later one if that is compacted, and watches from there. */
  async #load(revision: number | undefined): Promise<void> {
    let at = revision;
    for (let tries = 0; ; tries++) {
      try {
        const { entries, revision: asOf } = await this.#readAll(at);
        this.#mirror.load(entries, asOf);
        this.#stream.start(asOf);
        return;
      } catch (error) {
        if (!(error instanceof CompactedError)) throw error;
        at = at === undefined || tries > 0 ? undefined : await findCompacted(this.#client, this.#marker, at);
      }
    }
  }

  async #readAll(revision: number | undefined): Promise<{ entries: Entry[]; revision: number }> {
    const { key: first, rangeEnd } = this.#bounds();
    const entries: Entry[] = [];
    for (let key = first, asOf = revision ?? 0; ; ) {
      const page = await this.#readRange({ key, rangeEnd, limit: PAGE, revision: asOf });
      // all pages are read as of the first one
      if (asOf === 0) asOf = page.header.revision;
      for (const kv of page.kvs) if (!this.#marker.equals(kv.key)) entries.push(this.#entryOf(kv));
      if (!page.more) return { entries, revision: asOf };
      key = Buffer.concat([page.kvs.at(-1)!.key, Buffer.of(0)]);
    }
  }

  async #readRange(request: Parameters<typeof methods.range.encode>[0], timeoutMs?: number): Promise<RangeResponse> {
    try {
      return await this.#client.call(methods.range, request, timeoutMs === undefined ? {} : { timeoutMs });
    } catch (error) {
      if (isCompacted(error)) throw new CompactedError(request.revision ?? 0, this.#mirror.compacted);
      throw crossing(error);
    }
  }

  /** From the prefix with a slash to the first key that does not begin so. */
  #bounds(): { key: Buffer; rangeEnd: Buffer } {
    return { key: Buffer.from(`${this.#prefix}/`), rangeEnd: Buffer.from(`${this.#prefix}0`) };
  }

  #etcdKey(key: string): Buffer {
    if (!key.startsWith('/')) throw new RangeError(`key must begin with a slash: ${JSON.stringify(key)}`);
    return Buffer.from(this.#prefix + key);
  }

  #keyOf(etcdKey: Uint8Array): string {
    return Buffer.from(etcdKey).toString('utf8').slice(this.#prefix.length);
  }

  /** The value is copied out of the message that it came in, which would stay in memory for its sake. */
  #entryOf(kv: KeyValue): Entry {
    return {
      key: this.#keyOf(kv.key),
      value: Buffer.from(kv.value),
      createRevision: kv.createRevision,
      modRevision: kv.modRevision,
    };
  }
}

/** Whether something comes about within a time; a plain timer, since each request waits so. */
function isWithin(ms: number, happening: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms, false);
    void happening.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/**
 * Opens a store on etcd and reads what it holds.
 *
 * @throws StatusError if etcd does not answer in time, or refuses
 */
export async function openEtcdStore(options: EtcdOptions): Promise<Storage> {
  const store = new EtcdStore(options);
  try {
    await store.open(options.openMs ?? 30_000);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
