import { randomBytes } from 'node:crypto';
import type { Environment, StartOptions } from './environment.ts';
import { callerOf, noteRunning } from './leaks.ts';
import { levelOf, UnsupportedAtLevelError } from './level.ts';
import { LocalControlPlane } from './local-environment.ts';

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' };

/**
 * Starts a control plane for a test.
 *
 * At fake and envtest it is a new one of this process, with nothing but what a fresh cluster has: some hundred
 * milliseconds for the first of a process, some ten for each after it. Nothing of it outlives `stop`.
 *
 * @throws RangeError for a level that there is not
 */
export async function start(options: StartOptions = {}): Promise<Environment> {
  const startedAt = callerOf();
  const level = levelOf(options.level);
  const name = options.name ?? 'test';
  if (level === 'cluster') throw new UnsupportedAtLevelError(level, 'start a test', 'this level is not there yet');
  const plane = await LocalControlPlane.start(level, options);
  const forget = noteRunning(name, level, startedAt);
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    forget();
    return (stopping ??= plane.stop());
  };
  return {
    level,
    name,
    client: plane.client(),
    clock: plane.clock,
    user: (user, clientOptions) => plane.client(user, clientOptions),
    kubeconfig: () => plane.kubeconfig(),
    namespace: async (prefix = 'test') => {
      const namespace = `${prefix}-${randomBytes(4).toString('hex')}`;
      await plane.client().create({ ...NAMESPACE, metadata: { name: namespace } });
      return namespace;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
