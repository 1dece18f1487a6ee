import { type Informer, isNoMatchError, type Kind } from 'nekube/client';
import { Controller, type ControllerOptions, CoreEventRecorder, defaultLimiter } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { Collector } from './collector.ts';
import { Graph } from './graph.ts';
import { Monitors } from './monitors.ts';
import { type Identity, type Node, textOf } from './node.ts';
import { Objects } from './objects.ts';

const WORKERS = 20;

/**
 * Deletes what belongs to objects that are gone, in the order and the way that a deletion asks for: dependents after their
 * owner (background), before it (foreground), or not at all (orphan).
 */
export const garbageCollectorController: BuiltinController = {
  name: 'garbage-collector-controller',
  setUp({ manager, client, clock }) {
    const { logger, metrics } = manager;
    const events = new CoreEventRecorder(client, this.name, clock);
    const graph: Graph = new Graph({
      attemptToDelete: (node, later = false) => deleting.queue.add(node, { rateLimited: later }),
      attemptToOrphan: (node) => orphaning.queue.add(node),
      ownerElsewhere: (dependent, owner) => tellElsewhere(events, dependent, owner),
    });
    const log = logger.with({ controller: this.name });
    const watched = (kind: Kind): Informer | undefined => manager.cache.watched(kind);
    const monitors = new Monitors({ client, clock, graph, log, watched });
    const collector = new Collector({
      graph,
      objects: new Objects(client),
      attemptToDelete: (node) => deleting.queue.add(node),
    });
    const parts = {
      textOf: ({ key }: Node) => key,
      valuesOf: ({ identity }: Node) => ({ item: textOf(identity) }),
      logger,
      metrics,
      clock,
    };
    const orphaning = new Controller<Node>({
      ...parts,
      name: `${this.name}-orphans`,
      options: optionsOf(defaultLimiter(clock)),
      reconcile: (node) => collector.orphan(node),
    });
    const deleting = new Controller<Node>({
      ...parts,
      name: this.name,
      options: optionsOf(defaultLimiter(clock)),
      sources: [{ name: 'all kinds', start: (_queue, signal) => monitors.start(signal) }],
      async reconcile(node) {
        try {
          return (await collector.collect(node)) ? { requeue: true } : undefined;
        } catch (error) {
          // the kind may be served in a moment, or be none: nothing that anybody could mend here
          if (!isNoMatchError(error)) throw error;
          log.debug('The kind of an owner is not known', { item: textOf(node.identity) });
          return { requeue: true };
        }
      },
    });
    for (const controller of [orphaning, deleting]) manager.add(controller);
  },
};

function tellElsewhere(events: CoreEventRecorder, dependent: Identity, owner: Identity): void {
  const { apiVersion, kind, namespace, name, uid } = dependent;
  const message = `ownerRef ${textOf(owner)} does not exist in namespace "${namespace ?? ''}"`;
  const object = { apiVersion, kind, metadata: { namespace, name, uid } };
  events.record(object, 'Warning', 'OwnerRefInvalidNamespace', message);
}

function optionsOf(rateLimiter: ControllerOptions['rateLimiter']): ControllerOptions {
  return { maxConcurrentReconciles: WORKERS, rateLimiter };
}
