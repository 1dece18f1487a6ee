import type { Duration } from 'nekube/xds';

/**
 * A service of a backend that Envoy itself calls. Without another word the name of the cluster would be the authority, and ours
 * have slashes, which servers refuse.
 */
export function grpcService(backend: string, timeout?: Duration) {
  const [, namespace, name = backend, port] = backend.split('/');
  const authority = namespace === undefined ? backend : `${name}.${namespace}${port === undefined ? '' : `:${port}`}`;
  return {
    envoy_grpc: { cluster_name: backend, authority: authority.replaceAll(/[^\w.:-]/g, '-') },
    ...(timeout && { timeout }),
  };
}
