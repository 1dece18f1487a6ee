import type { EtcdServer, EtcdServerOptions } from './etcd-server/server.ts';

export type { EtcdServer, EtcdServerOptions } from './etcd-server/server.ts';

/**
 * Serves etcd's v3 API: one member, without TLS and users, whose data lies in a directory. What is needed for it is
 * loaded only here.
 *
 * @throws LockedError, DamagedError, or an error of the system
 */
export async function startEtcdServer(options: EtcdServerOptions): Promise<EtcdServer> {
  const { serveEtcd } = await import('./etcd-server/server.ts');
  return serveEtcd(options);
}
