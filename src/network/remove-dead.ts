import { removeOurRoutes } from './loopback/local-routes.ts';
import { removeDeadRuns } from './machine/run-folder.ts';
import { removeDeadBridges } from './namespaces/bridge.ts';

/** Removes what runs that were killed have left of folders, routes and devices. Whoever is about to make its own calls it before. */
export async function removeDead(): Promise<void> {
  if (!removeDeadRuns().has('loopback')) await removeOurRoutes();
  await removeDeadBridges();
}
