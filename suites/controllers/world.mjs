// A server of ours in this process with built-in controllers, whose clock goes as fast as a test waits.
import { start } from 'nekube/envtest';
import { Manager } from 'nekube/controller';
import { addControllers } from 'nekube/controllers';
import { createLogger } from 'nekube/controller';

/** Starts both; `stop()` ends them. */
export function startWorld(...names) {
  return startWorldWith({ names });
}

/** The same with more of what `addControllers` takes. */
export async function startWorldWith({ names, ...options }) {
  const env = await start({ level: 'fake', name: names.join(', ') });
  const user = { name: 'system:kube-controller-manager', groups: ['system:masters'] };
  const manager = new Manager({
    client: env.user(user),
    clock: env.clock,
    gracefulStopMs: 1000,
    logger: createLogger({ level: 'error', format: 'console' }),
  });
  await addControllers(manager, { names, rootCa: 'a CA', ...options });
  const stopping = new AbortController();
  const ended = manager.start(stopping.signal);
  await manager.elected;
  return {
    env,
    client: env.client,
    async stop() {
      stopping.abort();
      await ended;
      await env.stop();
    },
  };
}

/** Whether there is such an object. */
export async function isThere(client, kind, key) {
  try {
    await client.get(kind, key);
    return true;
  } catch (error) {
    if (error.status?.reason === 'NotFound') return false;
    throw error;
  }
}
