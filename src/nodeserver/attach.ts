import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { internalStatus, SUCCESS } from 'nekube/streaming';
import type { ServedContainer, ServedPod } from './host.ts';
import { LogWriter } from './log-lines.ts';
import { logTarget } from './log-target.ts';
import { readLog } from './read-log.ts';
import type { RemoteConnection } from './remote-streams.ts';

/** Shows a client what a container says from now on, and hands on what it types, until either ends. */
export async function serveAttach(
  pod: ServedPod,
  container: string,
  running: ServedContainer,
  connection: RemoteConnection,
): Promise<void> {
  const gone = new AbortController();
  void connection.closed.then(() => gone.abort());
  if (connection.stdin !== undefined && running.stdin !== undefined) handOn(connection.stdin, running.stdin);
  const target = logTarget(pod.object, container, false);
  if ('problem' in target) return connection.finish(internalStatus(`error attaching to container: ${target.problem}`));
  const lines = readLog(pod.logPath(container, target.restartCount), {
    tailLines: 0,
    until: running.exited,
    signal: gone.signal,
  });
  const writer = new LogWriter({ follow: true, timestamps: false });
  for await (const line of lines) {
    const to = connection[line.stream];
    if (to !== undefined && !to.write(writer.write(line)))
      await once(to, 'drain', { signal: gone.signal }).catch(() => {});
    if (gone.signal.aborted) break;
  }
  await connection.finish(SUCCESS);
}

/** What one client types; the input stays open for others. */
function handOn(from: Duplex, to: NonNullable<ServedContainer['stdin']>): void {
  from.on('data', (data: Buffer) => {
    if (to.writable && !to.write(data)) {
      from.pause();
      to.once('drain', () => from.resume());
    }
  });
}
