import type { FeedState } from './feed-state.ts';

/** What a lane needs of a feed. */
interface Waiting {
  readonly state: FeedState;
}

/** The feeds of a host, of which the last is the next, and how many workers are at them. */
export interface Lane<F> {
  readonly feeds: F[];
  workers: number;
}

/** Which host a worker is at: one that nobody is at, sound and long ones first; else one that may have another worker. */
export class Lanes<F extends Waiting> {
  readonly #untouched: Lane<F>[];
  readonly #shared: Lane<F>[] = [];
  readonly #perHost: number;

  constructor(feeds: readonly F[], perHost: number) {
    const byHost = groupByHost(feeds);
    const lanes = [...byHost.values()].map((list) => ({ feeds: [...list].sort(byFailures), workers: 0 }));
    this.#untouched = lanes.sort((a, b) => troubleOf(b) - troubleOf(a) || a.feeds.length - b.feeds.length);
    this.#perHost = perHost;
  }

  /** The host to go on with, or undefined when there is nothing left that may be begun. */
  next(current: Lane<F> | undefined): Lane<F> | undefined {
    if (current !== undefined && current.feeds.length > 0) return current;
    if (current !== undefined) current.workers--;
    const lane = this.#untouched.pop() ?? this.#joinable();
    if (lane === undefined) return undefined;
    lane.workers++;
    if (lane.workers === 1 && this.#perHost > 1) this.#shared.push(lane);
    return lane;
  }

  #joinable(): Lane<F> | undefined {
    while (this.#shared.length > 0) {
      const lane = this.#shared.at(-1)!;
      if (lane.feeds.length > 0 && lane.workers < this.#perHost) return lane;
      this.#shared.pop();
    }
    return undefined;
  }
}

function groupByHost<F extends Waiting>(feeds: readonly F[]): Map<string, F[]> {
  const lanes = new Map<string, F[]>();
  for (const feed of feeds) {
    const host = hostOf(feed.state.url);
    const lane = lanes.get(host);
    if (lane === undefined) lanes.set(host, [feed]);
    else lane.push(feed);
  }
  return lanes;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}

/** Those that failed stand first, so that they are polled last. */
function byFailures(a: Waiting, b: Waiting): number {
  return b.state.failures - a.state.failures;
}

/** How often the soundest feed of a host failed. */
function troubleOf({ feeds }: Lane<Waiting>): number {
  return feeds.at(-1)!.state.failures;
}
