import { withCluster } from '../cluster.ts';
import type { Io } from '../io.ts';
import type { RunFlags } from './run-command.ts';
import { serveGateways } from './serve.ts';

/** Serves the gateways of a cluster until `io.signal` is aborted. */
export async function runGateways(flags: RunFlags, io: Io): Promise<void> {
  await withCluster(flags, io, (client) => serveGateways(client, flags, io));
}
