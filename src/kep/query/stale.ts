import { minorOf } from '../document/values.ts';
import type { Kep } from '../model/kep.ts';

/**
 * Says which KEPs are stale: still to be done (provisional or implementable), and named for no release of the last three or of
 * those to come. Three releases are a year.
 *
 * @param newest the newest release that counts as being worked on
 */
export function staleness(newest: string): (kep: Kep) => boolean {
  const oldest = minorOf(newest) - 2;
  return ({ status, latestMilestone, milestones }) => {
    if (status !== 'provisional' && status !== 'implementable') return false;
    const named = [latestMilestone, ...Object.values(milestones)].filter((one) => one !== undefined);
    return !named.some((milestone) => minorOf(milestone) >= oldest);
  };
}

/** The release that most KEPs of the newest releases are now worked on for: the newest `latest-milestone` that five of them have. */
export function currentMilestone(keps: readonly Kep[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { latestMilestone } of keps)
    if (latestMilestone !== undefined) counts.set(latestMilestone, (counts.get(latestMilestone) ?? 0) + 1);
  const many = [...counts].filter(([, count]) => count >= Math.min(5, keps.length)).map(([milestone]) => milestone);
  return many.sort((a, b) => minorOf(b) - minorOf(a))[0];
}
