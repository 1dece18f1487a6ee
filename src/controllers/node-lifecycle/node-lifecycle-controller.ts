import type { Kind } from 'nekube/client';
import { CoreEventRecorder } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { NODE } from '../nodes/node.ts';
import { swapTaints } from '../nodes/taints.ts';
import { keyOf } from '../object-key.ts';
import { POD, type Pod } from '../pods/pod.ts';
import { nodeNamesOf, PODS_BY_NODE } from '../pods/pods-by-node.ts';
import { missingLabels, noScheduleChanges } from './conditions.ts';
import { NodeMonitor } from './monitor.ts';
import { markNotReady } from './pods-not-ready.ts';

const NAME = 'node-lifecycle-controller';
const LEASE: Kind = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };

/** Finds nodes that are silent, and keeps pods off those that are not well, or has them leave. */
export const nodeLifecycleController: BuiltinController = {
  name: NAME,
  setUp({ manager, client, clock, settings }) {
    const { cache } = manager;
    const nodes = cache.informer(NODE);
    const pods = cache.informer(POD);
    const leases = cache.informer(LEASE);
    pods.addIndex(PODS_BY_NODE, nodeNamesOf);
    const events = new CoreEventRecorder(client, 'node-controller', clock);
    const log = manager.logger.with({ controller: NAME });
    const stores = { nodes: nodes.store, leases: leases.store, pods: pods.store };
    const monitor = new NodeMonitor({ client, clock, settings, events, log, ...stores });
    manager
      .controller(NAME, { maxConcurrentReconciles: 8 })
      .for(NODE)
      .reconcile(async (_key, { object: node }) => {
        if (node === undefined) return;
        const { add, remove } = noScheduleChanges(node);
        if (add.length + remove.length > 0) await swapTaints(client, node, { add, remove, now: clock.now() });
        const labels = missingLabels(node);
        if (Object.keys(labels).length === 0) return;
        await client.patch(NODE, { name: node.metadata.name! }, { strategic: { metadata: { labels } } as never });
      });
    manager
      .controller(`${NAME}-pods`, { maxConcurrentReconciles: 4 })
      .watches<Pod>(POD, {
        handle(event, queue) {
          const { object } = event;
          if (event.type === 'deleted' || !object.spec.nodeName) return;
          if (event.type === 'updated' && event.old.spec.nodeName === object.spec.nodeName) return;
          queue.add(keyOf(object));
        },
      })
      .reconcile(async (key) => {
        const pod = pods.store.get(key);
        if (pod?.spec.nodeName === undefined || !monitor.isDown(pod.spec.nodeName)) return;
        await markNotReady([pod], { client, events, now: clock.now() });
      });
    manager.add({
      name: `${NAME}-monitor`,
      async start(signal) {
        await Promise.all([nodes, pods, leases].map((informer) => informer.synced(signal))).catch(() => {});
        if (!signal.aborted) await monitor.run(signal);
      },
    });
  },
};
