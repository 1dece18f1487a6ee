import { randomUUID } from 'node:crypto';
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
/** So long the server may take to tell of what it answered before the end. */
const LAST_MS = 4000;
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
  const objects = await rbacObjects(asked, atEnd).catch((error: unknown) => {
    io.stderr(`warning: ${printable(messageOf(error))}: what is granted is told as it was at the beginning\n`);
    return before;
  });
  printRights({ requests, user, objects, whoElse: ' meanwhile' }, flags, io);
}

/** The requests that were answered until the signal was aborted, or the server ended. */
async function followed(
  client: Client,
  user: string,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<readonly TrailRequest[]> {
  const reader = new AuditLogReader();
  const reading = new AbortController();
  // what the server has told of may not be read yet: a request of our own is told of behind it
  const last = randomUUID();
  let isOpen = false;
  const end = (): void => (isOpen ? void tellOf(client, last, reading) : reading.abort(signal.reason));
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  const body = await opened(client, user, reading.signal);
  isOpen = true;
  progress.step(`following ${user}`);
  const told = { last, reading, onRequest: counted(user, progress) };
  const why = await readAll(body, reader, told);
  reading.abort();
  if (why !== undefined)
    progress.say(
      `warning: ${why}: ${signal.aborted ? 'what came last may not be' : 'what came after is not'} in here\n`,
    );
  return reader.trail().requests.filter(({ id }) => id !== last);
}

/** Tells of each request of a user how many there were. */
function counted(user: string, progress: Progress): (request: TrailRequest) => void {
  let own = 0;
  return (request) => {
    if (actorOf(request).name !== user) return;
    const { verb, uri } = request;
    progress.detail(`${++own} ${own === 1 ? 'request' : 'requests'}; last: ${verb} ${uri.split('?')[0]}`);
  };
}

/** What is read to its last request, and ends then. */
interface Told {
  /** The id of that. */
  readonly last: string;
  readonly reading: AbortController;
  readonly onRequest: (request: TrailRequest) => void;
}

/** Reads what the server tells; gives why the last request did not come, if it did not. */
async function readAll(
  body: AsyncIterable<Uint8Array>,
  reader: AuditLogReader,
  { last, reading, onRequest }: Told,
): Promise<string | undefined> {
  let isAll = false;
  try {
    for await (const line of createInterface({ input: Readable.from(body), crlfDelay: Infinity })) {
      // it is read on: the error that ends it would else end the process
      if (isAll) continue;
      reader.read(line);
      const request = reader.last;
      isAll = request?.id === last;
      if (isAll) reading.abort();
      if (request !== undefined) onRequest(request);
    }
    return isAll ? undefined : 'the server ended';
  } catch (error) {
    return isAll ? undefined : printable(messageOf(error));
  }
}

/** Makes a request by which the end of what the server tells is known; ends the reading where it will not be. */
async function tellOf(client: Client, id: string, reading: AbortController): Promise<void> {
  const late = setTimeout(
    () => reading.abort(new Error(`the server did not tell of all within ${LAST_MS} ms`)),
    LAST_MS,
  );
  reading.signal.addEventListener('abort', () => clearTimeout(late), { once: true });
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const path = `/apis/${review.apiVersion}/selfsubjectreviews`;
  const headers = { 'content-type': 'application/json', 'audit-id': id };
  try {
    await client.raw({ method: 'POST', path, headers, body: JSON.stringify(review), signal: reading.signal });
  } catch (error) {
    // also of what it refuses the server tells
    if (!isStatusError(error)) reading.abort(error);
  }
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
