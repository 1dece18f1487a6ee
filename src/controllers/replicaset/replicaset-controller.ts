import { CoreEventRecorder } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { POD } from '../pods/pod.ts';
import { controllerKeysOf, PODS_BY_CONTROLLER } from '../pods/pods-by-controller.ts';
import { Expectations } from '../workload/expectations.ts';
import { OwnedPodEvents } from '../workload/owned-events.ts';
import { REPLICA_SET, type ReplicaSet } from './replica-set.ts';
import { ReplicaSetReconciler } from './reconcile.ts';

const NAME = 'replicaset-controller';

/** Keeps as many pods of each ReplicaSet as it asks for. */
export const replicaSetController: BuiltinController = {
  name: NAME,
  setUp({ manager, client, clock }) {
    const expectations = new Expectations(clock);
    const { store: sets } = manager.cache.informer(REPLICA_SET);
    const { store: pods } = manager.cache.informer(POD);
    manager.addIndex(POD, PODS_BY_CONTROLLER, controllerKeysOf);
    const events = new CoreEventRecorder(client, NAME, clock);
    const reconciler = new ReplicaSetReconciler({ client, clock, events, expectations, sets, pods });
    manager
      .controller(NAME, { maxConcurrentReconciles: 5 })
      .for(REPLICA_SET)
      .watches(
        POD,
        new OwnedPodEvents<ReplicaSet>(REPLICA_SET, sets, {
          created: ({ metadata }) => expectations.creationObserved(metadata.uid!),
          deleted: ({ metadata }, pod) => expectations.deletionObserved(metadata.uid!, pod.metadata.uid!),
        }),
      )
      .reconcile((key) => reconciler.reconcile(key));
  },
};
