import { randomUUID } from 'node:crypto';
import { isStatusError, type JsonObject } from 'nekube/apimachinery';
import { type Client, type Clock, sleep } from 'nekube/client';
import { FIELD_MANAGER, KEP_SYNC_KIND } from './definition.ts';
import { CUT_OFF, type KepSync, readSyncs, type UnfinishedSync, unfinishedOf } from './unfinished-syncs.ts';

/** What a sync is to bring. */
export interface SyncMeant {
  readonly source: string;
  readonly keps: number;
  readonly commit?: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Gets what is known of another sync of the repository: one that is waited for, or one that was cut off. */
  readonly onOther?: (sync: UnfinishedSync) => void;
}

/** What a sync did, as its mark has it. */
export interface SyncCounts {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly refused: number;
}

/** A sync says so often that it goes on; a reader takes it to be cut off after four times as long. */
const RENEW_MS = 10_000;
/** Who was not heard of for so long, as a machine that slept, asks whether it is still its mark before it writes anything. */
const UNSURE_MS = 20_000;
/** Who waits for another sync looks so often whether that goes on. */
const LOOK_MS = 1000;
/** That it was cut off is said in so long, or not: who ends it waits. */
const LAST_WORD_MS = 3000;

/** Another sync took over, or the mark is gone. */
export class SyncLostError extends Error {
  constructor(source: string) {
    super(`another sync of ${JSON.stringify(source)} began meanwhile, or its KepSync was deleted: this one ends`);
    this.name = 'SyncLostError';
  }
}

/**
 * The mark of a sync on a server, the KepSync of its repository: a lease that is written before the first KEP, every ten seconds
 * while KEPs are brought, and behind the last. There is one sync of a repository at a time, since two that bring different commits would
 * leave a mixture. All its times are by the server's clock, as whoever reads it has another one than who wrote it.
 */
export class SyncMark {
  readonly #client: Client;
  readonly #meant: SyncMeant;
  readonly #lost = new AbortController();
  readonly #holder = randomUUID();
  readonly #begun: string;
  /** What the server's clock is ahead of what has elapsed. */
  readonly #aheadMs: number;
  #mark: KepSync;
  /** When the mark was last written, by what has elapsed. */
  #heardMs = 0;
  /** Writes come one after another. */
  #writing: Promise<void> = Promise.resolve();
  #stopRenewing = (): void => {};
  #isStopped = false;

  private constructor(client: Client, meant: SyncMeant, mark: KepSync, now: number) {
    this.#client = client;
    this.#meant = meant;
    this.#mark = mark;
    this.#aheadMs = now - meant.clock.elapsed();
    this.#begun = stampOf(new Date(now));
  }

  /**
   * Says that a sync begins, once no other one of the repository is under way.
   *
   * @throws StatusError what the server answers
   */
  static async begin(client: Client, meant: SyncMeant): Promise<SyncMark> {
    let told: string | undefined;
    for (;;) {
      const { items, now } = await readSyncs(client, meant);
      const before = items.find(({ metadata }) => metadata.name === nameOf(meant.source));
      const other = before && unfinishedOf(before, now);
      const news = other && `${other.begun} ${other.isUnderWay}`;
      if (other !== undefined && news !== told) meant.onOther?.(other);
      told = news;
      const mark = other?.isUnderWay ? undefined : await SyncMark.#take(client, meant, before, now);
      if (mark !== undefined) return mark;
      await sleep(LOOK_MS, meant.clock, meant.signal);
    }
  }

  /** Undefined: another sync was faster. */
  static async #take(
    client: Client,
    meant: SyncMeant,
    before: KepSync | undefined,
    now: number,
  ): Promise<SyncMark | undefined> {
    const { source, commit, keps } = meant;
    const { resourceVersion } = before?.metadata ?? {};
    const metadata = { name: nameOf(source), ...(resourceVersion && { resourceVersion }) };
    const spec = { source, keps, ...(commit !== undefined && { commit }) };
    try {
      const made = await client.apply<KepSync>({ ...KEP_SYNC_KIND, metadata, spec } as never, optionsOf(meant));
      // where there was none, nothing but its status tells who made it
      if (made.status?.holder !== before?.status?.holder) return undefined;
      const mark = new SyncMark(client, meant, made, now);
      await mark.#write(mark.#underWay(), meant.signal);
      mark.#renewLater();
      return mark;
    } catch (error) {
      if (isOvertaken(error)) return undefined;
      throw error;
    }
  }

  /** Aborted: it is the mark of another sync by now. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Makes sure that nobody took this sync for one that was cut off: whoever was paused for long writes nothing beside the next one.
   *
   * @throws SyncLostError
   * @throws StatusError what the server answers
   */
  async assure(): Promise<void> {
    while (this.#meant.clock.elapsed() - this.#heardMs >= UNSURE_MS) {
      this.#lost.signal.throwIfAborted();
      const before = this.#writing;
      await before;
      // one of those who ask does so for all
      if (before === this.#writing) await this.#renew();
    }
  }

  /** Says that it ended. @throws SyncLostError @throws StatusError what the server answers */
  async end(counts: SyncCounts): Promise<void> {
    const { refused, ...brought } = counts;
    const done = Object.entries(brought).map(([what, count]) => `${count} ${what}`);
    const message = `${done.join(', ')}${refused > 0 ? `; ${refused} not taken` : ''}`;
    await this.#stop();
    const ended = this.#now();
    const observedGeneration = this.#mark.metadata.generation!;
    const times = { holder: this.#holder, begun: this.#begun, renewed: ended, ended };
    const conditions = [this.#condition(ended, 'Synced', message)];
    await this.#rewrite({ observedGeneration, ...times, ...counts, conditions }, this.#meant.signal);
  }

  /** Says that it does not go on, so that nobody waits for it. Where that fails its silence tells it. */
  async cutOff(): Promise<void> {
    await this.#stop();
    const now = this.#now();
    const conditions = [this.#condition(now, CUT_OFF, 'It was ended before all KEPs were brought')];
    const status = { holder: this.#holder, begun: this.#begun, renewed: now, conditions };
    // the signal of the sync may be what ended it
    await this.#rewrite(status, AbortSignal.timeout(LAST_WORD_MS)).catch(() => {});
  }

  #renewLater(): void {
    this.#stopRenewing = this.#meant.clock.after(RENEW_MS, () => {
      // a request that fails may be followed by one that does not
      this.#renew().catch(() => {});
      void this.#writing.then(() => this.#lost.signal.aborted || this.#isStopped || this.#renewLater());
    });
  }

  #renew(): Promise<void> {
    const renewed = this.#writing.then(() => this.#rewrite(this.#underWay(), this.#meant.signal));
    this.#writing = renewed.catch(() => {});
    return renewed;
  }

  async #stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopRenewing();
    await this.#writing;
  }

  #underWay(): JsonObject {
    const conditions = [this.#condition(this.#begun, 'Syncing', `${this.#meant.keps} KEPs are being brought`)];
    return { holder: this.#holder, begun: this.#begun, renewed: this.#now(), conditions };
  }

  /** Writes also what somebody else has touched, as by a label, as long as it is the mark of this sync. @throws SyncLostError */
  async #rewrite(status: JsonObject, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      try {
        return await this.#write(status, signal);
      } catch (error) {
        if (!isOvertaken(error)) throw error;
        const { items } = await readSyncs(this.#client, { clock: this.#meant.clock, ...(signal && { signal }) });
        const mark = items.find((one) => one.status?.holder === this.#holder);
        if (mark === undefined) {
          this.#lost.abort(new SyncLostError(this.#meant.source));
          throw this.#lost.signal.reason;
        }
        this.#mark = mark;
      }
    }
  }

  async #write(status: JsonObject, signal: AbortSignal | undefined): Promise<void> {
    const { name, resourceVersion } = this.#mark.metadata;
    const mark = { ...KEP_SYNC_KIND, metadata: { name, resourceVersion }, status };
    const options = { fieldManager: FIELD_MANAGER, force: true, subresource: 'status', ...(signal && { signal }) };
    const sentMs = this.#meant.clock.elapsed();
    this.#mark = await this.#client.apply<KepSync>(mark as never, options);
    this.#heardMs = sentMs;
  }

  #condition(lastTransitionTime: string, reason: 'Syncing' | 'Synced' | typeof CUT_OFF, message: string): JsonObject {
    const status = reason === 'Synced' ? 'True' : 'False';
    const observedGeneration = this.#mark.metadata.generation ?? 0;
    return { type: 'Complete', status, observedGeneration, lastTransitionTime, reason, message };
  }

  #now(): string {
    return stampOf(new Date(this.#aheadMs + this.#meant.clock.elapsed()));
  }
}

/** A time as Kubernetes writes it. */
export function stampOf(now: Date): string {
  return now.toISOString().replace(/\.\d+Z$/, 'Z');
}

function optionsOf({ signal }: SyncMeant): { fieldManager: string; force: true; signal?: AbortSignal } {
  return { fieldManager: FIELD_MANAGER, force: true, ...(signal && { signal }) };
}

/** The object is another one than it was. */
function isOvertaken(error: unknown): boolean {
  return isStatusError(error, 'Conflict') || isStatusError(error, 'NotFound');
}

/** A label's value may have what no name has: then its bytes are the name. */
function nameOf(source: string): string {
  return /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(source) ? source : `source-${Buffer.from(source).toString('hex')}`;
}
