import { setTimeout as sleep } from 'node:timers/promises';
import { resolve } from 'node:path';
import { startEtcdServer } from 'nekube/storage';
import { keepMemorySmall } from '../idle-memory.ts';
import { etcdLogLine } from './etcd-log.ts';
import type { GoFlagValue } from './go-flag.ts';
import { aborted, type ProgramIo } from './program-io.ts';

const CLIENT_URLS = 'http://localhost:2379';
/** What is acknowledged is written, so that closing may be cut short. */
const CLOSE_MS = 100;

/**
 * Serves until the signal is aborted.
 *
 * @throws Error for an address or a directory that cannot be had, and for what this etcd does not do
 */
export async function serveEtcd(values: ReadonlyMap<string, GoFlagValue>, io: ProgramIo): Promise<void> {
  const text = (name: string, standard: string): string => (values.get(name) ?? standard) as string;
  const name = text('name', 'default');
  const urls = [
    ...split(text('listen-client-urls', CLIENT_URLS)),
    ...split(text('listen-client-http-urls', '')),
    ...split(text('listen-metrics-urls', '')),
  ];
  const ended = aborted(io.signal);
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => (fail = reject));
  const server = await startEtcdServer({
    clientUrls: urls.map(addressOf),
    dataDir: resolve(io.cwd, text('data-dir', `${name}.etcd`)),
    fsync: values.get('unsafe-no-fsync') !== true,
    name,
    ...progressOf(values),
    onFailure: (error) => fail(error),
    log: (line) => io.stderr(etcdLogLine('warn', line)),
  }).catch((cause: unknown) => {
    throw shown(cause, urls);
  });
  io.stderr(etcdLogLine('info', `ready to serve client requests on ${server.urls.join(', ')}`));
  const stopKeeping = keepMemorySmall();
  try {
    await Promise.race([ended, failed]);
  } finally {
    stopKeeping();
    await Promise.race([server.close(), sleep(CLOSE_MS)]);
  }
}

function split(urls: string): string[] {
  return urls.split(',').flatMap((url) => (url.trim() === '' ? [] : [url.trim()]));
}

/** @throws Error where clients would need TLS, or a socket of the file system */
function addressOf(url: string): { readonly host: string; readonly port: number } {
  const [, scheme = '', six, four, port = ''] = /^([a-z]+):\/\/(?:\[([^\]]*)\]|([^:]*)):(\d*)$/.exec(url) ?? [];
  if (scheme !== 'http') throw new Error(`Cannot listen on ${url}: this etcd serves http:// alone`);
  return { host: six ?? (four || '0.0.0.0'), port: Number(port) };
}

function progressOf(values: ReadonlyMap<string, GoFlagValue>): { progressNotifyMs?: number } {
  const ms = values.get('watch-progress-notify-interval') ?? values.get('experimental-watch-progress-notify-interval');
  return typeof ms === 'number' && ms > 0 ? { progressNotifyMs: ms } : {};
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'cannot assign requested address',
};

/** An address that cannot be had, in etcd's words. */
function shown(cause: unknown, urls: readonly string[]): unknown {
  const { code = '', syscall, address, port } = cause as NodeJS.ErrnoException & { address?: string; port?: number };
  if (syscall !== 'listen' || REASONS[code] === undefined) return cause;
  const where = address === undefined ? urls.join(',') : `${address}:${port}`;
  return new Error(`listen tcp ${where}: bind: ${REASONS[code]}`, { cause });
}
