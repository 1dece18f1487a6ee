import type { EndpointSlice, Service } from 'nekube/network';
import type { HealthCheck } from './answer.ts';

/**
 * What is to be answered about a Service at a node: that of a load balancer which sends packets only to nodes with endpoints
 * (`externalTrafficPolicy: Local`); undefined for all others. Endpoints that are ready count, each address once.
 */
export function healthCheckOf(
  { metadata, spec }: Service,
  slices: readonly EndpointSlice[],
  node: string,
): HealthCheck | undefined {
  const {
    type,
    externalTrafficPolicy,
    healthCheckNodePort = 0,
  } = spec as Service['spec'] & {
    readonly healthCheckNodePort?: number;
  };
  if (type !== 'LoadBalancer' || externalTrafficPolicy !== 'Local' || healthCheckNodePort === 0) return undefined;
  const local = slices
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ nodeName, conditions }) => nodeName === node && conditions?.ready !== false)
    .flatMap(({ addresses }) => addresses.slice(0, 1));
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    port: healthCheckNodePort,
    localEndpoints: new Set(local).size,
  };
}
