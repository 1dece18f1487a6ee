import type { JwtProvider } from '../../model/index.ts';
import { HeaderList } from '../http/header-list.ts';
import type { PlaneContext } from '../proxy/context.ts';
import { type Asked, ask } from '../proxy/ask.ts';
import { type KeySet, readKeySet } from './key-set.ts';

/** Hears of a provider's keys; undefined: there are none. */
type Got = (keys: KeySet | undefined) => void;

const FETCH_TIMEOUT_MS = 10_000;
const DEFAULT_CACHE_MS = 300_000;
/** After a fetch that failed. */
const AGAIN_MS = 1_000;

const sources = new WeakMap<JwtProvider['keys'], KeySource>();

/** Where a provider's keys come from, as long as the model says the same of it. */
export function keySourceOf(keys: JwtProvider['keys']): KeySource {
  let source = sources.get(keys);
  if (source === undefined) {
    source = keys.type === 'Local' ? new LocalKeys(readKeySet(keys.jwks)) : new RemoteKeys(keys);
    sources.set(keys, source);
  }
  return source;
}

/** Gives keys, at once where it has them. */
export interface KeySource {
  get(plane: PlaneContext, got: Got): void;
}

class LocalKeys implements KeySource {
  readonly #keys: KeySet | undefined;

  constructor(keys: KeySet | undefined) {
    this.#keys = keys;
  }

  get(_plane: PlaneContext, got: Got): void {
    got(this.#keys);
  }
}

/**
 * Keys of a URL: fetched once for all who wait, and kept for their time. Those that were there stay good while a new fetch
 * fails: who signs tokens may be away for a while.
 */
class RemoteKeys implements KeySource {
  readonly #from: Extract<JwtProvider['keys'], { type: 'Remote' }>;
  #keys: KeySet | undefined;
  #until = Number.NEGATIVE_INFINITY;
  #waiting: Got[] | undefined;

  constructor(from: Extract<JwtProvider['keys'], { type: 'Remote' }>) {
    this.#from = from;
  }

  get(plane: PlaneContext, got: Got): void {
    if (plane.sweeper.now < this.#until) got(this.#keys);
    else if (this.#waiting !== undefined) this.#waiting.push(got);
    else {
      this.#waiting = [got];
      this.#fetch(plane);
    }
  }

  #fetch(plane: PlaneContext): void {
    const { uri, backend } = this.#from;
    const cluster = plane.clusters.get(backend);
    if (cluster === undefined || !URL.canParse(uri)) return this.#fetched(plane, undefined);
    const { host, pathname, search } = new URL(uri);
    const message = { method: 'GET', authority: host, path: pathname + search, headers: new HeaderList() };
    ask(cluster, message, Buffer.alloc(0), FETCH_TIMEOUT_MS, (asked) => this.#fetched(plane, asked));
  }

  /** Each who waits is told, whatever one of them does with it. */
  #fetched(plane: PlaneContext, asked: Asked | undefined): void {
    const { cacheMs = DEFAULT_CACHE_MS } = this.#from;
    const keys = asked?.status === 200 ? readKeySet(asked.body.toString('utf8')) : undefined;
    this.#until = plane.sweeper.now + (keys === undefined ? AGAIN_MS : cacheMs);
    this.#keys = keys ?? this.#keys;
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const got of waiting) {
      try {
        got(this.#keys);
      } catch (error) {
        plane.onError(error);
      }
    }
  }
}
