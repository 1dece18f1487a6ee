import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { formatTime } from 'nekube/apimachinery';
import { MOST_AT_ONCE, type NewEntry, type Storage } from 'nekube/storage';

/** Stands in the recorded texts for an object's uid; it is as long. */
export const RECORDED_UID = '00000000-0000-4000-8000-000000000000';
/** Stands there for the time. */
export const RECORDED_TIME = '1999-12-31T23:59:59Z';

/**
 * What a server makes on a storage that is empty, recorded by the build (tools/fresh-cluster.mjs) from a server that made it
 * the long way: most of a start was to find out the same each time.
 */
export interface FreshCluster {
  /** Of the addresses that stand in some of the records. */
  readonly clusterIpRange: string;
  /** Key, the record's first four bytes as a number, and its text. */
  readonly records: readonly (readonly [key: string, head: number, text: string])[];
}

/** How a fresh cluster is to be. */
export interface FreshOptions {
  readonly now: Date;
  readonly clusterIpRange: string;
}

/**
 * Makes what every cluster has in a storage that has nothing, by few writes.
 *
 * @returns false if that is not so, or another server makes it at this moment: something may be there then, and the rest
 *   has to be made singly. So it is too for another range of addresses than the usual one.
 */
export async function makeFreshCluster(storage: Storage, { now, clusterIpRange }: FreshOptions): Promise<boolean> {
  const { entries: known } = await storage.range('', { limit: 1, mayLag: true });
  if (known.length > 0) return false;
  const fresh = recorded();
  if (fresh.records.length === 0 || fresh.clusterIpRange !== clusterIpRange) return false;
  const time = formatTime(now);
  const made = fresh.records.map(([key, head, text]): NewEntry => ({ key, value: valueOf(head, text, time) }));
  for (let at = 0; at < made.length; at += MOST_AT_ONCE)
    if (!(await storage.createAll(made.slice(at, at + MOST_AT_ONCE)))) return false;
  return true;
}

function valueOf(head: number, text: string, time: string): Buffer {
  const own = text.replace(RECORDED_UID, randomUUID()).replaceAll(RECORDED_TIME, time);
  const bytes = Buffer.allocUnsafe(4 + Buffer.byteLength(own));
  bytes.writeUInt32BE(head, 0);
  bytes.write(own, 4);
  return bytes;
}

function recorded(): FreshCluster {
  return JSON.parse(readFileSync(new URL('./fresh-cluster.json', import.meta.url), 'utf8')) as FreshCluster;
}
