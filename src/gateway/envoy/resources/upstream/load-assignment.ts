import type { Endpoint, Endpoints } from '../../../model/index.ts';
import { memo } from '../memo.ts';
import { type ClusterLoadAssignment, socketAddress } from '../messages.ts';

/**
 * The endpoints of a port, by zone. Those that drain keep what they have and get nothing new, as long as others are ready;
 * if none is, they are all there is.
 */
export const loadAssignment = memo(({ name, endpoints }: Endpoints): ClusterLoadAssignment => {
  const isAnyReady = endpoints.some(({ state }) => state === 'ready');
  const zones = [...new Set(endpoints.map(({ zone }) => zone ?? ''))].sort();
  return {
    cluster_name: name,
    ...(endpoints.length > 0 && {
      endpoints: zones.map((zone) => ({
        ...(zone !== '' && { locality: { zone } }),
        lb_endpoints: endpoints
          .filter((each) => (each.zone ?? '') === zone)
          .map((each) => lbEndpoint(each, isAnyReady)),
      })),
    }),
  };
});

function lbEndpoint({ address, port, state }: Endpoint, isAnyReady: boolean) {
  return {
    endpoint: { address: socketAddress(address, port) },
    ...(state === 'draining' && isAnyReady && { health_status: 'DRAINING' as const }),
  };
}
