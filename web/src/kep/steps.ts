import { type KepRow, type Stage, STAGES } from 'nekube/kep';
import { minorOf } from './list-rows.ts';

/** A stage of a KEP on its way. */
export interface Step {
  readonly stage: Stage;
  /** `v1.36`; absent: it names none. */
  readonly release?: string;
  /** Reached and left; reached, and where it stands; said for a release to come; nothing is said of it. */
  readonly state: 'done' | 'now' | 'planned' | 'open';
}

/** The way that features go; the other stages are shown where a KEP has them. */
const USUAL: readonly Stage[] = ['alpha', 'beta', 'stable'];

/**
 * Which stages a KEP reached, and which it plans. The `stage` of a KEP is the one that is worked on: it is reached when its release
 * has come, as far as `current`, the newest release that KEPs are worked on for, tells.
 */
export function stepsOf(
  { stage, milestones, status }: Pick<KepRow, 'stage' | 'milestones' | 'status'>,
  current: string | undefined,
): readonly Step[] {
  if (stage === undefined && Object.keys(milestones).length === 0) return [];
  const shown = STAGES.filter((one) => USUAL.includes(one) || one === stage || milestones[one] !== undefined);
  const at = stage === undefined ? -1 : shown.indexOf(stage);
  const newest = minorOf(current) ?? Infinity;
  return shown.map((one, i): Step => {
    const release = milestones[one];
    const isReached = status === 'implemented' || (minorOf(release) ?? Infinity) < newest;
    const ahead = release === undefined ? 'open' : 'planned';
    const state =
      i < at ? (release === undefined ? 'open' : 'done') : i === at ? (isReached ? 'now' : 'planned') : ahead;
    return { stage: one, ...(release !== undefined && { release }), state };
  });
}
