import { minorOf } from '../document/values.ts';
import type { Kep } from '../model/kep.ts';

/**
 * Why a KEP counts as stale: it is still to be done (provisional or implementable), and `milestone`: names no release of the last three
 * or of those to come; `unchanged`: names none at all, and did not change for a year; `unnamed`: names none, and nothing is known of
 * its changes.
 */
export type StaleReason = 'milestone' | 'unchanged' | 'unnamed';

/** From when on KEPs are not stale. */
export interface FreshSince {
  /** The newest release that counts as being worked on: three releases are a year. */
  readonly release: string;
  /** The day that is today; absent: days are not compared. */
  readonly today?: string;
  /** The day on which a KEP changed last; undefined: nothing is known of it. */
  readonly changed?: (name: string) => string | undefined;
}

type Dated = Pick<Kep, 'name' | 'status' | 'latestMilestone' | 'milestones'>;

/** Says which KEPs are stale, and why. */
export function staleness({ release, today, changed }: FreshSince): (kep: Dated) => StaleReason | undefined {
  const oldest = minorOf(release) - 2;
  const lastYear = today === undefined ? undefined : `${Number(today.slice(0, 4)) - 1}${today.slice(4)}`;
  return ({ name, status, latestMilestone, milestones }) => {
    if (status !== 'provisional' && status !== 'implementable') return undefined;
    const named = [latestMilestone, ...Object.values(milestones)].filter((one) => one !== undefined);
    if (named.length > 0) return named.some((milestone) => minorOf(milestone) >= oldest) ? undefined : 'milestone';
    const day = changed?.(name);
    if (day === undefined || lastYear === undefined) return 'unnamed';
    return day < lastYear ? 'unchanged' : undefined;
  };
}

/** The release that most KEPs of the newest releases are now worked on for: the newest `latest-milestone` that five of them have. */
export function currentMilestone(keps: readonly Pick<Kep, 'latestMilestone'>[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { latestMilestone } of keps)
    if (latestMilestone !== undefined) counts.set(latestMilestone, (counts.get(latestMilestone) ?? 0) + 1);
  const many = [...counts].filter(([, count]) => count >= Math.min(5, keps.length)).map(([milestone]) => milestone);
  return many.sort((a, b) => minorOf(b) - minorOf(a))[0];
}
