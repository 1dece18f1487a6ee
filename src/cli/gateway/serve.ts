import { type Client, isNoMatchError, stripManagedFields, systemClock } from 'nekube/client';
import { Secret } from 'nekube/client/kinds';
import { createLogger, type LogLevel, Manager, PrometheusMetrics } from 'nekube/controller';
import { type AddressBook, addGatewayController, installGatewayApi } from 'nekube/gateway';
import { CliError, type Io } from '../io.ts';
import { addressBookOf } from './addresses.ts';
import { type OpenPlane, openDataPlane, type PlaneFlags } from './data-plane.ts';
import { operationsOf } from './operations.ts';
import { type Reach, ReachedPlane } from './reached-plane.ts';

/** How gateways are served. */
export interface ServeFlags extends PlaneFlags {
  readonly addresses: string;
  readonly loadBalancerClass?: string;
  readonly install?: boolean;
  readonly leaderElect?: string;
  /** Milliseconds. */
  readonly drainTime: number;
  readonly metricsAddress?: string;
  /** Where pods are reached that have addresses in the API alone; default: at these. */
  readonly reach?: Reach;
  /** Of what controllers say; default: `info`. */
  readonly logLevel?: LogLevel;
}

/** Of those there may be thousands, and no Gateway refers to one. */
const OTHER_SECRETS = ['helm.sh/release.v1', 'kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token'];
/** What ends beside the connections has so long: controllers, a lease, processes. */
const END_MS = 10_000;

/**
 * Serves gateways until `io.signal` is aborted, and then until connections have ended or their time is over.
 *
 * @param onReady is told once that what was there is translated and a data plane serves
 */
export async function serveGateways(
  client: Client,
  flags: ServeFlags,
  io: Io,
  onReady: () => void = () => {},
): Promise<void> {
  const addresses = await addressBookOf(flags.addresses, flags.loadBalancerClass);
  const addOperations = operationsOf(flags);
  const metrics = new PrometheusMetrics();
  if (flags.install) {
    await installGatewayApi(client, { channel: 'experimental', clock: systemClock, signal: io.signal });
  }
  const opened = await openDataPlane(flags, metrics.registry, io);
  const plane = flags.reach ? { ...opened, dataPlane: new ReachedPlane(opened.dataPlane, flags.reach) } : opened;
  io.ending?.({ withinMs: flags.drainTime + END_MS, atOnce: plane.endAtOnce });
  const onTranslated = tellReady(plane.dataPlane.name, io, onReady);
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
}

function managerOf(
  client: Client,
  { leaderElect, logLevel = 'info' }: ServeFlags,
  metrics: PrometheusMetrics,
  io: Io,
): Manager {
  const logger = createLogger({ level: logLevel, format: 'console', color: false, write: (line) => io.stderr(line) });
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
function tellReady(dataPlane: string, io: Io, onReady: () => void): () => void {
  let isTold = false;
  return () => {
    if (isTold) return;
    isTold = true;
    io.stderr(`nekube: gateway ready (${dataPlane}) in ${Math.round(io.elapsedMs())} ms\n`);
    onReady();
  };
}
