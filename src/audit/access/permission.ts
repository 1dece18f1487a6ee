import type { TrailRequest } from '../trail/request.ts';

/** What RBAC is asked about: one verb on one resource, or on one path. */
export type Permission = ResourcePermission | PathPermission;

/** One verb on a resource. */
export interface ResourcePermission {
  readonly verb: string;
  readonly group: string;
  /** As rules have it: `pods`, `pods/log`. */
  readonly resource: string;
  /** Empty: of the cluster, or all namespaces. */
  readonly namespace: string;
  /** Empty: no single object. */
  readonly name: string;
}

/** One verb on a path that is no resource. */
export interface PathPermission {
  readonly verb: string;
  readonly path: string;
}

/** A permission that was needed, and what shows it. */
export interface UsedPermission<P extends Permission = Permission> {
  readonly permission: P;
  /** Why it was needed, where that is not the request itself: `the apply made the object`. */
  readonly because?: string;
  /** The first request that needed it. */
  readonly first: TrailRequest;
  /** How many did. */
  readonly requests: number;
  /** True: the log has the outcome of none of these requests, so all of them may have been refused. */
  readonly isOutcomeUnknown?: boolean;
}

/** Whether a permission is about a resource. */
export function isOnResource(permission: Permission): permission is ResourcePermission {
  return 'resource' in permission;
}

/** Equal for equal permissions. */
export function permissionKey(permission: Permission): string {
  if (!isOnResource(permission)) return JSON.stringify([permission.path, permission.verb]);
  const { group, resource, namespace, name, verb } = permission;
  return JSON.stringify([group, resource, namespace, name, verb]);
}
