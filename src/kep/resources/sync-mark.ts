import { isStatusError, type JsonObject, type KubeObject } from 'nekube/apimachinery';
import { type Client, isNoMatchError } from 'nekube/client';
import { FIELD_MANAGER, KEP_SYNC_KIND } from './definition.ts';

/** A sync that began and did not end: it still runs, or was cut off, and what is on the server may be a part of what it was to bring. */
export interface UnfinishedSync {
  /** The repository. */
  readonly source: string;
  /** When it began: `2026-07-24T23:57:50Z`. */
  readonly begun: string;
  /** How many KEPs it was to bring. */
  readonly keps: number;
  readonly commit?: string;
}

/** What a sync is to bring. */
export interface SyncMeant extends Omit<UnfinishedSync, 'begun'> {
  readonly now: () => Date;
  readonly signal?: AbortSignal;
}

/** What a sync did, as its mark has it. */
export interface SyncCounts {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly refused: number;
}

interface KepSync extends KubeObject {
  readonly spec?: { readonly source?: string; readonly commit?: string; readonly keps?: number };
  readonly status?: { readonly observedGeneration?: number; readonly begun?: string; readonly ended?: string };
}

/**
 * The mark of a sync on a server, the KepSync of its repository. It is written before the first KEP and once more behind the last: of a
 * process that was killed in between nothing else would tell.
 */
export class SyncMark {
  readonly #client: Client;
  readonly #meant: SyncMeant;
  readonly #begun: string;
  readonly #mark: KepSync;

  private constructor(client: Client, meant: SyncMeant, begun: string, mark: KepSync) {
    this.#client = client;
    this.#meant = meant;
    this.#begun = begun;
    this.#mark = mark;
  }

  /** Says that a sync begins. @throws StatusError what the server answers */
  static async begin(client: Client, meant: SyncMeant): Promise<SyncMark> {
    const { source, commit, keps, now } = meant;
    const begun = stampOf(now());
    const spec = { source, keps, ...(commit !== undefined && { commit }) };
    const mark = { ...KEP_SYNC_KIND, metadata: { name: nameOf(source) } };
    const written = (await client.apply({ ...mark, spec } as never, optionsOf(meant))) as KepSync;
    const status = { begun, conditions: [condition(written, begun, 'Syncing', `${keps} KEPs are being brought`)] };
    const marked = await client.apply({ ...mark, status } as never, { ...optionsOf(meant), subresource: 'status' });
    return new SyncMark(client, meant, begun, marked as KepSync);
  }

  /** Says that it ended, unless another one has begun meanwhile, which says so itself. @throws StatusError what the server answers */
  async end(counts: SyncCounts): Promise<void> {
    const { generation, name, resourceVersion } = this.#mark.metadata;
    const ended = stampOf(this.#meant.now());
    const { refused, ...brought } = counts;
    const done = Object.entries(brought).map(([what, count]) => `${count} ${what}`);
    const message = `${done.join(', ')}${refused > 0 ? `; ${refused} not taken` : ''}`;
    const status = {
      observedGeneration: generation,
      begun: this.#begun,
      ended,
      ...counts,
      conditions: [condition(this.#mark, ended, 'Synced', message)],
    };
    const mark = { ...KEP_SYNC_KIND, metadata: { name, resourceVersion }, status };
    try {
      await this.#client.apply(mark as never, { ...optionsOf(this.#meant), subresource: 'status' });
    } catch (error) {
      if (!isStatusError(error, 'Conflict') && !isStatusError(error, 'NotFound')) throw error;
    }
  }
}

/**
 * The syncs of a server that did not end; none where it does not know of syncs, or who asks may not list them.
 *
 * @throws StatusError what else the server answers
 */
export async function unfinishedSyncs(client: Client, signal?: AbortSignal): Promise<readonly UnfinishedSync[]> {
  try {
    const { items } = await client.list<KepSync>(KEP_SYNC_KIND, signal && { signal });
    return items.flatMap(({ metadata, spec = {}, status = {} }) => {
      if (status.ended !== undefined && status.observedGeneration === metadata.generation) return [];
      const { source = metadata.name!, commit, keps = 0 } = spec;
      const begun = status.begun ?? metadata.creationTimestamp ?? '';
      return [{ source, begun, keps, ...(commit !== undefined && { commit }) }];
    });
  } catch (error) {
    if (isNoMatchError(error) || isStatusError(error, 'Forbidden')) return [];
    throw error;
  }
}

/** A time as Kubernetes writes it. */
export function stampOf(now: Date): string {
  return now.toISOString().replace(/\.\d+Z$/, 'Z');
}

function optionsOf({ signal }: SyncMeant): { fieldManager: string; force: true; signal?: AbortSignal } {
  return { fieldManager: FIELD_MANAGER, force: true, ...(signal && { signal }) };
}

function condition(
  { metadata }: KepSync,
  lastTransitionTime: string,
  reason: 'Syncing' | 'Synced',
  message: string,
): JsonObject {
  const status = reason === 'Synced' ? 'True' : 'False';
  return {
    type: 'Complete',
    status,
    observedGeneration: metadata.generation ?? 0,
    lastTransitionTime,
    reason,
    message,
  };
}

/** A label's value may have what no name has: then its bytes are the name. */
function nameOf(source: string): string {
  return /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(source) ? source : `source-${Buffer.from(source).toString('hex')}`;
}
