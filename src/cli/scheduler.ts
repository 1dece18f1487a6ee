import type { RunningServer } from 'nekube/apiserver';
import { newClient } from 'nekube/client';
import { createLogger, Manager } from 'nekube/controller';
import type { Pki } from 'nekube/pki';
import { addScheduler } from 'nekube/scheduler';
import { type Io, messageOf } from './io.ts';

/** Who the scheduler is to the server. */
const IDENTITY = { user: 'system:kube-scheduler', groups: ['system:masters'] };
/** A second is promised from the signal to the end of all, of which this is the scheduler's part. */
const STOP_MS = 250;

/**
 * Runs the scheduler beside a server of this process, which it reaches without a socket. What goes wrong is told on stderr;
 * the server goes on.
 *
 * @returns stops it
 */
export function runScheduler(server: RunningServer, pki: Pki, io: Pick<Io, 'stderr'>): () => Promise<void> {
  const { cert } = pki.issueClient(IDENTITY);
  const client = newClient({ url: server.url, ...server.connect({ certificate: cert }) });
  const logger = createLogger({ level: 'warn', format: 'console', color: false, write: (line) => io.stderr(line) });
  const manager = new Manager({ client, closesClient: true, gracefulStopMs: STOP_MS, logger });
  addScheduler(manager);
  const stop = new AbortController();
  const ended = manager.start(stop.signal).catch((error: unknown) => {
    io.stderr(`nekube: the scheduler has ended: ${messageOf(error)}\n`);
  });
  return () => {
    stop.abort();
    return ended;
  };
}
