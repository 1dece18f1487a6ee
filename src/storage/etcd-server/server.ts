import { randomBytes } from 'node:crypto';
import { type ListenAddress, Listener, type Pages } from 'nekube/grpc';
import { systemClock } from '../clock.ts';
import { claimDirectory } from '../lock.ts';
import type { Clock } from '../storage.ts';
import { Database } from './database.ts';
import { type Identity, methodsOf } from './services.ts';
import { ETCD_VERSION } from './version.ts';
import type { WatchSession } from './watches.ts';

/** How to serve. */
export interface EtcdServerOptions {
  /** Where clients come to, over HTTP/2 and HTTP/1.1 without TLS; port 0 takes a free one. */
  readonly clientUrls: readonly ListenAddress[];
  /** The directory that keeps the data; it is made. */
  readonly dataDir: string;
  /** Whether a write must survive the machine before it is acknowledged; without it, it survives this process. */
  readonly fsync: boolean;
  /** Gets lines about what goes wrong; default: none. */
  readonly log?: (line: string) => void;
  /** Called when data cannot be written any more; every call is refused from then on. Default: nothing. */
  readonly onFailure?: (error: Error) => void;
  /** As members are called; default `default`. */
  readonly name?: string;
  /** How often watches that ask for it are told how far they are; default 10 minutes, as etcd's. */
  readonly progressNotifyMs?: number;
  readonly clock?: Clock;
}

/** An etcd that serves. */
export interface EtcdServer {
  /** One for each address, with the port that was taken. */
  readonly urls: readonly string[];
  /** Ends all calls and watches, writes what is to be written, and gives the directory back. */
  close(): Promise<void>;
}

const PROGRESS_MS = 600_000;
/** Requests of more bytes are refused by gRPC as etcd sets it up. */
const MOST_MESSAGE = 1.5 * 1024 * 1024 + 512 * 1024;

/** Serves, from data that is there already or anew. @throws LockedError, DamagedError, or an error of the system */
export async function serveEtcd(options: EtcdServerOptions): Promise<EtcdServer> {
  const { clientUrls, dataDir, fsync, log = () => {}, clock = systemClock } = options;
  const release = claimDirectory(dataDir);
  try {
    const database = new Database({
      dir: dataDir,
      fsync,
      clock,
      newId: () => randomBytes(8).readBigInt64BE() & 0x7fff_ffff_ffff_ffffn,
      onFailure(error) {
        log(`Cannot write to ${dataDir}: ${error.message}`);
        options.onFailure?.(error);
      },
    });
    return await serve(database, options, clientUrls, clock, release);
  } catch (error) {
    release();
    throw error;
  }
}

async function serve(
  database: Database,
  { name = 'default', progressNotifyMs = PROGRESS_MS }: EtcdServerOptions,
  addresses: readonly ListenAddress[],
  clock: Clock,
  release: () => void,
): Promise<EtcdServer> {
  const urls: string[] = [];
  const identity: Identity = { name, ...IDS, clientUrls: () => urls };
  const sessions = new Set<WatchSession>();
  const listener = new Listener(methodsOf(database, identity, sessions), { pages, mostBytes: MOST_MESSAGE });
  let stopProgress = (): void => {};
  const progress = (): void => {
    stopProgress = clock.after(progressNotifyMs, progress);
    for (const session of sessions) session.notifyProgress();
  };
  stopProgress = clock.after(progressNotifyMs, progress);
  const close = async (): Promise<void> => {
    stopProgress();
    await listener.close();
    await database.close().finally(release);
  };
  try {
    for (const address of addresses) urls.push(await listener.listen(address));
  } catch (error) {
    await close();
    throw error;
  }
  return { urls, close: once(close) };
}

/** As of an etcd that is the only member of its cluster, whose name is `default` and whose peers are at localhost. */
const IDS = { clusterId: 0x4be8_1c5d_2f3a_6e71n, memberId: 0x6e27_1939_06b2_d1a3n };

function once(call: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined;
  return () => (result ??= call());
}

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain; charset=utf-8';

const pages: Pages = (path) => {
  switch (path) {
    case '/health':
      return { type: JSON_TYPE, text: '{"health":"true","reason":""}' };
    case '/version':
      return { type: JSON_TYPE, text: `{"etcdserver":"${ETCD_VERSION}","etcdcluster":"3.6.0","storage":"3.6.0"}` };
    case '/livez':
    case '/readyz':
      return { type: TEXT_TYPE, text: 'ok\n' };
    case '/metrics':
      return {
        type: 'text/plain; version=0.0.4; charset=utf-8',
        text: '# HELP etcd_server_has_leader Whether or not a leader exists. 1 is existence, 0 is not.\n# TYPE etcd_server_has_leader gauge\netcd_server_has_leader 1\n',
      };
    default:
      return undefined;
  }
};
