import { addScheduler } from 'nekube/scheduler';
import { type ManagerPlace, runManager } from './run-manager.ts';

/**
 * Runs the scheduler beside a server of this process.
 *
 * @returns stops it
 */
export function runScheduler(place: ManagerPlace): Promise<() => Promise<void>> {
  return runManager(place, {
    user: 'system:kube-scheduler',
    what: 'the scheduler has',
    setUp: (manager) => addScheduler(manager),
  });
}
