import { type Client, isNoMatchError, stripManagedFields, systemClock } from 'nekube/client';
import { createLogger, Manager, PrometheusMetrics } from 'nekube/controller';
import { Secret } from 'nekube/client/kinds';
import { type AddressBook, addGatewayController, installGatewayApi } from 'nekube/gateway';
import { withCluster } from '../cluster.ts';
import { CliError, type Io } from '../io.ts';
import { addressBookOf } from './addresses.ts';
import { type OpenPlane, openDataPlane } from './data-plane.ts';
import { operationsOf } from './operations.ts';
import type { RunFlags } from './run-command.ts';

/** Of those there may be thousands, and no Gateway refers to one. */
const OTHER_SECRETS = ['helm.sh/release.v1', 'kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token'];
/** What ends beside the connections has so long: controllers, a lease, processes. */
const END_MS = 5000;

/** Serves gateways until `io.signal` is aborted. */
export async function runGateways(flags: RunFlags, io: Io): Promise<void> {
  const addresses = await addressBookOf(flags.addresses);
  const metrics = new PrometheusMetrics();
  const addOperations = operationsOf(flags);
  await withCluster(flags, io, async (client) => {
    if (flags.install) {
      await installGatewayApi(client, { channel: 'experimental', clock: systemClock, signal: io.signal });
    }
    const plane = await openDataPlane(flags, metrics.registry, io);
    io.ending?.({ withinMs: flags.drainTime + END_MS, atOnce: plane.endAtOnce });
    const onTranslated = tellReady(plane.dataPlane.name, io);
    try {
      // kinds that come and go need other controllers; the data plane serves meanwhile
      while (!io.signal.aborted) {
        const { signal, onOtherKinds } = beginAnew(io);
        const manager = managerOf(client, flags, metrics, io);
        await added(manager, { plane, addresses, metrics, onTranslated, onOtherKinds });
        addOperations(manager, { client, metrics, dataPlane: plane.dataPlane });
        await manager.start(signal);
      }
    } finally {
      await plane.end(flags.drainTime);
    }
  });
}

function managerOf(client: Client, { leaderElect }: RunFlags, metrics: PrometheusMetrics, io: Io): Manager {
  const logger = createLogger({ level: 'info', format: 'console', color: false, write: (line) => io.stderr(line) });
  const kinds = [{ kind: Secret, fieldSelector: OTHER_SECRETS.map((type) => `type!=${type}`).join(',') }];
  return new Manager({
    client,
    logger,
    metrics,
    gracefulStopMs: END_MS / 2,
    cache: { transform: stripManagedFields, kinds },
    ...(leaderElect !== undefined && { leaderElection: { name: 'gateway.nekube.dev', namespace: leaderElect } }),
  });
}

/** A signal that is aborted with the user's, or when controllers must begin anew. */
function beginAnew(io: Io): { signal: AbortSignal; onOtherKinds: (changes: readonly string[]) => void } {
  const anew = new AbortController();
  return {
    signal: AbortSignal.any([io.signal, anew.signal]),
    onOtherKinds(changes) {
      io.stderr(`nekube: other kinds are served now: ${changes.join(', ')}\n`);
      anew.abort(new Error('Other kinds are served'));
    },
  };
}

/** What serves gateways, and who is told of it. */
interface Serving {
  readonly plane: OpenPlane;
  readonly addresses: AddressBook;
  readonly metrics: PrometheusMetrics;
  readonly onTranslated: () => void;
  readonly onOtherKinds: (changes: readonly string[]) => void;
}

async function added(manager: Manager, { plane, metrics, ...more }: Serving): Promise<void> {
  try {
    await addGatewayController(manager, { dataPlane: plane.dataPlane, metrics: metrics.registry, ...more });
  } catch (cause) {
    if (!isNoMatchError(cause)) throw cause;
    const hint = 'nekube gateway install, or nekube gateway run --install';
    throw new CliError('The cluster has no Gateway API, or an old one', { hint, cause });
  }
}

/** Says once that what was there is translated and a data plane serves. */
function tellReady(dataPlane: string, io: Io): () => void {
  let isTold = false;
  return () => {
    if (isTold) return;
    isTold = true;
    io.stderr(`nekube: gateway ready (${dataPlane}) in ${Math.round(io.elapsedMs())} ms\n`);
  };
}
