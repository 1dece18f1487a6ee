import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from 'nekube/apimachinery';
import type { EtcdClient } from './client.ts';
import { isCompacted } from './errors.ts';
import { methods } from './messages.ts';

/** kube-apiserver's own key for this, so that servers of both kinds agree on one etcd. */
const KEY = Buffer.from('compact_rev_key');

/** What a round knows for the next one: the version of the key, and the revision to compact then. */
interface Round {
  readonly version: number;
  readonly revision: number;
}

/**
 * Compacts etcd each time an interval has passed, to the revision that was the newest when it began.
 *
 * Several servers agree by a key: only the one that changes its version from what all have seen compacts, so that
 * history is kept for at least an interval, however many they are.
 */
export class Compactor {
  readonly #client: EtcdClient;
  readonly #intervalMs: number;
  readonly #log: (line: string) => void;
  readonly #closing = new AbortController();

  constructor(client: EtcdClient, intervalMs: number, log: (line: string) => void) {
    this.#client = client;
    this.#intervalMs = intervalMs;
    this.#log = log;
  }

  /** Runs until `close`. */
  async run(): Promise<void> {
    const { signal } = this.#closing;
    let round: Round = { version: 0, revision: 0 };
    let failed = false;
    while (!signal.aborted) {
      try {
        await sleep(this.#intervalMs, undefined, { signal, ref: false });
        round = await this.once(round);
        failed = false;
      } catch (error) {
        if (signal.aborted) return;
        if (!failed) this.#log(`Cannot compact etcd: ${errorText(error)}`);
        failed = true;
      }
    }
  }

  /** One round. @throws GrpcError */
  async once({ version, revision }: Round): Promise<Round> {
    const { succeeded, header, responses } = await this.#client.call(methods.txn, {
      compare: [{ target: 0, key: KEY, version }],
      success: [{ requestPut: { key: KEY, value: Buffer.from(String(revision)) } }],
      failure: [{ requestRange: { key: KEY } }],
    });
    const now = header.revision;
    if (!succeeded) {
      const [kv] = responses[0]?.responseRange?.kvs ?? [];
      return { version: kv === undefined ? 0 : kv.version, revision: now };
    }
    if (revision > 0) await this.#compact(revision);
    return { version: version + 1, revision: now };
  }

  /** Ends it. */
  close(): void {
    this.#closing.abort();
  }

  async #compact(revision: number): Promise<void> {
    try {
      await this.#client.call(methods.compact, { revision });
    } catch (error) {
      if (!isCompacted(error)) throw error;
    }
  }
}
