import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import type {
  Entry,
  GetOptions,
  NewEntry,
  RangeOptions,
  RangeResult,
  ReadOptions,
  Storage,
  StorageEvent,
  StorageStats,
  Watch,
  WatchOptions,
  Write,
  WriteResult,
} from 'nekube/storage';
import { decodeRecord, encodeRecord, storedVersionOf } from '../registry/record.ts';
import { sortKeys } from '../sort-keys.ts';

/** From what version to what, and by whom. */
export interface ConvertingOptions {
  /** The version in which the objects are read and written. */
  readonly apiVersion: string;
  /** The version in which they are stored from now on. */
  readonly storageApiVersion: string;
  readonly kind: string;
  /** Brings what is stored into the form of today's schema of its version, in place. */
  settleStored(object: KubeObject): KubeObject;
  convert(object: KubeObject, apiVersion: string): Promise<KubeObject>;
}

/**
 * A storage of custom resources as a version sees it: what is read is converted from the version in which it is stored,
 * what is written to the version that is stored now. Everything else is the storage's own.
 */
export class ConvertingStorage implements Storage {
  readonly #storage: Storage;
  readonly #options: ConvertingOptions;

  constructor(storage: Storage, options: ConvertingOptions) {
    this.#storage = storage;
    this.#options = options;
  }

  get revision(): number {
    return this.#storage.revision;
  }

  get compactedRevision(): number {
    return this.#storage.compactedRevision;
  }

  get stats(): StorageStats {
    return this.#storage.stats;
  }

  async get(key: string, options?: GetOptions): Promise<Entry | undefined> {
    return this.#read(await this.#storage.get(key, options));
  }

  async head(key: string, options?: ReadOptions): Promise<Entry | undefined> {
    return this.#read(await this.#storage.head(key, options));
  }

  async range(prefix: string, options?: RangeOptions): Promise<RangeResult> {
    const result = await this.#storage.range(prefix, options);
    const entries = await Promise.all(result.entries.map((entry) => this.#read(entry)));
    return { ...result, entries: entries as Entry[] };
  }

  async write(write: Write): Promise<WriteResult> {
    if (write.value === null) return this.#storage.write(write);
    const value = await this.#stored(write.value);
    const result = await this.#storage.write({ ...write, value });
    if (!result.ok)
      return result.current === undefined ? result : { ok: false, current: (await this.#read(result.current))! };
    const { key, expect } = write;
    const head = expect === 0 ? undefined : result.previous;
    const stored = {
      key,
      value,
      modRevision: result.revision,
      createRevision: head?.createRevision ?? result.revision,
    };
    return { ...result, entry: (await this.#read(result.entry ?? stored))! };
  }

  async createAll(entries: readonly NewEntry[]): Promise<boolean> {
    const stored = entries.map(async ({ key, value }) => ({ key, value: await this.#stored(value) }));
    return this.#storage.createAll(await Promise.all(stored));
  }

  settled(revision: number): Promise<void> {
    return this.#storage.settled(revision);
  }

  /** Events come in order, each when it is converted; one that cannot be ends the watch. */
  watch(options: WatchOptions): Watch {
    let busy: Promise<void> = Promise.resolve();
    let failed = false;
    return this.#storage.watch({
      ...options,
      onEvents: (events, revision) => {
        const converted = Promise.all(events.map((event) => this.#event(event)));
        busy = busy.then(async () => {
          if (failed || options.signal?.aborted) return;
          try {
            options.onEvents(await converted, revision);
          } catch (error) {
            failed = true;
            options.onError(error as Error);
          }
        });
        converted.catch(() => {});
      },
    });
  }

  async #event(event: StorageEvent): Promise<StorageEvent> {
    const [entry, previous] = await Promise.all([this.#read(event.entry), this.#read(event.previous)]);
    return { ...event, ...(entry && { entry }), ...(previous && { previous }) };
  }

  compact(revision: number): Promise<void> {
    return this.#storage.compact(revision);
  }

  /** The storage is another's to close. */
  async close(): Promise<void> {}

  /** A record in the version in which it is stored. */
  async #stored(value: Uint8Array): Promise<Buffer> {
    const { apiVersion, storageApiVersion, kind } = this.#options;
    const object = decodeRecord(recordEntry(value), apiVersion, kind);
    delete object.metadata.resourceVersion;
    return encodeRecord(sorted(await this.#options.convert(object, storageApiVersion)), true);
  }

  async #read(entry: Entry | undefined): Promise<Entry | undefined> {
    if (entry === undefined) return undefined;
    const { apiVersion, storageApiVersion, kind, settleStored } = this.#options;
    const stored = decodeRecord(entry, storedVersionOf(entry) ?? storageApiVersion, kind);
    delete stored.metadata.resourceVersion;
    const converted = await this.#options.convert(settleStored(stored), apiVersion);
    return { ...entry, value: encodeRecord(sorted(converted), true) };
  }
}

/** As custom resources are stored: equal objects have equal bytes. */
function sorted({ kind, apiVersion, metadata, ...rest }: KubeObject): KubeObject {
  return { kind: kind!, apiVersion: apiVersion!, metadata, ...(sortKeys(rest as JsonObject) as JsonObject) };
}

function recordEntry(value: Uint8Array): Entry {
  return { key: '', value, createRevision: 0, modRevision: 0 };
}
