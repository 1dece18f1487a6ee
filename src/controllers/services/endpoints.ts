import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { TargetRef } from './endpoint-slice.ts';

/** An address of Endpoints. */
export interface EndpointAddress {
  readonly ip: string;
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly targetRef?: TargetRef;
}

/** A port of Endpoints. */
export interface SubsetPort {
  readonly name?: string;
  readonly port?: number;
  readonly protocol?: string;
  readonly appProtocol?: string;
}

/** Addresses with the ports that all of them have. */
export interface EndpointSubset {
  readonly addresses?: readonly EndpointAddress[];
  readonly notReadyAddresses?: readonly EndpointAddress[];
  readonly ports?: readonly SubsetPort[];
}

/** The older form of endpoint slices: one object a Service. */
export interface Endpoints extends KubeObject {
  subsets?: readonly EndpointSubset[] | null;
}

/** Endpoints. */
export const ENDPOINTS: Kind<Endpoints> = { apiVersion: 'v1', kind: 'Endpoints' };

/** Endpoints with it are a lock of those who elect a leader, not what a Service has. */
const LEADER_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';

/** Whether these are no endpoints of a Service, but a lock. */
export function isLeaderLock({ metadata }: Endpoints): boolean {
  return LEADER_ANNOTATION in (metadata.annotations ?? {});
}
