import { type JsonValue, jsonEqual } from 'nekube/apimachinery';
import type { ObjectKey, ObjectStore } from 'nekube/client';
import type { EventHandler, ObjectEvent, RequestQueue } from 'nekube/controller';
import { isPodReady } from '../pods/pod.ts';
import type { EndpointPod } from './endpoint-pod.ts';
import { type Service, selects } from './service.ts';

/** Requests the Services whose endpoints a change of a pod may change. */
export class PodServices implements EventHandler<EndpointPod> {
  readonly #services: ObjectStore<Service>;

  constructor(services: ObjectStore<Service>) {
    this.#services = services;
  }

  handle(event: ObjectEvent<EndpointPod>, queue: RequestQueue<ObjectKey>): void {
    for (const { metadata } of this.#servicesOf(event)) {
      queue.add({ namespace: metadata.namespace, name: metadata.name! });
    }
  }

  #servicesOf(event: ObjectEvent<EndpointPod>): readonly Service[] {
    const { namespace, labels } = event.object.metadata;
    const services = this.#services.list(namespace);
    const now = services.filter((service) => selects(service, labels));
    if (event.type !== 'updated') return now;
    const { object: pod, old } = event;
    if (pod.metadata.resourceVersion === old.metadata.resourceVersion) return [];
    const changed = hasChanged(old, pod);
    if (!isMemberElsewhere(old, pod)) return changed ? now : [];
    const before = services.filter((service) => selects(service, old.metadata.labels));
    // where its labels alone changed, those that had it and have it see no difference
    return services.filter((service) => {
      const [was, is] = [before.includes(service), now.includes(service)];
      return changed ? was || is : was !== is;
    });
  }
}

/** Whether it may belong to other Services than before. */
function isMemberElsewhere(old: EndpointPod, pod: EndpointPod): boolean {
  const membership = ({ metadata, spec }: EndpointPod): JsonValue => [
    metadata.labels ?? {},
    spec.hostname ?? '',
    spec.subdomain ?? '',
  ];
  return !jsonEqual(membership(old), membership(pod));
}

/** Whether it may be another endpoint than before; all that happens to one that is on its way out is told. */
function hasChanged(old: EndpointPod, pod: EndpointPod): boolean {
  if (pod.metadata.deletionTimestamp || old.metadata.deletionTimestamp) return true;
  if (isPodReady(old) !== isPodReady(pod)) return true;
  const ips = ({ status }: EndpointPod): JsonValue => (status?.podIPs ?? []).map(({ ip }) => ip);
  return !jsonEqual(ips(old), ips(pod));
}
