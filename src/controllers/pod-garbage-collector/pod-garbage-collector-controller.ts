import { sleep } from 'nekube/client';
import type { BuiltinController } from '../builtin-controller.ts';
import { NODE } from '../nodes/node.ts';
import { POD } from '../pods/pod.ts';
import { PodCollector } from './pod-collector.ts';

/** Deletes pods that nobody else will: too many that have ended, and those whose node is gone, out of service or never was. */
export const podGarbageCollectorController: BuiltinController = {
  name: 'pod-garbage-collector-controller',
  setUp({ manager, client, clock, settings }) {
    const pods = manager.cache.informer(POD);
    const nodes = manager.cache.informer(NODE);
    const log = manager.logger.with({ controller: this.name });
    const stores = { pods: pods.store, nodes: nodes.store };
    const collector = new PodCollector({ client, clock, log, settings, ...stores });
    manager.add({
      name: this.name,
      async start(signal) {
        await Promise.all([pods, nodes].map((informer) => informer.synced(signal))).catch(() => {});
        while (!signal.aborted) {
          await collector.collect();
          await sleep(settings.podGcPeriodMs, clock, signal).catch(() => {});
        }
      },
    });
  },
};
