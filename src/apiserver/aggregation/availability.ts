import type { KubeObject } from 'nekube/apimachinery';
import type { ApiServiceCondition, ServingService } from './api-service.ts';
import type { Slice } from './service-lookup.ts';

/** What is found out about a remote APIService; its time is who writes it's. */
export type Finding = Pick<ApiServiceCondition, 'status' | 'reason' | 'message'>;

/** What is known of the service of an APIService before its server is asked. */
export interface ServiceState {
  /** Undefined: there is none. */
  readonly service: KubeObject | undefined;
  readonly slices: readonly Slice[];
}

/** Why the server of a service need not be asked; undefined if it has to be. */
export function serviceFinding(wanted: ServingService, { service, slices }: ServiceState): Finding | undefined {
  const what = `service/${wanted.name} in "${wanted.namespace}"`;
  if (service === undefined) return not('ServiceNotFound', `${what} is not present`);
  const { type = 'ClusterIP', ports = [] } = service.spec ?? {};
  if (type !== 'ClusterIP') return undefined;
  const port = ports.find((candidate: { readonly port: number }) => candidate.port === wanted.port);
  if (port === undefined) return not('ServicePortError', `${what} is not listening on port ${wanted.port}`);
  if (slices.length === 0) return not('EndpointsNotFound', `cannot find endpointslices for ${what}`);
  const name: string = port.name ?? '';
  if (slices.some((slice) => hasAddress(slice, name))) return undefined;
  return not('MissingEndpoints', `endpointslices for ${what} have no addresses with port name "${name}"`);
}

/** The server has answered. */
export const PASSED: Finding = { status: 'True', reason: 'Passed', message: 'all checks passed' };

/** It has not, or not well. */
export function failedDiscovery(message: string): Finding {
  return not('FailedDiscoveryCheck', message);
}

function hasAddress({ endpoints = [], ports = [] }: Slice, portName: string): boolean {
  return (
    endpoints.some(({ conditions }) => conditions?.ready !== false) &&
    ports.some(({ name, port }) => (name ?? '') === portName && port !== undefined)
  );
}

function not(reason: string, message: string): Finding {
  return { status: 'False', reason, message };
}
