import type { RunningServer } from 'nekube/apiserver';
import { newClient } from 'nekube/client';
import { createLogger, Manager } from 'nekube/controller';
import type { Pki } from 'nekube/pki';
import { type Io, messageOf } from './io.ts';

/** A second is promised from the signal to the end of all, of which this is a manager's part. */
const STOP_MS = 250;

/** What a manager runs beside. */
export interface ManagerPlace {
  readonly server: RunningServer;
  readonly pki: Pki;
  readonly io: Pick<Io, 'stderr'>;
}

/**
 * Runs a manager beside a server of this process, which it reaches without a socket. The user is one of the masters, since those
 * of a real cluster may do all that there is together. What goes wrong is told on stderr; the server goes on.
 *
 * @param what runs, with its verb: `the scheduler has`, of which it is told that it ended
 * @param setUp adds to the manager what it runs
 * @returns stops it
 */
export async function runManager(
  { server, pki, io }: ManagerPlace,
  {
    user,
    what,
    setUp,
  }: { readonly user: string; readonly what: string; setUp(manager: Manager): void | Promise<void> },
): Promise<() => Promise<void>> {
  const { cert } = pki.issueClient({ user, groups: ['system:masters'] });
  const client = newClient({ url: server.url, ...server.connect({ certificate: cert }) });
  const logger = createLogger({ level: 'warn', format: 'console', color: false, write: (line) => io.stderr(line) });
  const manager = new Manager({ client, closesClient: true, gracefulStopMs: STOP_MS, logger });
  await setUp(manager);
  const stop = new AbortController();
  const ended = manager.start(stop.signal).catch((error: unknown) => {
    io.stderr(`nekube: ${what} ended: ${messageOf(error)}\n`);
  });
  return () => {
    stop.abort();
    return ended;
  };
}
