import { rm } from 'node:fs/promises';
import { machineRoutes } from '../machine/overlaps.ts';
import { makeRunFolder } from '../machine/run-folder.ts';
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
  const end = async (): Promise<void> => {
    await removeOurRoutes(ranges);
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

/** Removes the routes of runs of this mode: of one that has these ranges, or of all. */
export async function removeOurRoutes(ranges?: readonly string[]): Promise<void> {
  const routes = await machineRoutes();
  const mine = routes.filter(({ protocol, dst }) => protocol === OURS && (ranges?.includes(dst) ?? true));
  if (mine.length > 0) await ip(mine.map(({ dst }) => `route del local ${dst} dev lo proto ${OURS}`));
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
