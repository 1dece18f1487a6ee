import { withCluster } from '../cluster.ts';
import { keepMemorySmall } from '../idle-memory.ts';
import type { Io } from '../io.ts';
import type { RunFlags } from './run-command.ts';
import { serveGateways } from './serve.ts';
import { warnOfUnreachedPods } from './unreached-pods.ts';

/** Serves the gateways of a cluster until `io.signal` is aborted. */
export async function runGateways(flags: RunFlags, io: Io): Promise<void> {
  // where requests go through this process, they are worth more than its memory
  const end = flags.dataPlane === 'envoy' ? keepMemorySmall() : () => {};
  try {
    await withCluster(flags, io, async (client) => {
      await warnOfUnreachedPods(client, io);
      await serveGateways(client, flags, io);
    });
  } finally {
    end();
  }
}
