import type { RunningServer } from 'nekube/apiserver';
import { type Client, newClient } from 'nekube/client';
import { createLogger, Manager } from 'nekube/controller';
import { makeTemporaryFolder } from 'nekube/files';
import type { ControllerSettings } from 'nekube/controllers';
import type { Pki } from 'nekube/pki';
import { type Io, messageOf } from './io.ts';

/** A second is promised from the signal to the end of all, of which this is the manager's part. */
const STOP_MS = 250;

/** The controller that makes folders. */
const LOCAL_PATH = 'local-path-provisioner';

/** What is run. */
export interface ControlLoops {
  /** The names of controllers. */
  readonly controllers: readonly string[];
  readonly scheduler: boolean;
  /** Where volumes of the class `local-path` are; absent: in a folder that goes with this process. */
  readonly localPath?: string;
  readonly settings?: Partial<ControllerSettings>;
}

/** What they run beside. */
export interface ControlLoopsPlace {
  readonly server: RunningServer;
  readonly pki: Pki;
  readonly io: Pick<Io, 'stderr'>;
}

/**
 * Runs controllers and the scheduler beside a server of this process, which they reach without a socket. They share one
 * cache, so that there is one copy of all objects and each event is read once; each writes as the user that it is in a real
 * cluster. All of them are of the masters, since together they may do all that there is.
 *
 * What goes wrong is told on stderr; the server goes on.
 *
 * @returns stops them
 */
export async function runControlLoops(
  { controllers, scheduler, localPath, settings = {} }: ControlLoops,
  { server, pki, io }: ControlLoopsPlace,
): Promise<() => Promise<void>> {
  const clientOf = (user: string): Client => {
    const { cert } = pki.issueClient({ user, groups: ['system:masters'] });
    return newClient({ url: server.url, ...server.connect({ certificate: cert }) });
  };
  const stop = new AbortController();
  // that what ends is cut short is nothing to be told
  const tell = (line: string): void => {
    if (!stop.signal.aborted) io.stderr(line);
  };
  const logger = createLogger({ level: 'warn', format: 'console', color: false, write: tell });
  const client = clientOf(controllers.length > 0 ? 'system:kube-controller-manager' : 'system:kube-scheduler');
  const manager = new Manager({ client, closesClient: true, gracefulStopMs: STOP_MS, logger });
  if (controllers.length > 0) {
    const { addControllers } = await import('nekube/controllers');
    const volumes =
      localPath ?? (controllers.includes(LOCAL_PATH) ? makeTemporaryFolder('nekube-volumes', true) : undefined);
    const folder = volumes === undefined ? {} : { localPath: volumes };
    await addControllers(manager, { names: controllers, rootCa: pki.caCert, settings, ...folder });
  }
  const binder = scheduler ? clientOf('system:kube-scheduler') : undefined;
  if (binder !== undefined) {
    const { addScheduler } = await import('nekube/scheduler');
    addScheduler(manager, { client: binder });
  }
  const what = [...(controllers.length > 0 ? ['controllers'] : []), ...(scheduler ? ['scheduler'] : [])];
  const ended = manager.start(stop.signal).catch((error: unknown) => {
    const has = what.length === 1 && scheduler ? 'has' : 'have';
    tell(`nekube: the ${what.join(' and the ')} ${has} ended: ${messageOf(error)}\n`);
  });
  return async () => {
    stop.abort();
    await ended;
    await binder?.close();
  };
}
