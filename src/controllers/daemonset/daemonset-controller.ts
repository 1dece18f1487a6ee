import { CoreEventRecorder } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { NODE } from '../nodes/node.ts';
import { POD } from '../pods/pod.ts';
import { controllerKeysOf, PODS_BY_CONTROLLER } from '../pods/pods-by-controller.ts';
import { nodeNamesOf, PODS_BY_NODE } from '../pods/pods-by-node.ts';
import { CONTROLLER_REVISION } from '../workload/controller-revision.ts';
import { Expectations } from '../workload/expectations.ts';
import { OwnedPodEvents } from '../workload/owned-events.ts';
import { DAEMON_SET, type DaemonSet } from './daemon-set.ts';
import { NodeEvents, RevisionEvents } from './events.ts';
import { DaemonSetReconciler } from './reconcile.ts';

const NAME = 'daemonset-controller';

/** Keeps a pod of each DaemonSet on each node that it is for. */
export const daemonSetController: BuiltinController = {
  name: NAME,
  setUp({ manager, client, clock }) {
    manager.addIndex(POD, PODS_BY_NODE, nodeNamesOf);
    manager.addIndex(POD, PODS_BY_CONTROLLER, controllerKeysOf);
    const expectations = new Expectations(clock);
    const { store: sets } = manager.cache.informer(DAEMON_SET);
    const { store: pods } = manager.cache.informer(POD);
    const { store: nodes } = manager.cache.informer(NODE);
    const { store: revisions } = manager.cache.informer(CONTROLLER_REVISION);
    const events = new CoreEventRecorder(client, NAME, clock);
    const reconciler = new DaemonSetReconciler({ client, clock, events, expectations, sets, pods, nodes, revisions });
    const podEvents = new OwnedPodEvents<DaemonSet>(DAEMON_SET, sets, {
      created: ({ metadata }) => expectations.creationObserved(metadata.uid!),
      deleted: ({ metadata }, pod) => expectations.deletionObserved(metadata.uid!, pod.metadata.uid!),
    });
    manager
      .controller(NAME, { maxConcurrentReconciles: 2 })
      .for(DAEMON_SET)
      .watches(POD, podEvents)
      .watches(NODE, new NodeEvents(sets, pods))
      .watches(CONTROLLER_REVISION, new RevisionEvents(sets))
      .reconcile((key) => reconciler.reconcile(key));
  },
};
