import { CoreEventRecorder, type EventHandler } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { POD } from '../pods/pod.ts';
import { type Autoscaler, AUTOSCALER } from './autoscaler.ts';
import type { MeasuredPod } from './pod-groups.ts';
import { AutoscalerReconciler } from './reconcile.ts';

const WORKERS = 5;
const DOWNSCALE_STABILIZATION_MS = 300_000;

/** Scales workloads by metrics of their pods, of other objects and from outside. */
export const horizontalPodAutoscalerController: BuiltinController = {
  name: 'horizontal-pod-autoscaler-controller',
  setUp({ manager, client, clock, settings }) {
    const { store: autoscalers } = manager.cache.informer(AUTOSCALER);
    const { store: pods } = manager.cache.informer<MeasuredPod>(POD);
    const periodMs = settings.horizontalPodAutoscalerSyncPeriodMs;
    const reconciler = new AutoscalerReconciler({
      client,
      clock,
      events: new CoreEventRecorder(client, 'horizontal-pod-autoscaler', clock),
      autoscalers,
      pods,
      downscaleStabilizationMs: DOWNSCALE_STABILIZATION_MS,
      fieldManager: 'kube-controller-manager',
    });
    // whatever happens, each is looked at once in a period
    const inAPeriod: EventHandler<Autoscaler> = {
      handle({ object: { metadata } }, queue) {
        queue.add({ namespace: metadata.namespace, name: metadata.name! }, { afterMs: periodMs });
      },
    };
    manager
      .controller(this.name, { maxConcurrentReconciles: WORKERS })
      .watches(AUTOSCALER, inAPeriod)
      // so that its cache is there before anything is scaled
      .watches<MeasuredPod>(POD, () => [])
      .reconcile(async (key, { log }) =>
        (await reconciler.reconcile(key, log)) ? { requeueAfterMs: periodMs } : undefined,
      );
  },
};
