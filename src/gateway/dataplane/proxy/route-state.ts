import type { Forward, HttpRoute, Mirror, RouteSettings } from '../../model/index.ts';
import { RateCounter } from '../filters/rate-limit.ts';
import { FractionSpread, WeightedSpread } from '../filters/spread.ts';

/*
 * What is counted for a part of the model, as long as it is the same object: a change elsewhere begins nothing anew.
 */
const weights = new WeakMap<Forward, WeightedSpread>();
const fractions = new WeakMap<Mirror, FractionSpread>();
const counters = new WeakMap<RouteSettings, readonly RateCounter[]>();
const names = new WeakMap<HttpRoute, boolean>();

/** The spread of a forward's weights. */
export function weightsOf(forward: Forward): WeightedSpread {
  return remembered(weights, forward, () => new WeightedSpread(forward.backends));
}

/** Whether this request is one of those that are mirrored. */
export function takesMirror(mirror: Mirror): boolean {
  const { fraction } = mirror;
  if (fraction === undefined) return true;
  return remembered(fractions, mirror, () => new FractionSpread(fraction)).take();
}

/** The counters of a route's rate limits. */
export function countersOf(settings: RouteSettings): readonly RateCounter[] {
  return remembered(counters, settings, () => (settings.localRateLimits ?? []).map((limit) => new RateCounter(limit)));
}

/** Whether nothing of a route is done before its action: the short way. */
export function isPlain(route: HttpRoute): boolean {
  return remembered(
    names,
    route,
    () => route.cors === undefined && route.externalAuth === undefined && route.settings === undefined,
  );
}

function remembered<K extends object, V>(map: WeakMap<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
