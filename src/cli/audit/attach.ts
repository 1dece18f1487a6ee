import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { isStatusError } from 'nekube/apimachinery';
import { actorOf, AuditLogReader, type TrailRequest } from 'nekube/audit';
import type { Client } from 'nekube/client';
import { withCluster } from '../cluster.ts';
import { CliError, type Io, messageOf } from '../io.ts';
import { printable } from '../printable.ts';
import type { AttachFlags } from './attach-command.ts';
import { type Progress, progressOn } from '../progress.ts';
import { printRights, rbacObjects, userOf } from './rights.ts';

/** To print what was seen takes no longer, once the user has asked it to end. */
const REPORT_MS = 10_000;

/** So long the server is asked what is granted, at the end. */
const GRANTS_MS = 5000;

/**
 * Follows the requests of a user until `io.signal` is aborted, or the time of the flags is over, and prints its rights.
 *
 * @throws CliError for wrong flags, and for a server that does not tell
 * @throws NegativeFinding as `nekube audit log`
 */
export async function auditAttach(flags: AttachFlags, io: Io): Promise<void> {
  const user = userOf(flags);
  if (user === undefined)
    throw new CliError('Nobody is named', { hint: '--serviceaccount NAMESPACE/NAME, or --user NAME' });
  io.ending?.({ withinMs: REPORT_MS, atOnce() {} });
  const asked = { ...flags, live: flags.rbac === undefined };
  const before = await rbacObjects(asked, io);
  const stop = new AbortController();
  const stopped = (): void => stop.abort();
  io.signal.addEventListener('abort', stopped, { once: true });
  if (flags.for !== undefined) setTimeout(stopped, flags.for).unref();
  const { signal } = stop;
  const progress = progressOn(io, flags.progress, flags.for);
  const requests = await withCluster(flags, io, (client) => followed(client, user, { signal, progress })).finally(() =>
    progress.end(),
  );
  // a binding may have come meanwhile; the interrupt has ended `io.signal`, and a server that has ended tells no more
  const atEnd = { ...io, signal: AbortSignal.timeout(GRANTS_MS) };
  const objects = await rbacObjects(asked, atEnd).catch(() => before);
  printRights({ requests, user, objects, whoElse: ' meanwhile' }, flags, io);
}

/** The requests that came until the signal was aborted, or the server ended. */
async function followed(
  client: Client,
  user: string,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<readonly TrailRequest[]> {
  const reader = new AuditLogReader();
  const body = await opened(client, user, signal);
  progress.step(`following ${user}`);
  let own = 0;
  try {
    for await (const line of createInterface({ input: Readable.from(body), crlfDelay: Infinity })) {
      reader.read(line);
      const last = reader.last;
      if (last === undefined || actorOf(last).name !== user) continue;
      progress.detail(`${++own} ${own === 1 ? 'request' : 'requests'}; last: ${last.verb} ${last.uri.split('?')[0]}`);
    }
    if (!signal.aborted) progress.say('warning: the server ended: what came after is not in here\n');
  } catch (error) {
    if (!signal.aborted) progress.say(`warning: ${printable(messageOf(error))}: what came after is not in here\n`);
  }
  return reader.trail().requests;
}

async function opened(client: Client, user: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const path = `/debug/audit?user=${encodeURIComponent(user)}`;
  try {
    const { body } = await client.open({ method: 'GET', path, headers: { accept: '*/*' }, signal });
    return body;
  } catch (error) {
    if (!isStatusError(error)) throw error;
    const { code = 0 } = error.status;
    if (code === 404)
      throw new CliError('The server does not tell of its requests: it has no /debug/audit, as nekube has it', {
        hint: 'read its audit log: nekube audit log FILE',
        cause: error,
      });
    const hint =
      code === 403 ? 'get on the nonResourceURL /debug/audit is needed, which system:masters have' : undefined;
    throw new CliError(`Cannot follow its requests: ${error.message}`, { ...(hint && { hint }), cause: error });
  }
}
