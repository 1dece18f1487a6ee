import type { BuiltinController } from '../builtin-controller.ts';
import { aggregatedRules } from './aggregate.ts';

const CLUSTER_ROLE = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' };

/** Fills ClusterRoles that are made of others: `admin`, `edit` and `view` with what labels add to them, and one's own. */
export const clusterRoleAggregationController: BuiltinController = {
  name: 'clusterrole-aggregation-controller',
  setUp({ manager, client }) {
    const informer = manager.cache.informer(CLUSTER_ROLE);
    // there are few of them, and which depend on which is for the selectors to say
    const dependents = () =>
      informer.store
        .list()
        .filter(({ aggregationRule }) => aggregationRule)
        .map(({ metadata }) => ({ name: metadata.name! }));
    manager
      .controller(this.name)
      .watches(CLUSTER_ROLE, dependents)
      .reconcile(async ({ name }, { signal }) => {
        const role = informer.store.get({ name });
        const rules = role && aggregatedRules(role, informer.store.list());
        if (rules === undefined) return;
        await client.apply(
          { ...CLUSTER_ROLE, metadata: { name }, rules },
          { fieldManager: this.name, force: true, signal },
        );
      });
  },
};
