import { addControllers, chooseControllers, CONTROLLERS } from 'nekube/controllers';
import { CliError } from './io.ts';
import { type ManagerPlace, runManager } from './run-manager.ts';

/** The controllers that the flag names. @throws CliError, with the names that there are */
export function controllersOf(flag: string): readonly string[] {
  const names = chooseControllers(flag, CONTROLLERS);
  if (typeof names !== 'string') return names;
  throw new CliError(`Cannot run the controllers ${JSON.stringify(flag)}: ${names}`, {
    hint: `give --controllers all, none, or some of ${CONTROLLERS.join(', ')}`,
  });
}

/**
 * Runs controllers beside a server of this process.
 *
 * @returns stops them
 */
export function runControllers(
  names: readonly string[],
  {
    localPath,
    ...place
  }: ManagerPlace & {
    /** Where volumes of the class `local-path` are. */
    readonly localPath?: string;
  },
): Promise<() => Promise<void>> {
  const rootCa = place.pki.caCert;
  return runManager(place, {
    user: 'system:kube-controller-manager',
    what: 'the controllers have',
    setUp: (manager) => addControllers(manager, { names, rootCa, ...(localPath !== undefined && { localPath }) }),
  });
}
