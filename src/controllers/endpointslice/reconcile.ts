import type { Client, ObjectKey, ObjectStore } from 'nekube/client';
import type { CoreEventRecorder, ReconcileResult } from 'nekube/controller';
import { messageOf } from '../pods/pod-control.ts';
import type { EndpointPod } from '../services/endpoint-pod.ts';
import {
  type EndpointSlice,
  ENDPOINT_SLICE,
  isManagedBy,
  serviceOf,
  withoutEmptyLists,
} from '../services/endpoint-slice.ts';
import { textOfErrors } from '../services/retries.ts';
import { type Service, selects, selectsPods, TRIGGER_TIME } from '../services/service.ts';
import type { SliceTracker } from '../services/slice-tracker.ts';
import type { TriggerTimes } from '../services/trigger-times.ts';
import { isNamespaceTerminating } from '../terminating.ts';
import { addressTypesOf, MANAGER } from './desired.ts';
import type { Node } from './node.ts';
import type { SliceChanges } from './packing.ts';
import { planSlices } from './plan.ts';
import type { Topology } from './topology.ts';

/** What the reconciler works with. */
export interface SliceParts {
  readonly client: Client;
  readonly events: CoreEventRecorder;
  readonly services: ObjectStore<Service>;
  readonly pods: ObjectStore<EndpointPod>;
  readonly nodes: ObjectStore<Node>;
  readonly slices: ObjectStore<EndpointSlice>;
  readonly tracker: SliceTracker;
  readonly triggerTimes: TriggerTimes;
  readonly topology: Topology;
}

const MAX_PER_SLICE = 100;

/** Writes the EndpointSlices of Services that select pods. */
export class SliceReconciler {
  readonly #parts: SliceParts;

  constructor(parts: SliceParts) {
    this.#parts = parts;
  }

  async reconcile(key: ObjectKey): Promise<ReconcileResult | undefined> {
    const { services, tracker, triggerTimes } = this.#parts;
    const service = services.get(key);
    if (service === undefined) {
      triggerTimes.forget(key);
      tracker.forget(key);
      return undefined;
    }
    if (!selectsPods(service)) return undefined;
    const slices = this.#slicesOf(key);
    if (tracker.isBehind(key, slices)) return { requeue: true };
    const errors = await this.#write(service, slices);
    if (errors.length === 0) return undefined;
    const text = textOfErrors(errors);
    const { namespace, name } = key;
    const told = `Error updating Endpoint Slices for Service ${namespace}/${name}: ${text}`;
    this.#parts.events.record(service, 'Warning', 'FailedToUpdateEndpointSlices', told);
    throw new Error(text);
  }

  #slicesOf(key: ObjectKey): readonly EndpointSlice[] {
    const all = this.#parts.slices.list(key.namespace);
    return all.filter(
      (slice) =>
        isManagedBy(slice, MANAGER) && serviceOf(slice)?.name === key.name && !slice.metadata.deletionTimestamp,
    );
  }

  /** Brings all slices of a Service to what they shall be; what went wrong. */
  async #write(service: Service, slices: readonly EndpointSlice[]): Promise<readonly string[]> {
    const { topology, triggerTimes, events, nodes } = this.#parts;
    const { namespace, name } = service.metadata;
    const pods = this.#podsOf(service);
    const trigger = triggerTimes.triggerOf(service, pods);
    const types = addressTypesOf(service);
    const errors: string[] = [];
    for (const addressType of types) {
      const mine = slices.filter((slice) => slice.addressType === addressType);
      const node = (nodeName: string): Node | undefined => nodes.get({ name: nodeName });
      const parts = { service, pods, node, addressType, slices: mine, topology, maxPerSlice: MAX_PER_SLICE };
      const plan = planSlices(parts);
      errors.push(...plan.errors);
      const failure = await this.#carryOut(service, plan, trigger);
      if (failure !== undefined) errors.push(failure);
      for (const { type, reason, message } of plan.events) events.record(service, type, reason, message);
    }
    for (const slice of slices.filter(({ addressType }) => !types.includes(addressType))) {
      topology.forget(`${namespace}/${name}`, slice.addressType);
      const failure = await this.#delete(slice);
      if (failure !== undefined)
        errors.push(`error deleting ${slice.metadata.name} EndpointSlice for Service ${namespace}/${name}: ${failure}`);
    }
    return errors;
  }

  #podsOf(service: Service): readonly EndpointPod[] {
    const { namespace } = service.metadata;
    return this.#parts.pods.list(namespace).filter(({ metadata }) => selects(service, metadata.labels));
  }

  /** Why it could not; undefined: all is done, or in vain since the namespace goes. */
  async #carryOut(service: Service, plan: SliceChanges, trigger: string | undefined): Promise<string | undefined> {
    const { client, tracker } = this.#parts;
    const of = `EndpointSlice for Service ${service.metadata.namespace}/${service.metadata.name}`;
    // those of a Service that goes are deleted by others, who would not see the end of it
    for (const slice of service.metadata.deletionTimestamp === undefined ? plan.create : []) {
      try {
        tracker.wrote(await client.create(withTrigger(slice, trigger)));
      } catch (error) {
        return isNamespaceTerminating(error) ? undefined : `failed to create ${of}: ${messageOf(error)}`;
      }
    }
    for (const slice of plan.update) {
      try {
        tracker.wrote(await client.update(withTrigger(slice, trigger)));
      } catch (error) {
        return `failed to update ${slice.metadata.name} ${of}: ${messageOf(error)}`;
      }
    }
    for (const slice of plan.delete) {
      const failure = await this.#delete(slice);
      if (failure !== undefined) return `failed to delete ${slice.metadata.name} ${of}: ${failure}`;
    }
    return undefined;
  }

  async #delete(slice: EndpointSlice): Promise<string | undefined> {
    const { namespace, name = '' } = slice.metadata;
    try {
      await this.#parts.client.delete(ENDPOINT_SLICE, { namespace, name });
      this.#parts.tracker.deleted(slice);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }
}

/** The slice as it is written: with when it happened what it is written for, if that is known. */
function withTrigger(slice: EndpointSlice, trigger: string | undefined): EndpointSlice {
  const { [TRIGGER_TIME]: _, ...others } = slice.metadata.annotations ?? {};
  const annotations = { ...others, ...(trigger !== undefined && { [TRIGGER_TIME]: trigger }) };
  return withoutEmptyLists({ ...slice, metadata: { ...slice.metadata, annotations } });
}
