import { namesOf, resourceList, sameAmounts } from 'nekube/quota';
import type { EventHandler, RequestQueue } from 'nekube/controller';
import type { ObjectKey } from 'nekube/client';
import type { BuiltinController } from '../builtin-controller.ts';
import { keyOf } from '../object-key.ts';
import { resyncSource } from '../resync.ts';
import { CountedResources, evaluatorsOf } from './counted-resources.ts';
import { isReplenishing } from './replenish.ts';
import { RESOURCE_QUOTA, type ResourceQuota, statusOf } from './usage.ts';

const NAME = 'resourcequota-controller';

/** Counts what is used in namespaces with quotas: at first, when something is used no more, and all of it now and then. */
export const resourceQuotaController: BuiltinController = {
  name: NAME,
  setUp({ manager, client, clock, settings }) {
    const { store: quotas } = manager.cache.informer(RESOURCE_QUOTA);
    let queue: RequestQueue<ObjectKey> | undefined;
    const now = (): Date => new Date(clock.now());
    const counted = new CountedResources({
      client,
      clock,
      log: manager.logger.with({ controller: NAME }),
      informer: (kind) => manager.cache.informer(kind),
      onChange({ resource, object, old }) {
        if (old !== undefined && !isReplenishing(resource, object, old, now())) return;
        const { namespace } = object.metadata;
        const meant = quotas.list(namespace).filter(({ status }) => counts(status?.hard, resource));
        for (const one of meant) queue?.add(keyOf(one));
      },
    });
    manager
      .controller(NAME, { maxConcurrentReconciles: 5 })
      .watches(RESOURCE_QUOTA, QUOTA_EVENTS)
      .source({
        name: 'what is used',
        async start(own, signal) {
          queue = own;
          void counted.run(signal);
        },
      })
      .source(
        resyncSource({ clock, periodMs: settings.resourceQuotaSyncPeriodMs, keys: () => quotas.list().map(keyOf) }),
      )
      .reconcile(async (key, { signal }) => {
        const quota = quotas.get(key);
        if (quota === undefined) return;
        const names = namesOf(resourceList(quota.spec.hard));
        const objects = await counted.inNamespace(key.namespace!, names, signal);
        const status = statusOf(quota, objects, now());
        if (status === undefined) return;
        await client.update<ResourceQuota>({ ...RESOURCE_QUOTA, ...quota, status }, { subresource: 'status', signal });
      });
  },
};

/** What the server counts when it admits something is not counted again. */
const QUOTA_EVENTS: EventHandler<ResourceQuota> = {
  handle(event, queue) {
    if (
      event.type === 'updated' &&
      sameAmounts(resourceList(event.old.spec.hard), resourceList(event.object.spec.hard))
    )
      return;
    queue.add(keyOf(event.object));
  },
};

function counts(hard: Record<string, string> | undefined, resource: string): boolean {
  return evaluatorsOf(Object.keys(hard ?? {})).has(resource);
}
