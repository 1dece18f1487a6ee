import { labelSelectorFromObject } from 'nekube/apimachinery';
import type { ObjectKey } from 'nekube/client';
import { CoreEventRecorder, type ReconcileResult } from 'nekube/controller';
import type { BuiltinController, ControllerSetup } from '../builtin-controller.ts';
import { POD, type Pod } from '../pods/pod.ts';
import { controllerKeysOf, PODS_BY_CONTROLLER, podsOwnedBy } from '../pods/pods-by-controller.ts';
import { isNamespaceTerminating } from '../pods/pod-control.ts';
import { REPLICA_SET } from '../replicaset/replica-set.ts';
import { claimObjects } from '../workload/claim.ts';
import { DEPLOYMENT } from './deployment.ts';
import { DeploymentSync } from './deployment-sync.ts';
import { type DeploymentStores, PodEvents, ReplicaSetEvents } from './events.ts';

const NAME = 'deployment-controller';

/** Rolls out what Deployments ask for: a ReplicaSet for each template, of which the current one comes to have all pods. */
export const deploymentController: BuiltinController = {
  name: NAME,
  setUp(setup) {
    const { manager } = setup;
    const { store: deployments } = manager.cache.informer(DEPLOYMENT);
    const { store: sets } = manager.cache.informer(REPLICA_SET);
    const { store: pods } = manager.cache.informer(POD);
    manager.addIndex(POD, PODS_BY_CONTROLLER, controllerKeysOf);
    const stores = { deployments, sets, pods };
    const reconcile = reconciler(setup, stores);
    manager
      .controller(NAME, { maxConcurrentReconciles: 5 })
      .for(DEPLOYMENT)
      .watches(REPLICA_SET, new ReplicaSetEvents(deployments))
      .watches(POD, new PodEvents(stores))
      .reconcile(reconcile);
  },
};

function reconciler(
  { client, clock }: ControllerSetup,
  stores: DeploymentStores,
): (key: ObjectKey) => Promise<ReconcileResult | undefined> {
  const events = new CoreEventRecorder(client, NAME, clock);
  return async (key) => {
    const deployment = stores.deployments.get(key);
    if (deployment === undefined) return undefined;
    const { namespace } = key;
    const selector = labelSelectorFromObject(deployment.spec.selector);
    const all = stores.sets.list(namespace);
    const sets = await claimObjects(client, { owner: deployment, selector, kind: REPLICA_SET }, all);
    const uids = new Set(sets.map(({ metadata }) => metadata.uid));
    const pods = (): readonly Pod[] => podsOwnedBy(stores.pods, uids);
    try {
      return await new DeploymentSync({ client, events, now: clock.now(), deployment, sets, pods }).run();
    } catch (error) {
      // nothing can be made there any more
      if (isNamespaceTerminating(error)) return undefined;
      throw error;
    }
  };
}
