import type { BackendFilters, Forward, WeightedBackend } from '../../../model/index.ts';

/** What a route does with a share of its requests. */
export interface Choice {
  /** Chosen by weight among each other; of none the request fails. */
  readonly backends: readonly WeightedBackend[];
  /** The filters of the one backend, where they are more than Envoy can do for one of several. */
  readonly filters?: BackendFilters;
  /** The share of this choice and those before it, of a million; absent: what is left. */
  readonly upTo?: number;
}

const MILLION = 1_000_000;

/**
 * How a forward is made of Envoy's routes, which are tried in turn. One is enough if all that its backends differ in are
 * weights, headers and hosts. Otherwise each backend has a route of its own, taken by a fraction: Envoy draws one random number
 * for a request and asks it for each fraction, so that growing fractions divide it without overlap, also for a retry.
 */
export function choicesOf(forward: Forward): readonly Choice[] {
  const backends = forward.backends.filter((backend) => backend.weight > 0);
  if (backends.length < 2) {
    const only = backends[0];
    return [{ backends, ...(only?.filters && { filters: only.filters }) }];
  }
  if (!backends.some(needsOwnRoute)) return [{ backends }];
  const total = backends.reduce((sum, { weight }) => sum + weight, 0);
  let before = 0;
  return backends.map((backend, index) => {
    before += backend.weight;
    const upTo = Math.round((before / total) * MILLION);
    return {
      backends: [backend],
      ...(backend.filters && { filters: backend.filters }),
      ...(index < backends.length - 1 && { upTo }),
    };
  });
}

function needsOwnRoute({ backend, filters }: WeightedBackend): boolean {
  if (backend === undefined) return true;
  if (filters === undefined) return false;
  const { rewrite, redirect, mirrors, cors, externalAuth } = filters;
  return [rewrite?.path, redirect, mirrors, cors, externalAuth].some((filter) => filter !== undefined);
}
