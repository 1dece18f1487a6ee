import type { Client, ObjectKey, ObjectStore } from 'nekube/client';
import {
  bucketLimiter,
  CoreEventRecorder,
  type EventHandler,
  exponentialLimiter,
  maxOfLimiter,
  type ReconcileResult,
} from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { messageOf } from '../pods/pod-control.ts';
import {
  type EndpointSlice,
  ENDPOINT_SLICE,
  isManagedBy,
  serviceOf,
  withoutEmptyLists,
} from '../services/endpoint-slice.ts';
import { ENDPOINTS, type Endpoints, isLeaderLock } from '../services/endpoints.ts';
import { givingUp } from '../services/retries.ts';
import { type Service, SERVICE } from '../services/service.ts';
import { SliceEvents } from '../services/slice-events.ts';
import { SliceTracker } from '../services/slice-tracker.ts';
import { isNamespaceTerminating } from '../terminating.ts';
import { MANAGER, type MirrorPlan, planMirror } from './plan.ts';

const WORKERS = 5;
const RETRY = { baseMs: 1000, maxMs: 100_000 };
const SKIP_LABEL = 'endpointslice.kubernetes.io/skip-mirror';

/** Makes slices of Endpoints that people made for Services without a selector. */
export const endpointSliceMirroringController: BuiltinController = {
  name: 'endpointslice-mirroring-controller',
  setUp({ manager, client, clock }) {
    const { cache } = manager;
    const { store: services } = cache.informer(SERVICE);
    const { store: endpoints } = cache.informer(ENDPOINTS);
    const { store: slices } = cache.informer(ENDPOINT_SLICE);
    const tracker = new SliceTracker();
    const events = new CoreEventRecorder(client, 'endpoint-slice-mirroring-controller', clock);
    const mirror = new Mirror({ client, events, services, endpoints, slices, tracker });
    const rateLimiter = maxOfLimiter(exponentialLimiter(RETRY), bucketLimiter({ clock }));
    manager
      .controller(this.name, { maxConcurrentReconciles: WORKERS, rateLimiter })
      .watches(ENDPOINTS, endpointsEvents)
      .watches(SERVICE, serviceEvents)
      .watches(ENDPOINT_SLICE, new SliceEvents({ manager: MANAGER, tracker, afterMs: 0 }))
      .reconcile(givingUp((key) => mirror.reconcile(key)));
  },
};

const endpointsEvents: EventHandler<Endpoints> = {
  handle(event, queue) {
    const objects = event.type === 'updated' ? [event.old, event.object] : [event.object];
    const { namespace, name } = event.object.metadata;
    if (objects.some(mayMirror)) queue.add({ namespace, name: name! });
  },
};

/** Of Services it counts whether they have a selector. */
const serviceEvents: EventHandler<Service> = {
  handle(event, queue) {
    const { namespace, name } = event.object.metadata;
    const hasSelector = ({ spec }: Service): boolean => !!spec.selector;
    const isNews =
      event.type === 'updated' ? hasSelector(event.old) !== hasSelector(event.object) : !hasSelector(event.object);
    if (isNews) queue.add({ namespace, name: name! });
  },
};

function mayMirror(endpoints: Endpoints): boolean {
  return endpoints.metadata.labels?.[SKIP_LABEL] !== 'true' && !isLeaderLock(endpoints);
}

/** What the mirror is made with. */
interface MirrorParts {
  readonly client: Client;
  readonly events: CoreEventRecorder;
  readonly services: ObjectStore<Service>;
  readonly endpoints: ObjectStore<Endpoints>;
  readonly slices: ObjectStore<EndpointSlice>;
  readonly tracker: SliceTracker;
}

class Mirror {
  readonly #parts: MirrorParts;

  constructor(parts: MirrorParts) {
    this.#parts = parts;
  }

  async reconcile(key: ObjectKey): Promise<ReconcileResult | undefined> {
    const { services, endpoints, tracker } = this.#parts;
    const [service, source] = [services.get(key), endpoints.get(key)];
    const slices = this.#slicesOf(key);
    if (service === undefined || source === undefined || service.spec.selector || !mayMirror(source)) {
      tracker.forget(key);
      await this.#deleteAll(key, slices);
      return undefined;
    }
    if (tracker.isBehind(key, slices)) return { requeue: true };
    const plan = planMirror(source, slices);
    this.#tell(source, plan);
    for (const slice of plan.kept) if (!tracker.has(slice)) tracker.wrote(slice);
    await this.#carryOut(source, plan);
    return undefined;
  }

  #slicesOf(key: ObjectKey): readonly EndpointSlice[] {
    const all = this.#parts.slices.list(key.namespace);
    return all.filter((slice) => isManagedBy(slice, MANAGER) && serviceOf(slice)?.name === key.name);
  }

  async #deleteAll({ namespace, name }: ObjectKey, slices: readonly EndpointSlice[]): Promise<void> {
    const failures: string[] = [];
    for (const { metadata } of slices) {
      const key = { namespace, name: metadata.name! };
      await this.#parts.client.delete(ENDPOINT_SLICE, key).catch((error: unknown) => failures.push(messageOf(error)));
    }
    if (failures.length === 0) return;
    const many = `${failures.length}/${slices.length} EndpointSlices for ${namespace}/${name} Endpoints`;
    throw new Error(`error(s) deleting ${many}, including: ${failures[0]}`);
  }

  #tell(source: Endpoints, { invalid, skipped }: MirrorPlan): void {
    const tell = (reason: string, message: string): void =>
      this.#parts.events.record({ ...source, ...ENDPOINTS }, 'Warning', reason, message);
    if (invalid > 0)
      tell('InvalidIPAddress', `Skipped ${invalid} invalid IP addresses when mirroring to EndpointSlices`);
    if (skipped > invalid) {
      const rule = 'A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset.';
      tell('TooManyAddressesToMirror', `${rule} ${skipped} addresses were skipped`);
    }
  }

  async #carryOut(source: Endpoints, plan: MirrorPlan): Promise<void> {
    const { client, tracker } = this.#parts;
    const { namespace, name, deletionTimestamp } = source.metadata;
    const failed = (what: string, error: unknown): Error =>
      new Error(`failed to ${what}EndpointSlice for Endpoints ${namespace}/${name}: ${messageOf(error)}`, {
        cause: error,
      });
    for (const slice of deletionTimestamp === undefined ? plan.create : []) {
      try {
        tracker.wrote(await client.create(withoutEmptyLists(slice)));
      } catch (error) {
        if (isNamespaceTerminating(error)) return;
        throw failed('create ', error);
      }
    }
    for (const slice of plan.update) {
      const updated = client.update(withoutEmptyLists(slice));
      tracker.wrote(
        await updated.catch((error: unknown) => Promise.reject(failed(`update ${slice.metadata.name} `, error))),
      );
    }
    for (const slice of plan.delete) {
      const gone = client.delete(ENDPOINT_SLICE, { namespace, name: slice.metadata.name! });
      await gone.catch((error: unknown) => Promise.reject(failed(`delete ${slice.metadata.name} `, error)));
      tracker.deleted(slice);
    }
  }
}
