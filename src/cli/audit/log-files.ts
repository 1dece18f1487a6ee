import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AuditLogReader, type TrailRequest } from 'nekube/audit';
import { CliError, type Io, messageOf } from '../io.ts';

/** So many wrong lines of a file are told one by one. */
const MOST_TOLD = 5;

/**
 * The requests of audit logs, by time. Lines that are no events are told on stderr, and passed over.
 *
 * @throws CliError for a file that cannot be read, and for one that has no event at all
 */
export async function readAuditLogs(files: readonly string[], io: Io): Promise<readonly TrailRequest[]> {
  const all = new Map<string, TrailRequest>();
  for (const file of files) {
    const { requests, problems } = await readLog(file, io);
    for (const request of requests) all.set(request.id, request);
    const shown = file === '-' ? 'stdin' : file;
    for (const { line, text } of problems.slice(0, MOST_TOLD)) io.stderr(`warning: ${shown}:${line}: ${text}\n`);
    if (problems.length > MOST_TOLD)
      io.stderr(`warning: ${shown}: ${problems.length - MOST_TOLD} more lines are no events\n`);
    if (requests.length === 0) {
      const hint = 'it must be a log in JSON, of --audit-log-format=json: one event of audit.k8s.io a line';
      throw new CliError(`${shown} has no audit event`, { hint });
    }
  }
  return [...all.values()].sort((a, b) => a.time - b.time);
}

/** A file that ends in the middle, as a log that is being written or was cut, is read as far as it goes. */
async function readLog(file: string, io: Io): Promise<ReturnType<AuditLogReader['trail']>> {
  const reader = new AuditLogReader();
  try {
    for await (const line of createInterface({ input: await bytesOf(file, io), crlfDelay: Infinity }))
      reader.read(line);
  } catch (error) {
    const message = messageOf(error, file).replace(resolve(io.cwd, file), file);
    const told = message.includes(file) ? message : `${file}: ${message}`;
    if (reader.last === undefined) throw new CliError(told, { cause: error });
    io.stderr(`warning: ${told}: what comes after is not in here\n`);
  }
  return reader.trail();
}

async function bytesOf(file: string, io: Io): Promise<Readable> {
  if (file === '-') return Readable.from([(await io.stdin?.()) ?? '']);
  const bytes = createReadStream(resolve(io.cwd, file));
  if (!file.endsWith('.gz')) return bytes;
  const unpacked = createGunzip();
  bytes.on('error', (error) => unpacked.destroy(error));
  return bytes.pipe(unpacked);
}
