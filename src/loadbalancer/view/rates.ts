import type { CounterName } from '../datapath/maps.ts';
import type { FrontendTraffic } from '../datapath/readings.ts';
import type { FrontendView } from './frontends.ts';

/** What was counted at a time. */
export interface Reading {
  /** Milliseconds. */
  readonly at: number;
  readonly frontends: readonly (FrontendView & { readonly traffic: FrontendTraffic })[];
  readonly counters: Readonly<Record<CounterName, number>>;
}

/** What comes to a frontend each second. */
export interface FrontendRate {
  readonly frontend: FrontendView;
  readonly packetsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** What happened between two readings, each second. */
export interface Rates {
  /** Those with most bytes first; frontends to which nothing came are left out. */
  readonly frontends: readonly FrontendRate[];
  /** By counters that are not zero, the most frequent first. */
  readonly counters: readonly { readonly name: string; readonly perSecond: number }[];
}

/** What happened between two readings. What began to count anew meanwhile counts from zero. Pure. */
export function ratesOf(before: Reading, after: Reading): Rates {
  const seconds = Math.max(0.001, (after.at - before.at) / 1000);
  const earlier = new Map(before.frontends.map((one) => [`${one.key} ${one.counter}`, one.traffic]));
  const frontends = after.frontends.map((frontend): FrontendRate => {
    const { traffic } = frontend;
    const was = earlier.get(`${frontend.key} ${frontend.counter}`);
    return {
      frontend,
      packetsPerSecond: risen(was?.packets, traffic.packets) / seconds,
      bytesPerSecond: risen(was?.bytes, traffic.bytes) / seconds,
    };
  });
  const counters = (Object.entries(after.counters) as [CounterName, number][]).map(([name, value]) => ({
    name,
    perSecond: risen(before.counters[name], value) / seconds,
  }));
  return {
    frontends: frontends
      .filter(({ packetsPerSecond }) => packetsPerSecond > 0)
      .sort((a, b) => b.bytesPerSecond - a.bytesPerSecond),
    counters: counters.filter(({ perSecond }) => perSecond > 0).sort((a, b) => b.perSecond - a.perSecond),
  };
}

function risen(before = 0, after: number): number {
  return after < before ? after : after - before;
}
