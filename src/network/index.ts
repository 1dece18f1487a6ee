/**
 * The network of a process node: pods' addresses, the routing of services to them, and names in the cluster's domain.
 *
 * What it does not do: it starts no process of a pod, writes no status but that of load balancers, and reaches no other machine.
 */
export { openPodNetwork, type PodNetworkOptions } from './open-pod-network.ts';
export type {
  AttachRequest,
  Endpoint,
  NetworkMode,
  PodAttachment,
  PodDevices,
  PodDeviceWatcher,
  PodNames,
  PodNetwork,
  PodPort,
  Protocol,
} from './pod-network.ts';
export { nodePrefixFor, type RangesOptions, whyNotRanges } from './pods/check-ranges.ts';
export type { AddressPlanOptions } from './pods/address-plan.ts';
export { PrivatePorts } from './pods/private-ports.ts';
export {
  type ServiceRouting,
  type ServiceRoutingOptions,
  startServiceRouting,
} from './routing/service-routing.ts';
export { type Informers, slicesByService } from './routing/informers.ts';
export { type ClusterDns, type ClusterDnsOptions, startClusterDns } from './dns/cluster-dns.ts';
export {
  type ClusterNetwork,
  type ClusterNetworkOptions,
  startClusterNetwork,
} from './start-cluster-network.ts';
export { addLoadBalancers, type LoadBalancerOptions } from './load-balancer/load-balancer.ts';
export { mustEnter, runInNamespaces } from './rootless/enter.ts';
export { type Gate, openGate } from './rootless/gate.ts';
export { type ClientPlace, chooseEndpoints, type RouteEndpoint } from './routing/choose-endpoints.ts';
export { type Frontend as RouteFrontend, type NodePlace, planRoutes, type Route } from './routing/plan-routes.ts';
export {
  ENDPOINT_SLICE,
  type EndpointSlice,
  NODE,
  type Node,
  SERVICE,
  type Service,
  serviceOf,
} from './routing/service.ts';
