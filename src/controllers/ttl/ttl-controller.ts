import type { BuiltinController } from '../builtin-controller.ts';
import { NODE } from '../nodes/node.ts';

const ANNOTATION = 'node.alpha.kubernetes.io/ttl';

/** How long nodes may keep Secrets and ConfigMaps, by how many nodes there are. The sizes overlap, so that it does not go to and fro. */
const STEPS = [
  { min: 0, max: 100, seconds: 0 },
  { min: 90, max: 500, seconds: 15 },
  { min: 450, max: 1000, seconds: 30 },
  { min: 900, max: 2000, seconds: 60 },
  { min: 1800, max: Infinity, seconds: 300 },
];

/** Tells each node by an annotation for how long it may keep what it has read, the longer the more nodes there are. */
export const ttlController: BuiltinController = {
  name: 'ttl-controller',
  setUp({ manager, client }) {
    const nodes = manager.cache.informer(NODE);
    let step = 0;
    manager
      .controller(this.name, { maxConcurrentReconciles: 5 })
      .for(NODE)
      .reconcile(async ({ name }, { object: node, signal }) => {
        step = nextStep(step, nodes.store.size);
        const wanted = String(STEPS[step]!.seconds);
        if (node === undefined || node.metadata.annotations?.[ANNOTATION] === wanted) return;
        const patch = { metadata: { annotations: { [ANNOTATION]: wanted } } };
        await client.patch(NODE, { name }, { strategic: patch as never }, { signal });
      });
  },
};

/** The step for so many nodes, from the one that was before. */
export function nextStep(before: number, size: number): number {
  let step = before;
  while (size > STEPS[step]!.max) step++;
  while (size < STEPS[step]!.min) step--;
  return step;
}
