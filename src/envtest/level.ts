/**
 * How real the API server of a test is: `fake` is the server in this process, without a socket and with a clock that the
 * test turns; `envtest` the same server behind TLS; `cluster` whatever a kubeconfig names.
 */
export type Level = 'fake' | 'envtest' | 'cluster';

const LEVELS: readonly Level[] = ['fake', 'envtest', 'cluster'];

/** The level that is asked for by an option or, without one, by `NEKUBE_TEST_LEVEL`; else `envtest`. @throws RangeError */
export function levelOf(option: string | undefined, env: NodeJS.ProcessEnv = process.env): Level {
  const [from, asked] =
    option !== undefined ? ['the option level', option] : ['NEKUBE_TEST_LEVEL', env['NEKUBE_TEST_LEVEL'] || 'envtest'];
  const level = LEVELS.find((known) => known === asked);
  if (level !== undefined) return level;
  throw new RangeError(
    `Cannot start a test at level ${JSON.stringify(asked)} (from ${from}): it must be one of ${LEVELS.join(', ')}`,
  );
}

/** What is missing at a level, and why. */
export class UnsupportedAtLevelError extends Error {
  readonly level: Level;

  constructor(level: Level, what: string, why: string) {
    super(`Cannot ${what} at level ${level}: ${why}`);
    this.name = 'UnsupportedAtLevelError';
    this.level = level;
  }
}
