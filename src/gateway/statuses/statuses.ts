import type { Condition } from './condition.ts';

/**
 * What is said of objects, by kind; keys are `NAMESPACE/NAME` (`NAME` for GatewayClass). Only what this controller says: entries
 * and conditions of others are left to who writes. What did not change is the same object as in the translation before.
 */
export interface Statuses {
  readonly gatewayClasses: ReadonlyMap<string, GatewayClassStatus>;
  readonly gateways: ReadonlyMap<string, GatewayStatus>;
  readonly listenerSets: ReadonlyMap<string, ListenerSetStatus>;
  readonly httpRoutes: ReadonlyMap<string, RouteStatus>;
  readonly grpcRoutes: ReadonlyMap<string, RouteStatus>;
  readonly tlsRoutes: ReadonlyMap<string, RouteStatus>;
  readonly tcpRoutes: ReadonlyMap<string, RouteStatus>;
  readonly udpRoutes: ReadonlyMap<string, RouteStatus>;
  readonly backendTlsPolicies: ReadonlyMap<string, PolicyStatus>;
  readonly clientPolicies: ReadonlyMap<string, PolicyStatus>;
  readonly backendPolicies: ReadonlyMap<string, PolicyStatus>;
  readonly securityPolicies: ReadonlyMap<string, PolicyStatus>;
  readonly xBackends: ReadonlyMap<string, PolicyStatus>;
  readonly xBackendTrafficPolicies: ReadonlyMap<string, PolicyStatus>;
  readonly xTelemetryPolicies: ReadonlyMap<string, PolicyStatus>;
}

/** Of a class that names this controller. */
export interface GatewayClassStatus {
  readonly conditions: readonly Condition[];
  /** Sorted by name. */
  readonly supportedFeatures: readonly { readonly name: string }[];
}

/** Of a Gateway; addresses and `Programmed` come by the second step, `withPlaneState`. */
export interface GatewayStatus {
  readonly conditions: readonly Condition[];
  readonly listeners: readonly ListenerStatus[];
  readonly attachedListenerSets: number;
  readonly addresses?: readonly GatewayAddress[];
}

/** An address that a Gateway can be reached by. */
export interface GatewayAddress {
  readonly type: string;
  readonly value: string;
  /** From where it is reached: `Cluster`, or empty; absent where definitions do not have it. */
  readonly routability?: string;
}

/** Of a ListenerSet. */
export interface ListenerSetStatus {
  /** The key of the Gateway that it is for; it is not part of what is written. */
  readonly gateway: string;
  readonly conditions: readonly Condition[];
  readonly listeners: readonly ListenerStatus[];
}

/** Of one listener of a Gateway or ListenerSet. */
export interface ListenerStatus {
  readonly name: string;
  readonly supportedKinds: readonly { readonly group: string; readonly kind: string }[];
  readonly attachedRoutes: number;
  readonly conditions: readonly Condition[];
}

/** Of a route: an entry for each parentRef to a parent of ours, in their order. */
export interface RouteStatus {
  readonly parents: readonly RouteParentStatus[];
}

/** How one parent takes a route. */
export interface RouteParentStatus {
  readonly parentRef: ParentReference;
  readonly controllerName: string;
  readonly conditions: readonly Condition[];
}

/** As a route or policy names its parent. */
export interface ParentReference {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
  readonly sectionName?: string;
  readonly port?: number;
}

/** Of a policy or XBackend: an entry for each Gateway that it has an effect on. */
export interface PolicyStatus {
  readonly ancestors: readonly PolicyAncestorStatus[];
}

/** What a policy is to one Gateway. */
export interface PolicyAncestorStatus {
  readonly ancestorRef: ParentReference;
  readonly controllerName: string;
  readonly conditions: readonly Condition[];
}
