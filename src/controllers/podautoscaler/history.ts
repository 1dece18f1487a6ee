import type { ScalingRules } from './autoscaler.ts';

/** Something that was so at a time. */
interface At {
  readonly at: number;
  readonly count: number;
}

/** A number of replicas, and why it is that. */
export interface Limited {
  readonly replicas: number;
  readonly reason: string;
  readonly message: string;
}

/** What a number of replicas is limited by. */
export interface Limits {
  readonly current: number;
  readonly min: number;
  readonly max: number;
}

/** Both directions of an autoscaler's behavior, with the defaults that the server gives. */
export interface Behavior {
  readonly scaleUp?: ScalingRules;
  readonly scaleDown?: ScalingRules;
}

const WITHIN = { reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' };
const TOO_MANY = {
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
};
const TOO_FEW = {
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
};
const UP_LIMIT = {
  reason: 'ScaleUpLimit',
  message: 'the desired replica count is increasing faster than the maximum scale rate',
};
const DOWN_LIMIT = {
  reason: 'ScaleDownLimit',
  message: 'the desired replica count is decreasing faster than the maximum scale rate',
};

/** What was recommended for a target and done with it lately, by which what is recommended now is held back. */
export class ScaleHistory {
  #recommendations: At[] = [];
  #ups: At[] = [];
  #downs: At[] = [];
  readonly #windowMs: number;

  /** @param downscaleStabilizationMs so long nothing shrinks below what was recommended, where an autoscaler says nothing */
  constructor(downscaleStabilizationMs: number) {
    this.#windowMs = downscaleStabilizationMs;
  }

  /** Begins with what there is, so that a controller that has just come does not shrink it at once. */
  begin(current: number, now: number): void {
    if (this.#recommendations.length === 0) this.#recommendations.push({ at: now, count: current });
  }

  /** The highest of what was recommended lately; remembers what is now. */
  stabilized(desired: number, now: number): number {
    const recent = this.#recommendations.filter(({ at }) => at >= now - this.#windowMs);
    this.#recommendations = [...recent, { at: now, count: desired }];
    return Math.max(desired, ...recent.map(({ count }) => count));
  }

  /** As near to what is recommended as the windows of a behavior let it be; remembers what is recommended. */
  stabilizedBy(behavior: Behavior, current: number, desired: number, now: number): Limited {
    const upMs = (behavior.scaleUp?.stabilizationWindowSeconds ?? 0) * 1000;
    const downMs = (behavior.scaleDown?.stabilizationWindowSeconds ?? this.#windowMs / 1000) * 1000;
    const since = (ms: number): number[] =>
      this.#recommendations.filter(({ at }) => at > now - ms).map(({ count }) => count);
    const lowest = Math.min(desired, ...since(upMs));
    const highest = Math.max(desired, ...since(downMs));
    const kept = this.#recommendations.filter(({ at }) => at >= now - Math.max(upMs, downMs));
    this.#recommendations = [...kept, { at: now, count: desired }];
    const replicas = Math.min(Math.max(current, lowest), highest);
    return { replicas, ...(desired >= current ? UP_STABILIZED : DOWN_STABILIZED) };
  }

  /** As near to what is recommended as the policies of a behavior let it be. */
  limitedBy(behavior: Behavior, desired: number, { current, min, max }: Limits, now: number): Limited {
    if (desired > current) {
      const limit = Math.max(current, this.#limit(behavior.scaleUp, current, now, 1));
      const most = Math.min(max, limit);
      if (desired > most) return { replicas: most, ...(max > limit ? UP_LIMIT : TOO_MANY) };
    } else if (desired < current) {
      const limit = Math.min(current, this.#limit(behavior.scaleDown, current, now, -1));
      const least = Math.max(min, limit);
      if (desired < least) return { replicas: least, ...(min < limit ? DOWN_LIMIT : TOO_FEW) };
    }
    return { replicas: desired, ...WITHIN };
  }

  /** The target was scaled. */
  scaled(behavior: Behavior, from: number, to: number, now: number): void {
    const add = (events: readonly At[], rules: ScalingRules | undefined, count: number): At[] => {
      const longest = Math.max(0, ...(rules?.policies ?? []).map(({ periodSeconds }) => periodSeconds));
      return [...events.filter(({ at }) => at >= now - longest * 1000), { at: now, count }];
    };
    if (to > from) this.#ups = add(this.#ups, behavior.scaleUp, to - from);
    else this.#downs = add(this.#downs, behavior.scaleDown, from - to);
  }

  /** How far the policies of one direction let it go. */
  #limit(rules: ScalingRules | undefined, current: number, now: number, direction: 1 | -1): number {
    const { selectPolicy = 'Max', policies = [] } = rules ?? {};
    if (selectPolicy === 'Disabled') return current;
    const proposed = policies.map(({ type, value, periodSeconds }) => {
      const changed = (events: readonly At[]): number =>
        events.filter(({ at }) => at > now - periodSeconds * 1000).reduce((sum, { count }) => sum + count, 0);
      const start = current - changed(this.#ups) + changed(this.#downs);
      if (type === 'Pods') return start + direction * value;
      const scaled = start * (1 + (direction * value) / 100);
      return direction > 0 ? Math.ceil(scaled) : Math.trunc(scaled);
    });
    // the largest change is the highest number on the way up and the lowest on the way down
    const takesHighest = (selectPolicy === 'Min') === direction < 0;
    return takesHighest ? Math.max(...proposed) : Math.min(...proposed);
  }
}

const UP_STABILIZED = {
  reason: 'ScaleUpStabilized',
  message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
};
/** What is said where something would shrink and may not yet. */
export const DOWN_STABILIZED = {
  reason: 'ScaleDownStabilized',
  message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
};

/** The limits without a behavior: what is asked for, and at most twice as many as there are, or four. */
export function limitedByRules(desired: number, { current, min, max }: Limits): Limited {
  const limit = Math.max(2 * current, 4);
  const most = Math.min(max, limit);
  if (desired < min) return { replicas: min, ...TOO_FEW };
  if (desired > most) return { replicas: most, ...(max > limit ? UP_LIMIT : TOO_MANY) };
  return { replicas: desired, ...WITHIN };
}
