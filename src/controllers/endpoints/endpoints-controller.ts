import { isStatusError } from 'nekube/apimachinery';
import type { Client, ObjectKey, ObjectStore } from 'nekube/client';
import { defaultLimiter, type EventHandler, type ReconcileResult } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { CoreEventRecorder } from '../events/core-event-recorder.ts';
import { POD } from '../pods/pod.ts';
import { messageOf } from '../pods/pod-control.ts';
import type { EndpointPod } from '../services/endpoint-pod.ts';
import { ENDPOINTS, type Endpoints, isLeaderLock } from '../services/endpoints.ts';
import { PodServices } from '../services/pod-services.ts';
import { givingUp } from '../services/retries.ts';
import { type Service, SERVICE, selects, selectsPods } from '../services/service.ts';
import { TriggerTimes } from '../services/trigger-times.ts';
import { isNamespaceTerminating } from '../terminating.ts';
import { endpointsWith, MANAGER, subsetsOf } from './desired.ts';

const WORKERS = 5;

/** Keeps the Endpoints of Services: what EndpointSlices say, in one object, for those who read no slices yet. */
export const endpointsController: BuiltinController = {
  name: 'endpoints-controller',
  setUp({ manager, client, clock }) {
    const { cache } = manager;
    const { store: services } = cache.informer(SERVICE);
    const { store: pods } = cache.informer<EndpointPod>(POD);
    const { store: endpoints } = cache.informer(ENDPOINTS);
    const events = new CoreEventRecorder(client, MANAGER, clock);
    const reconciler = new EndpointsReconciler({ client, events, services, pods, endpoints });
    manager
      .controller(this.name, { maxConcurrentReconciles: WORKERS, rateLimiter: defaultLimiter(clock) })
      .for(SERVICE)
      .watches<EndpointPod>(POD, new PodServices(services))
      .watches(ENDPOINTS, leftOverOrDeleted)
      .reconcile(givingUp((key) => reconciler.reconcile(key)));
  },
};

/** Those that were there before, whose Service may have gone meanwhile; and those that somebody deletes. */
const leftOverOrDeleted: EventHandler<Endpoints> = {
  handle(event, queue) {
    const isLeftOver = event.type === 'created' && event.initial === true && !isLeaderLock(event.object);
    const { namespace, name } = event.object.metadata;
    if (isLeftOver || event.type === 'deleted') queue.add({ namespace, name: name! });
  },
};

/** What the reconciler works with. */
interface EndpointsParts {
  readonly client: Client;
  readonly events: CoreEventRecorder;
  readonly services: ObjectStore<Service>;
  readonly pods: ObjectStore<EndpointPod>;
  readonly endpoints: ObjectStore<Endpoints>;
}

class EndpointsReconciler {
  readonly #parts: EndpointsParts;
  readonly #triggerTimes = new TriggerTimes();
  /** Versions that were written over, by `namespace/name`: a cache that shows one is behind. */
  readonly #stale = new Map<string, string>();

  constructor(parts: EndpointsParts) {
    this.#parts = parts;
  }

  async reconcile(key: ObjectKey): Promise<ReconcileResult | undefined> {
    const { services, pods, endpoints } = this.#parts;
    const service = services.get(key);
    if (service === undefined) await this.#delete(key);
    if (service === undefined || !selectsPods(service)) return undefined;
    const selected = pods.list(key.namespace).filter(({ metadata }) => selects(service, metadata.labels));
    const trigger = this.#triggerTimes.triggerOf(service, selected);
    const subsets = subsetsOf(service, selected);
    const found = endpoints.get(key);
    const text = textOf(key);
    const version = found?.metadata.resourceVersion;
    // what was written is not in the cache yet
    if (version !== undefined && this.#stale.get(text) === version) return { requeue: true };
    const { namespace, name } = key;
    const next = endpointsWith(found ?? { ...ENDPOINTS, metadata: { namespace, name } }, { service, subsets, trigger });
    if (next !== undefined) await this.#write(key, { ...next, ...ENDPOINTS }, version);
    return undefined;
  }

  async #delete(key: ObjectKey): Promise<void> {
    await this.#parts.client.delete(ENDPOINTS, key).catch((error: unknown) => {
      if (!isStatusError(error, 'NotFound')) throw error;
    });
    this.#triggerTimes.forget(key);
    this.#stale.delete(textOf(key));
  }

  async #write(key: ObjectKey, next: Endpoints, version: string | undefined): Promise<void> {
    const { client, events } = this.#parts;
    try {
      if (version === undefined) {
        await client.create(next);
        return;
      }
      const written = await client.update(next);
      if (written.metadata.resourceVersion !== version) this.#stale.set(textOf(key), version);
    } catch (error) {
      if (version === undefined && isNamespaceTerminating(error)) return;
      const [reason, what] =
        version === undefined
          ? ['FailedToCreateEndpoint', 'Failed to create endpoint for service']
          : ['FailedToUpdateEndpoint', 'Failed to update endpoint'];
      events.record(next, 'Warning', reason!, `${what} ${textOf(key)}: ${messageOf(error)}`);
      throw error;
    }
  }
}

function textOf({ namespace, name }: ObjectKey): string {
  return `${namespace}/${name}`;
}
