import type { ObjectKey } from 'nekube/client';
import {
  bucketLimiter,
  CoreEventRecorder,
  type EventHandler,
  exponentialLimiter,
  maxOfLimiter,
} from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { POD } from '../pods/pod.ts';
import type { EndpointPod } from '../services/endpoint-pod.ts';
import { ENDPOINT_SLICE } from '../services/endpoint-slice.ts';
import { PodServices } from '../services/pod-services.ts';
import { givingUp } from '../services/retries.ts';
import { SERVICE } from '../services/service.ts';
import { SliceEvents } from '../services/slice-events.ts';
import { SliceTracker } from '../services/slice-tracker.ts';
import { TriggerTimes } from '../services/trigger-times.ts';
import { MANAGER } from './desired.ts';
import { isNodeReady, type Node, NODE, zoneOf } from './node.ts';
import { SliceReconciler } from './reconcile.ts';
import { Topology } from './topology.ts';

const WORKERS = 5;
/** Changes of slices come together; so long is waited for the others. */
const SLICE_DELAY_MS = 1000;
const RETRY = { baseMs: 1000, maxMs: 1_000_000 };

/** Keeps the EndpointSlices of Services: the addresses and ports of the pods that they select. */
export const endpointSliceController: BuiltinController = {
  name: 'endpointslice-controller',
  setUp({ manager, client, clock }) {
    const { cache } = manager;
    const { store: services } = cache.informer(SERVICE);
    const { store: pods } = cache.informer<EndpointPod>(POD);
    const { store: nodes } = cache.informer(NODE);
    const { store: slices } = cache.informer(ENDPOINT_SLICE);
    const tracker = new SliceTracker();
    const topology = new Topology();
    const events = new CoreEventRecorder(client, 'endpoint-slice-controller', clock);
    const triggerTimes = new TriggerTimes();
    const parts = { client, events, services, pods, nodes, slices, tracker, triggerTimes, topology };
    const reconciler = new SliceReconciler(parts);
    const rateLimiter = maxOfLimiter(exponentialLimiter(RETRY), bucketLimiter({ clock }));
    manager
      .controller(this.name, { maxConcurrentReconciles: WORKERS, rateLimiter })
      .for(SERVICE)
      .watches<EndpointPod>(POD, new PodServices(services))
      .watches(ENDPOINT_SLICE, new SliceEvents({ manager: MANAGER, tracker, afterMs: SLICE_DELAY_MS }))
      .watches(
        NODE,
        nodeEvents(topology, () => nodes.list()),
      )
      .reconcile(givingUp((key) => reconciler.reconcile(key)));
  },
};

/** Of nodes it counts whether they are ready, and where they are. */
function nodeEvents(topology: Topology, nodes: () => readonly Node[]): EventHandler<Node> {
  return {
    handle(event, queue) {
      const isSame = (a: Node, b: Node): boolean => isNodeReady(a) === isNodeReady(b) && zoneOf(a) === zoneOf(b);
      if (event.type === 'updated' && isSame(event.old, event.object)) return;
      for (const service of topology.setNodes(nodes())) queue.add(keyOf(service));
    },
  };
}

function keyOf(text: string): ObjectKey {
  const [namespace, name = ''] = text.split('/');
  return { namespace, name };
}
