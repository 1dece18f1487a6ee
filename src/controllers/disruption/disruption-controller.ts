import { labelSelectorFromObject } from 'nekube/apimachinery';
import { CoreEventRecorder } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { keyOf } from '../object-key.ts';
import { POD, type Pod } from '../pods/pod.ts';
import { BUDGET } from './budget.ts';
import { BudgetReconciler } from './reconcile.ts';
import {
  REPLICATION_CONTROLLER,
  ScaleFinder,
  SIZED_DEPLOYMENT,
  SIZED_REPLICA_SET,
  SIZED_STATEFUL_SET,
} from './scale-finder.ts';
import { staleAfterMs, takeBackTarget } from './stale-targets.ts';

const NAME = 'disruption-controller';

/** Says in PodDisruptionBudgets how many of their pods may be evicted, which the API server holds to. */
export const disruptionController: BuiltinController = {
  name: NAME,
  setUp({ manager, client, clock }) {
    const { cache } = manager;
    const { store: budgets } = cache.informer(BUDGET);
    const { store: pods } = cache.informer(POD);
    const events = new CoreEventRecorder(client, 'controllermanager', clock);
    const scales = new ScaleFinder(client, {
      replicationControllers: cache.informer(REPLICATION_CONTROLLER).store,
      replicaSets: cache.informer(SIZED_REPLICA_SET).store,
      deployments: cache.informer(SIZED_DEPLOYMENT).store,
      statefulSets: cache.informer(SIZED_STATEFUL_SET).store,
    });
    const reconciler = new BudgetReconciler({ client, clock, events, budgets, pods, scales });
    manager
      .controller(NAME, { maxConcurrentReconciles: 1 })
      .for(BUDGET)
      .watches<Pod>(POD, {
        handle({ object: pod }, queue) {
          const { namespace, name, labels } = pod.metadata;
          const all = budgets.list(namespace);
          const [first, second] = all.filter(({ spec }) => labelSelectorFromObject(spec.selector).matches(labels));
          if (first === undefined) return;
          if (second !== undefined) {
            const told = `Pod ${JSON.stringify(namespace)}/${JSON.stringify(name)} matches multiple PodDisruptionBudgets.  Chose ${JSON.stringify(first.metadata.name)} arbitrarily.`;
            events.record(pod, 'Warning', 'MultiplePodDisruptionBudgets', told);
          }
          queue.add(keyOf(first));
        },
      })
      .reconcile((key) => reconciler.reconcile(key));
    manager
      .controller(`${NAME}-pods`, { maxConcurrentReconciles: 1 })
      .watches<Pod>(POD, {
        handle({ type, object: pod }, queue) {
          const afterMs = type === 'deleted' ? undefined : staleAfterMs(pod, clock.now());
          if (afterMs !== undefined) queue.add(keyOf(pod), { afterMs });
        },
      })
      .reconcile((key) => takeBackTarget({ client, clock, pods }, key));
  },
};
