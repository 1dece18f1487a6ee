import { isNoMatchError, stripManagedFields, systemClock } from 'nekube/client';
import { createLogger, Manager } from 'nekube/controller';
import { Secret } from 'nekube/client/kinds';
import { addGatewayController, type DataPlane, installGatewayApi } from 'nekube/gateway';
import { withCluster } from '../cluster.ts';
import { CliError, type Io } from '../io.ts';
import { addressBookOf } from './addresses.ts';
import { openDataPlane } from './data-plane.ts';
import type { RunFlags } from './run-command.ts';

/** Of those there may be thousands, and no Gateway refers to one. */
const OTHER_SECRETS = ['helm.sh/release.v1', 'kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token'];
/** Connections have so long to end when this process does. */
const DRAIN_MS = 5000;

/** Serves gateways until `io.signal` is aborted. */
export async function runGateways(flags: RunFlags, io: Io): Promise<void> {
  const addresses = await addressBookOf(flags.addresses);
  await withCluster(flags, io, async (client) => {
    if (flags.install) {
      await installGatewayApi(client, { channel: 'experimental', clock: systemClock, signal: io.signal });
    }
    const dataPlane = await openDataPlane(flags, io);
    try {
      const logger = createLogger({ level: 'info', format: 'console', color: false, write: (line) => io.stderr(line) });
      const kinds = [{ kind: Secret, fieldSelector: OTHER_SECRETS.map((type) => `type!=${type}`).join(',') }];
      const manager = new Manager({
        client,
        logger,
        cache: { transform: stripManagedFields, kinds },
        ...(flags.leaderElect !== undefined && {
          leaderElection: { name: 'gateway.nekube.dev', namespace: flags.leaderElect },
        }),
      });
      await added(manager, dataPlane, { addresses, ...tellReady(dataPlane, io) });
      await manager.start(io.signal);
    } finally {
      await dataPlane.close({ drainMs: DRAIN_MS });
    }
  });
}

async function added(
  manager: Manager,
  dataPlane: DataPlane,
  options: Omit<Parameters<typeof addGatewayController>[1], 'dataPlane'>,
): Promise<void> {
  try {
    await addGatewayController(manager, { dataPlane, ...options });
  } catch (cause) {
    if (!isNoMatchError(cause)) throw cause;
    const hint = 'nekube gateway install, or nekube gateway run --install';
    throw new CliError('The cluster has no Gateway API, or an old one', { hint, cause });
  }
}

/** Says once that what was there is translated and a data plane serves. */
function tellReady(dataPlane: DataPlane, io: Io): { readonly onTranslated: () => void } {
  let isTold = false;
  return {
    onTranslated() {
      if (isTold) return;
      isTold = true;
      io.stderr(`nekube: gateway ready (${dataPlane.name}) in ${Math.round(io.elapsedMs())} ms\n`);
    },
  };
}
