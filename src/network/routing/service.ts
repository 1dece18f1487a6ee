import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import type { Protocol } from '../pod-network.ts';

/** A port of a service. */
export interface ServicePort {
  readonly name?: string;
  readonly protocol?: Protocol;
  readonly port: number;
  readonly nodePort?: number;
}

/** Where a load balancer takes traffic. */
export interface LoadBalancerIngress {
  readonly ip?: string;
  readonly hostname?: string;
  /** `Proxy`: traffic to the address must go there, and not be cut short. */
  readonly ipMode?: string;
}

/** A service, as far as its routing and its names look at it. */
export interface Service extends KubeObject {
  spec: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly clusterIPs?: readonly string[];
    readonly externalIPs?: readonly string[];
    readonly externalName?: string;
    readonly ports?: readonly ServicePort[];
    readonly selector?: Readonly<Record<string, string>>;
    readonly sessionAffinity?: string;
    readonly sessionAffinityConfig?: { readonly clientIP?: { readonly timeoutSeconds?: number } };
    readonly internalTrafficPolicy?: string;
    readonly externalTrafficPolicy?: string;
    readonly loadBalancerClass?: string;
    readonly loadBalancerIP?: string;
    readonly loadBalancerSourceRanges?: readonly string[];
    readonly publishNotReadyAddresses?: boolean;
  };
  status?: { readonly loadBalancer?: { readonly ingress?: readonly LoadBalancerIngress[] } };
}

/** An endpoint of a slice. */
export interface SliceEndpoint {
  readonly addresses: readonly string[];
  readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly hints?: {
    readonly forZones?: readonly { readonly name: string }[];
    readonly forNodes?: readonly { readonly name: string }[];
  };
}

/** A port of a slice. */
export interface SlicePort {
  readonly name?: string;
  readonly port?: number;
  readonly protocol?: string;
}

/** Some endpoints of a service. */
export interface EndpointSlice extends KubeObject {
  readonly addressType: string;
  readonly endpoints?: readonly SliceEndpoint[] | null;
  readonly ports?: readonly SlicePort[] | null;
}

/** A node, as far as its zone goes. */
export type Node = KubeObject;

/** Services. */
export const SERVICE: Kind<Service> = { apiVersion: 'v1', kind: 'Service' };
/** Endpoint slices. */
export const ENDPOINT_SLICE: Kind<EndpointSlice> = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' };
/** Nodes. */
export const NODE: Kind<Node> = { apiVersion: 'v1', kind: 'Node' };

/** The service that a slice belongs to, as `NAMESPACE/NAME`; undefined if it belongs to none. */
export function serviceOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.['kubernetes.io/service-name'];
  return name === undefined ? undefined : `${metadata.namespace ?? ''}/${name}`;
}

/** Whether a service has no address of its own, and names stand for its endpoints. */
export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === 'None';
}

/** The addresses of a service, of each family. */
export function clusterIpsOf({ spec }: Service): readonly string[] {
  const ips = spec.clusterIPs ?? (spec.clusterIP === undefined ? [] : [spec.clusterIP]);
  return ips.filter((ip) => ip !== '' && ip !== 'None');
}
