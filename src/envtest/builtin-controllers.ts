import type { ControlPlane } from './control-plane.ts';
import type { StartOptions } from './environment.ts';

/** As kube-controller-manager; of the masters, for together controllers may do all that there is. */
const IDENTITY = { name: 'system:kube-controller-manager', groups: ['system:masters'] };

/** The names that are asked for. @throws RangeError for one that there is not */
async function namesOf(choice: NonNullable<StartOptions['controllers']>): Promise<readonly string[]> {
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
  const [{ addControllers }, { createLogger, Manager }] = await Promise.all([
    import('nekube/controllers'),
    import('nekube/controller'),
  ]);
  const write = (line: string): void => log?.(line.trimEnd());
  const logger = createLogger({ level: 'warn', format: 'console', color: false, write });
  const client = plane.client(IDENTITY);
  const manager = new Manager({ client, clock: plane.clock, gracefulStopMs: 1000, logger });
  await addControllers(manager, { names, rootCa });
  const stop = new AbortController();
  const ended = manager.start(stop.signal);
  ended.catch((error: unknown) => log?.(`the controllers have ended: ${String(error)}`));
  return async () => {
    stop.abort();
    await ended.catch(() => {});
  };
}
