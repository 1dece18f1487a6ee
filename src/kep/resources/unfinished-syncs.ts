import { json } from 'node:stream/consumers';
import { isStatusError, type JsonObject, type KubeObject } from 'nekube/apimachinery';
import { type Client, type Clock, isNoMatchError, type ObjectList, systemClock } from 'nekube/client';
import { KEP_SYNC_KIND } from './definition.ts';

/** A sync that began and did not end: what is on the server may be a part of what it was to bring. Times are by the server's clock. */
export interface UnfinishedSync {
  /** The repository. */
  readonly source: string;
  /** When it began: `2026-07-24T23:57:50Z`. */
  readonly begun: string;
  /** When it last said that it goes on. */
  readonly renewed: string;
  /** False: it was cut off, as it said itself, or as is told by nothing having been heard of it for 40 seconds. */
  readonly isUnderWay: boolean;
  /** How many KEPs it was to bring. */
  readonly keps: number;
  readonly commit?: string;
}

/** The mark of a sync on a server. */
export interface KepSync extends KubeObject {
  readonly spec?: { readonly source?: string; readonly commit?: string; readonly keps?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly holder?: string;
    readonly begun?: string;
    readonly renewed?: string;
    readonly ended?: string;
    readonly conditions?: readonly JsonObject[];
  };
}

/** The reason of a condition of a sync that said itself that it does not go on. */
export const CUT_OFF = 'CutOff';

/** A sync of which nothing was heard for so long is taken to be cut off, as a node by its Lease. */
const SILENT_MS = 40_000;

/**
 * The syncs of a server that did not end; none where it does not know of syncs, or who asks may not list them.
 *
 * @throws StatusError what else the server answers
 */
export async function unfinishedSyncs(client: Client, signal?: AbortSignal): Promise<readonly UnfinishedSync[]> {
  try {
    const { items, now } = await readSyncs(client, { ...(signal && { signal }) });
    return items.flatMap((sync) => unfinishedOf(sync, now) ?? []);
  } catch (error) {
    if (isNoMatchError(error) || isStatusError(error, 'Forbidden')) return [];
    throw error;
  }
}

/**
 * The marks of all syncs, and the time by the server's clock, which is that of the marks as well: clocks of machines differ, and an age
 * by two of them tells nothing. Of a server that does not say its time `clock` is taken.
 *
 * @throws NoMatchError: the server does not know of syncs
 * @throws StatusError what else the server answers
 */
export async function readSyncs(
  client: Client,
  { clock = systemClock, signal }: { readonly clock?: Clock; readonly signal?: AbortSignal },
): Promise<{ readonly items: readonly KepSync[]; readonly now: number }> {
  const { apiVersion, resource } = await client.served(KEP_SYNC_KIND);
  const { headers, body } = await client.open({
    method: 'GET',
    path: `/apis/${apiVersion}/${resource}`,
    headers: { accept: 'application/json' },
    ...(signal && { signal }),
  });
  const { items } = (await json(body)) as ObjectList<KepSync>;
  const now = Date.parse(String(headers['date']));
  return { items, now: Number.isNaN(now) ? clock.now() : now };
}

/** What is known of a sync that did not end; undefined: it did. @param now milliseconds, by the server's clock */
export function unfinishedOf({ metadata, spec = {}, status = {} }: KepSync, now: number): UnfinishedSync | undefined {
  const { begun = metadata.creationTimestamp ?? '', ended, observedGeneration, conditions = [] } = status;
  if (ended !== undefined && observedGeneration === metadata.generation) return undefined;
  const { source = metadata.name!, commit, keps = 0 } = spec;
  const { renewed = begun } = status;
  const hasSaidSo = conditions.some(({ type, reason }) => type === 'Complete' && reason === CUT_OFF);
  const isUnderWay = !hasSaidSo && now - Date.parse(renewed) < SILENT_MS;
  return { source, begun, renewed, isUnderWay, keps, ...(commit !== undefined && { commit }) };
}
