import { formatTime } from 'nekube/apimachinery';
import { type Clock, systemClock } from 'nekube/client';

/** One of `status.conditions`, as apimachinery's `metav1.Condition`. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  /** One word in CamelCase, for programs. */
  readonly reason: string;
  /** A sentence for people; may be empty. */
  readonly message: string;
  /** The `metadata.generation` that it is about. */
  readonly observedGeneration?: number;
  /** When the status became what it is. */
  readonly lastTransitionTime: string;
}

/** A condition to set; when it came about is found out. */
export type NewCondition = Omit<Condition, 'lastTransitionTime'> & Partial<Pick<Condition, 'lastTransitionTime'>>;

/** The condition of a type, if there is one. */
export function findCondition<C extends { readonly type: string }>(
  conditions: readonly C[] | null | undefined,
  type: string,
): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether a condition is there and its status is `True`. */
export function isConditionTrue(
  conditions: readonly { readonly type: string; readonly status: string }[] | null | undefined,
  type: string,
): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/**
 * The conditions with one that is set: in its place if its type was there, else at the end. `lastTransitionTime` is now (or
 * what is given) if the status changed, and otherwise stays. If nothing changes it is the same list.
 */
export function setCondition(
  conditions: readonly Condition[] | null | undefined,
  condition: NewCondition,
  clock: Clock = systemClock,
): readonly Condition[] {
  const list = conditions ?? [];
  const old = findCondition(list, condition.type);
  const time = condition.lastTransitionTime ?? formatTime(new Date(clock.now()));
  if (old === undefined) return [...list, { ...condition, lastTransitionTime: time }];
  if (isSame(old, condition)) return list;
  const lastTransitionTime = old.status === condition.status ? old.lastTransitionTime : time;
  const set = { ...condition, lastTransitionTime };
  return list.map((one) => (one === old ? set : one));
}

/** The conditions without those of a type; the same list if there is none. */
export function removeCondition(conditions: readonly Condition[], type: string): readonly Condition[] {
  return findCondition(conditions, type) === undefined ? conditions : conditions.filter((one) => one.type !== type);
}

function isSame(a: NewCondition, b: NewCondition): boolean {
  return (
    a.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    (a.observedGeneration ?? 0) === (b.observedGeneration ?? 0)
  );
}
