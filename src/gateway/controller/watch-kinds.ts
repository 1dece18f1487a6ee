import { isStatusError } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { Manager } from 'nekube/controller';
import { isLookedAt, kindsChanged, type ServedKinds, servedKinds } from './served-kinds.ts';

const DEFINITION: Kind = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
/** A server may serve a kind a moment after its definition says so. */
const LATER_MS = 2000;
const LATE_MS = 30_000;

/**
 * Calls once the cluster serves other kinds than those that are watched, with what has changed. Where definitions may not be listed
 * it is never called, and the log says so.
 */
export async function watchKinds(
  manager: Manager,
  watched: ServedKinds,
  onOtherKinds: (changes: readonly string[]) => void,
): Promise<void> {
  const { client, clock, logger } = manager;
  try {
    await client.list(DEFINITION, { limit: 1, metadataOnly: true });
  } catch (error) {
    if (!isStatusError(error, 'Forbidden')) throw error;
    logger.info('kinds that are installed later need a restart: customresourcedefinitions may not be listed');
    return;
  }
  let lastEventMs = 0;
  manager
    .controller('gateway-kinds', { leaderElected: false })
    .watches(
      DEFINITION,
      ({ metadata }) => {
        if (!isLookedAt(metadata.name ?? '')) return [];
        lastEventMs = clock.now();
        return [{ name: 'kinds' }];
      },
      { metadataOnly: true },
    )
    .reconcile(async () => {
      const changes = kindsChanged(watched, await servedKinds(client));
      if (changes.length > 0) onOtherKinds(changes);
      else if (clock.now() - lastEventMs < LATE_MS) return { requeueAfterMs: LATER_MS };
      return undefined;
    });
}
