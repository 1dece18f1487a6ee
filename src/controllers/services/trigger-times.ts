import { namespacedName } from 'nekube/apimachinery';
import type { ObjectKey } from 'nekube/client';
import type { Pod } from '../pods/pod.ts';
import type { Service } from './service.ts';

/** What was known of a Service when it was looked at last; times are as the API has them. */
interface Known {
  readonly pods: ReadonlyMap<string, string>;
  readonly service: string;
}

/**
 * When it happened what the endpoints of a Service are written for: the making of a Service that is new, or the earliest
 * change of readiness among those that were not seen before.
 */
export class TriggerTimes {
  readonly #known = new Map<string, Known>();

  /** To be asked at each look at a Service, so that nothing is told twice. Undefined: nothing new is known. */
  triggerOf({ metadata }: Service, pods: readonly Pod[]): string | undefined {
    const { namespace, name = '' } = metadata;
    const creationTimestamp = metadata.creationTimestamp ?? '';
    const key = namespacedName({ namespace, name });
    const before = this.#known.get(key);
    const now = new Map(pods.flatMap((pod) => entryOf(pod)));
    this.#known.set(key, { pods: now, service: creationTimestamp });
    if (before === undefined) return creationTimestamp || undefined;
    const changed = [...now].filter(([pod, time]) => isAfter(time, before.pods.get(pod))).map(([, time]) => time);
    if (isAfter(creationTimestamp, before.service)) changed.push(creationTimestamp);
    return changed.toSorted((a, b) => Date.parse(a) - Date.parse(b))[0];
  }

  /** The Service is gone. */
  forget(service: ObjectKey): void {
    this.#known.delete(namespacedName(service));
  }
}

function entryOf({ metadata, status }: Pod): readonly (readonly [string, string])[] {
  const time = status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
  return time ? [[metadata.name!, time]] : [];
}

function isAfter(time: string, other: string | undefined): boolean {
  return other === undefined || Date.parse(time) > Date.parse(other);
}
