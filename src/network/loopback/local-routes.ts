import { rm } from 'node:fs/promises';
import { machineRoutes } from '../machine/overlaps.ts';
import { makeRunFolder } from '../machine/run-folder.ts';
import { atEnd } from '../machine/at-end.ts';
import { ip } from '../machine/run.ts';

/** By this number routes say that they are of a run of nekube, so that those of one that was killed go with the next. */
const OURS = '78';

/**
 * Makes addresses of ranges this machine's own: each can be listened on and reached, and stands on no device.
 *
 * @returns what ends it; routes that somebody else made stay
 * @throws Error the right is missing
 */
export async function addLocalRoutes(ranges: readonly string[]): Promise<() => Promise<void>> {
  const folder = await makeRunFolder('loopback');
  const remove = atEnd('for range; do ip route del local "$range" dev lo proto "$0"; done', [OURS, ...ranges]);
  const end = async (): Promise<void> => {
    await remove();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await ip(['link set lo up', ...ranges.map((range) => `route add local ${range} dev lo proto ${OURS}`)]);
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}

/** Removes the routes of all runs of this mode. */
export async function removeOurRoutes(): Promise<void> {
  const mine = (await machineRoutes()).filter(({ protocol }) => protocol === OURS);
  // what waited for the end of a run may remove them at the same time
  for (const { dst } of mine) await ip([`route del local ${dst} dev lo proto ${OURS}`]).catch(() => undefined);
}

/** Whether somebody has made ranges local for good: not a run of nekube, which has them for itself. */
export async function areLocal(ranges: readonly string[]): Promise<boolean> {
  const routes = await machineRoutes().catch(() => []);
  return ranges.every((range) =>
    routes.some(
      ({ dst, dev, type, protocol }) => dst === range && type === 'local' && dev === 'lo' && protocol !== OURS,
    ),
  );
}
