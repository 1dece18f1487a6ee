import { isStatusError } from 'nekube/apimachinery';
import { type Client, isNoMatchError } from 'nekube/client';
import { idOf, keyOf, type Manifest } from '../pipeline/manifest.ts';
import { needsAmong } from '../pipeline/order.ts';
import { inParallel } from '../pipeline/parallel.ts';
import type { ApplyPlan } from './apply-plan.ts';
import { planApply, type PlanOptions } from './plan.ts';

/** A plan, and where the configuration stands. */
export interface ManifestPlan extends ApplyPlan {
  readonly place: string;
}

/** How many objects are planned for, and how many at the same time. */
export interface PlanAllOptions extends PlanOptions {
  readonly parallel: number;
  /** Told after each object. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Plans for all manifests, in their order. Each is planned for on its own, as the cluster is now: what is in a namespace or
 * of a kind that is among the manifests and not there yet would be created, which nobody can try before.
 */
export async function planManifests(
  client: Client,
  manifests: readonly Manifest[],
  options: PlanAllOptions,
): Promise<ManifestPlan[]> {
  const { parallel, onProgress, ...how } = options;
  const plans = new Map<Manifest, ApplyPlan>();
  await inParallel(
    manifests,
    parallel,
    async (manifest) => {
      plans.set(manifest, await planOrAbsence(client, manifest, how));
      onProgress?.(plans.size, manifests.length);
    },
    options.signal,
  );
  options.signal?.throwIfAborted();
  return promised(manifests, plans);
}

async function planOrAbsence(client: Client, { configuration }: Manifest, options: PlanOptions): Promise<ApplyPlan> {
  try {
    return await planApply(client, configuration, options);
  } catch (error) {
    if (!isNoMatchError(error)) throw error;
    return absent(configuration, options);
  }
}

/** Nobody serves the kind. */
function absent(configuration: Manifest['configuration'], { fieldManager }: PlanOptions): ApplyPlan {
  const none = { live: undefined, after: undefined, fields: [], warnings: [] };
  return { configuration, fieldManager, outcome: 'error', ...none };
}

function promised(manifests: readonly Manifest[], plans: ReadonlyMap<Manifest, ApplyPlan>): ManifestPlan[] {
  const needs = needsAmong(manifests);
  const coming = new Set(
    manifests
      .filter((manifest) => plans.get(manifest)!.outcome === 'created')
      .map(({ configuration }) => keyOf(idOf(configuration))),
  );
  return manifests.map((manifest) => {
    const plan = plans.get(manifest)!;
    const { place } = manifest;
    const isAbsence = plan.outcome === 'error' && (plan.error === undefined || isStatusError(plan.error, 'NotFound'));
    const need = isAbsence ? needs.of(manifest).find((key) => coming.has(key)) : undefined;
    if (need === undefined) return { ...plan, place };
    const message = 'what it is in, or of, would be created first: what the server makes of it can only be known then';
    const { error: _, ...rest } = plan;
    return { ...rest, place, outcome: 'created', warnings: [{ type: 'NotTried', message, paths: [] }] };
  });
}
