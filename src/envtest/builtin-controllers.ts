import type { Manager } from 'nekube/controller';
import type { TestUser } from './certificates.ts';
import type { ControlPlane } from './control-plane.ts';
import type { StartOptions } from './environment.ts';

/** As kube-controller-manager; of the masters, for together controllers may do all that there is. */
const IDENTITY = { name: 'system:kube-controller-manager', groups: ['system:masters'] };

/** The names that are asked for. @throws RangeError for one that there is not */
export async function namesOf(choice: NonNullable<StartOptions['controllers']>): Promise<readonly string[]> {
  const { chooseControllers, CONTROLLERS } = await import('nekube/controllers');
  const names = chooseControllers(typeof choice === 'string' ? choice : choice.join(), CONTROLLERS);
  if (typeof names !== 'string') return names;
  throw new RangeError(`controllers: ${names}; there are ${CONTROLLERS.join(', ')}`);
}

/**
 * Runs built-in controllers on a control plane, by its clock. What they need is loaded here: most tests have none.
 *
 * @returns stops them
 * @throws RangeError for a name that there is not
 */
export async function runBuiltinControllers(
  plane: ControlPlane,
  { controllers = 'none', log }: Pick<StartOptions, 'controllers' | 'log'>,
  rootCa: string,
): Promise<() => Promise<void>> {
  const names = await namesOf(controllers);
  if (names.length === 0) return async () => {};
  const { addControllers } = await import('nekube/controllers');
  return runManager(plane, IDENTITY, log, (manager) => addControllers(manager, { names, rootCa }));
}

/** Runs what is added to a manager. @returns stops it */
export async function runManager(
  plane: ControlPlane,
  user: TestUser,
  log: StartOptions['log'],
  add: (manager: Manager) => Promise<void>,
): Promise<() => Promise<void>> {
  const { createLogger, Manager } = await import('nekube/controller');
  const write = (line: string): void => log?.(line.trimEnd());
  const logger = createLogger({ level: 'warn', format: 'console', color: false, write });
  const manager = new Manager({ client: plane.client(user), clock: plane.clock, gracefulStopMs: 1000, logger });
  await add(manager);
  const stop = new AbortController();
  const ended = manager.start(stop.signal);
  ended.catch((error: unknown) => log?.(`what runs as ${user.name} has ended: ${String(error)}`));
  return async () => {
    stop.abort();
    await ended.catch(() => {});
  };
}
