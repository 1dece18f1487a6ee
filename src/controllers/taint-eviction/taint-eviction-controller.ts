import { type JsonValue, jsonEqual } from 'nekube/apimachinery';
import type { Taint, Toleration } from 'nekube/component-helpers';
import { CoreEventRecorder, type EventHandler } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { type Node, NODE } from '../nodes/node.ts';
import { keyOf } from '../object-key.ts';
import { POD, type Pod } from '../pods/pod.ts';
import { nodeNamesOf, PODS_BY_NODE } from '../pods/pods-by-node.ts';
import { nextPlan } from './decide.ts';
import { Evictions } from './evictions.ts';

const NAME = 'taint-eviction-controller';

/** Has pods leave nodes with taints that they do not tolerate, or not for so long. */
export const taintEvictionController: BuiltinController = {
  name: NAME,
  setUp({ manager, client, clock }) {
    const pods = manager.cache.informer(POD);
    pods.addIndex(PODS_BY_NODE, nodeNamesOf);
    const { store: nodes } = manager.cache.informer(NODE);
    const events = new CoreEventRecorder(client, NAME, clock);
    const log = manager.logger.with({ controller: NAME });
    const evictions = new Evictions({ client, clock, events, log });
    const seeTo = (pod: Pod, taints: readonly Taint[]): void => {
      const key = keyOf(pod);
      const next = nextPlan(taints, tolerationsOf(pod), { known: evictions.planOf(key), now: clock.now() });
      if (next.change === 'keep') return;
      evictions.cancel(key);
      if (next.change === 'plan') evictions.plan(key, next.plan);
    };
    manager
      .controller(NAME, { maxConcurrentReconciles: 8 })
      .watches<Node>(NODE, nodeEvents)
      .reconcile(async ({ name }) => {
        const node = nodes.get({ name });
        if (node === undefined) return;
        for (const pod of pods.store.byIndex(PODS_BY_NODE, name)) seeTo(pod, noExecute(node));
      });
    manager
      .controller(`${NAME}-pods`, { maxConcurrentReconciles: 8 })
      .watches<Pod>(POD, podEvents)
      .source({
        name: 'end',
        start: async (_queue, signal) => signal.addEventListener('abort', () => evictions.end(), { once: true }),
      })
      .reconcile(async (key) => {
        const pod = pods.store.get(key);
        if (pod === undefined) return evictions.cancel(key);
        const taints = pod.spec.nodeName ? noExecute(nodes.get({ name: pod.spec.nodeName })) : [];
        if (taints.length > 0) seeTo(pod, taints);
      });
  },
};

/** Requests nodes that have other taints than before. */
const nodeEvents: EventHandler<Node> = {
  handle(event, queue) {
    const { object } = event;
    if (event.type === 'updated' && isSame(noExecute(event.old), noExecute(object))) return;
    queue.add({ name: object.metadata.name! });
  },
};

/** Requests pods that are on another node than before, or tolerate something else. */
const podEvents: EventHandler<Pod> = {
  handle(event, queue) {
    const { object } = event;
    const isPlaced = event.type === 'updated' && event.old.spec.nodeName === object.spec.nodeName;
    if (isPlaced && isSame(tolerationsOf(event.old), tolerationsOf(object))) return;
    queue.add(keyOf(object));
  },
};

function noExecute(node: Node | undefined): readonly Taint[] {
  return (node?.spec.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
}

function tolerationsOf({ spec }: Pod): readonly Toleration[] {
  return (spec as { readonly tolerations?: readonly Toleration[] }).tolerations ?? [];
}

function isSame(a: readonly object[], b: readonly object[]): boolean {
  return jsonEqual(a as unknown as JsonValue, b as unknown as JsonValue);
}
