import type { Client } from 'nekube/client';
import { KEP_KIND } from 'nekube/kep';
import { type ChangedKep, itemsOfKeps } from '../sources/kep-items.ts';
import { asFeed, type ReadSource } from './source.ts';

/** So many changes are looked at, the newest. */
const LIMIT = 500;

/** Reads what changed in the Keps of the server; they are brought there by `nekube kep sync`. */
export function kepSource(client: Client): ReadSource {
  return async (_, __, signal) => {
    const keps: ChangedKep[] = [];
    try {
      for await (const kep of client.pages<ChangedKep>(KEP_KIND, { limit: 50, signal }))
        keps.push({ ...kep, spec: { number: kep.spec.number, title: kep.spec.title, path: kep.spec.path } });
    } catch (error) {
      signal.throwIfAborted();
      const message = `${(error as Error).message}; "nekube kep sync" brings KEPs to this server`;
      return { kind: 'failed', reason: 'NotAFeed', message };
    }
    const feed = asFeed('Kubernetes Enhancement Proposals: changes', itemsOfKeps(keps).slice(0, LIMIT));
    return { kind: 'read', feed, permanentUrl: '', bodyHash: '' };
  };
}
