import type { RateLimit } from '../../model/index.ts';
import { compileRegexp } from 'nekube/apimachinery';
import { offWire } from '../http/wire-text.ts';
import type { HeaderLookup } from '../router/index.ts';
import { inNetwork } from './network.ts';

const PERIOD_MS = { Second: 1000, Minute: 60_000, Hour: 3_600_000, Day: 86_400_000 };
/** Of values that count for themselves; those that were not seen for longest are forgotten. */
const MOST_BUCKETS = 10_000;

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Counts the requests of a kind by buckets of tokens, as Envoy's local rate limit: one bucket for each distinct client. */
export class RateCounter {
  readonly #limit: RateLimit;
  readonly #perMs: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limit: RateLimit) {
    this.#limit = limit;
    this.#perMs = PERIOD_MS[limit.per];
  }

  /** Whether a request may go on; `now` in ms. */
  allows(headers: HeaderLookup, client: string, now: number): boolean {
    const key = keyOf(this.#limit, headers, client);
    if (key === undefined) return true;
    const bucket = this.#bucketOf(key, now);
    // filled at once when a period is over, as Envoy does
    if (now - bucket.filledAt >= this.#perMs) {
      bucket.filledAt = now;
      bucket.tokens = this.#limit.requests;
    }
    if (bucket.tokens <= 0) return false;
    bucket.tokens--;
    return true;
  }

  #bucketOf(key: string, now: number): Bucket {
    const known = this.#buckets.get(key);
    if (known !== undefined) {
      // the map's order is that of last use
      this.#buckets.delete(key);
      this.#buckets.set(key, known);
      return known;
    }
    if (this.#buckets.size >= MOST_BUCKETS) this.#buckets.delete(this.#buckets.keys().next().value!);
    const bucket = { tokens: this.#limit.requests, filledAt: now };
    this.#buckets.set(key, bucket);
    return bucket;
  }
}

/** What a request counts for; undefined: the limit is not about it. */
function keyOf({ headers: wanted, clientCidr }: RateLimit, headers: HeaderLookup, client: string): string | undefined {
  let key = '';
  for (const one of wanted ?? []) {
    const bytes = headers.get(one.name);
    if (bytes === undefined) return undefined;
    const value = offWire(bytes);
    if (one.type === 'Distinct') key += `${value}\0`;
    else if (one.type === 'Exact' ? value !== one.value : !compileRegexp(one.value).matches(value)) {
      return undefined;
    }
  }
  if (clientCidr === undefined) return key;
  if (!inNetwork(clientCidr.cidr, client)) return undefined;
  return clientCidr.distinct ? `${key}${client}` : key;
}
