import type { RunningServer } from 'nekube/apiserver';
import { newClient } from 'nekube/client';
import { createLogger, Manager } from 'nekube/controller';
import { addControllers, chooseControllers, CONTROLLERS } from 'nekube/controllers';
import type { Pki } from 'nekube/pki';
import { CliError, type Io, messageOf } from './io.ts';

/** Who controllers are to the server; of the masters, as those of a real cluster may do together all that there is. */
const IDENTITY = { user: 'system:kube-controller-manager', groups: ['system:masters'] };
/** A second is promised from the signal to the end of all, of which this is the controllers' part. */
const STOP_MS = 250;

/** The controllers that the flag names. @throws CliError, with the names that there are */
export function controllersOf(flag: string): readonly string[] {
  const names = chooseControllers(flag, CONTROLLERS);
  if (typeof names !== 'string') return names;
  throw new CliError(`Cannot run the controllers ${JSON.stringify(flag)}: ${names}`, {
    hint: `give --controllers all, none, or some of ${CONTROLLERS.join(', ')}`,
  });
}

/**
 * Runs controllers beside a server of this process, which they reach without a socket. What goes wrong is told on stderr;
 * the server goes on.
 *
 * @returns stops them
 */
export async function runControllers(
  names: readonly string[],
  {
    server,
    pki,
    io,
    localPath,
  }: {
    readonly server: RunningServer;
    readonly pki: Pki;
    readonly io: Pick<Io, 'stderr'>;
    /** Where volumes of the class `local-path` are. */
    readonly localPath?: string;
  },
): Promise<() => Promise<void>> {
  const { cert } = pki.issueClient(IDENTITY);
  const transport = { url: server.url, ...server.connect({ certificate: cert }) };
  const logger = createLogger({ level: 'warn', format: 'console', color: false, write: (line) => io.stderr(line) });
  const manager = new Manager({ client: newClient(transport), closesClient: true, gracefulStopMs: STOP_MS, logger });
  await addControllers(manager, { names, rootCa: pki.caCert, ...(localPath !== undefined && { localPath }) });
  const stop = new AbortController();
  const ended = manager.start(stop.signal).catch((error: unknown) => {
    io.stderr(`nekube: the controllers have ended: ${messageOf(error)}\n`);
  });
  return () => {
    stop.abort();
    return ended;
  };
}
