import { isJsonObject, type JsonObject, type KubeObject } from 'nekube/apimachinery';
import { BATCH } from './batch.ts';
import { trialsOf } from './leaves.ts';

/** How long all that an audit tries probably takes, at least: an operator that is slow, or makes much, takes longer. */
export interface NeededTime {
  readonly kinds: readonly { readonly kind: string; readonly neededMs: number }[];
  /** For all of them. */
  readonly neededMs: number;
}

/** So often an operator that makes one object is acted on and waited for, besides for each value of the spec. */
const INTERVENTIONS = 60;
/** It is started, started anew, and started with what is old. */
const STARTS = 3;
/** What each takes besides the time that the operator must be quiet for. */
const EACH_MS = 100;
/** The first resource is looked at for so much longer. */
const SETTLE_MS = 5000;

/** Of a kind: what is known of it before anything was tried. */
export interface KindToTry {
  readonly kind: string;
  readonly sample: KubeObject;
  /** Of the spec; absent: the definition says nothing. */
  readonly schema?: JsonObject;
}

/**
 * How long kinds need by what they have in their specs.
 *
 * @param quietMs an operator that does nothing for so long is at rest
 * @param startMs how long its start took, with that of a control plane
 */
export function neededTime(kinds: readonly KindToTry[], quietMs: number, startMs: number): NeededTime {
  const told = kinds.map(({ kind, sample, schema }) => {
    const trials = trialsOf(isJsonObject(sample.spec) ? sample.spec : {}, schema);
    const specMs = Math.ceil(trials / BATCH) * (quietMs + EACH_MS);
    const restMs = INTERVENTIONS * (quietMs + EACH_MS) + SETTLE_MS + STARTS * startMs;
    // the spec has half of what is left
    return { kind, neededMs: Math.max(2 * specMs, specMs + restMs) };
  });
  return { kinds: told, neededMs: told.reduce((sum, { neededMs }) => sum + neededMs, 0) };
}
