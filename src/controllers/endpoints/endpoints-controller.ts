import { isStatusError, namespacedName } from 'nekube/apimachinery';
import type { Client, ObjectKey, ObjectStore } from 'nekube/client';
import { CoreEventRecorder, defaultLimiter, type EventHandler, type ReconcileResult } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
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
/** So often what was made is waited for, then it is made again. */
const MOST_WAITS = 8;

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
      .watches(ENDPOINTS, leftOverOrDeleted(reconciler))
      .reconcile(givingUp((key, { failures }) => reconciler.reconcile(key, failures)));
  },
};

/** Those that were there before, whose Service may have gone meanwhile; and those that somebody deletes. */
function leftOverOrDeleted(reconciler: EndpointsReconciler): EventHandler<Endpoints> {
  return {
    handle(event, queue) {
      const { namespace, name = '' } = event.object.metadata;
      const isLeftOver = event.type === 'created' && event.initial === true && !isLeaderLock(event.object);
      if (event.type === 'deleted') reconciler.gone({ namespace, name });
      if (isLeftOver || event.type === 'deleted') queue.add({ namespace, name });
    },
  };
}

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
  /** Versions that were written over, by `namespace/name`, empty for none at all: a cache that shows one is behind. */
  readonly #stale = new Map<string, string>();

  constructor(parts: EndpointsParts) {
    this.#parts = parts;
  }

  /** @param failures how often it was tried in a row */
  async reconcile(key: ObjectKey, failures: number): Promise<ReconcileResult | undefined> {
    const { services, pods, endpoints } = this.#parts;
    const service = services.get(key);
    if (service === undefined) await this.#delete(key);
    if (service === undefined || !selectsPods(service)) return undefined;
    const selected = pods.list(key.namespace).filter(({ metadata }) => selects(service, metadata.labels));
    const trigger = this.#triggerTimes.triggerOf(service, selected);
    const subsets = subsetsOf(service, selected);
    const found = endpoints.get(key);
    const text = namespacedName(key);
    const version = found?.metadata.resourceVersion;
    // what was written is not in the cache yet; or it was deleted, and the cache has seen neither
    const isBehind = this.#stale.get(text) === (version ?? '') && (version !== undefined || failures < MOST_WAITS);
    if (isBehind) return { requeue: true };
    const { namespace, name } = key;
    const next = endpointsWith(found ?? { ...ENDPOINTS, metadata: { namespace, name } }, { service, subsets, trigger });
    if (next !== undefined) await this.#write(key, { ...next, ...ENDPOINTS }, version);
    return undefined;
  }

  /** The cache has seen that Endpoints were deleted. */
  gone(key: ObjectKey): void {
    this.#stale.delete(namespacedName(key));
  }

  async #delete(key: ObjectKey): Promise<void> {
    await this.#parts.client.delete(ENDPOINTS, key).catch((error: unknown) => {
      if (!isStatusError(error, 'NotFound')) throw error;
    });
    this.#triggerTimes.forget(key);
    this.#stale.delete(namespacedName(key));
  }

  async #write(key: ObjectKey, next: Endpoints, version: string | undefined): Promise<void> {
    const { client, events } = this.#parts;
    try {
      if (version === undefined) {
        await client.create(next);
        this.#stale.set(namespacedName(key), '');
        return;
      }
      const written = await client.update(next);
      if (written.metadata.resourceVersion !== version) this.#stale.set(namespacedName(key), version);
    } catch (error) {
      if (version === undefined && isNamespaceTerminating(error)) return;
      const [reason, what] =
        version === undefined
          ? ['FailedToCreateEndpoint', 'Failed to create endpoint for service']
          : ['FailedToUpdateEndpoint', 'Failed to update endpoint'];
      events.record(next, 'Warning', reason!, `${what} ${namespacedName(key)}: ${messageOf(error)}`);
      throw error;
    }
  }
}
