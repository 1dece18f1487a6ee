import type { KubeObject } from 'nekube/apimachinery';
import type { Identity } from '../trail/request.ts';
import { isBound, type SubjectReference } from './rbac-subject.ts';

/** A rule that somebody holds, taken apart: one verb on one resource or path. `*` is kept, since it is one decision of its author. */
export interface Grant {
  readonly verb: string;
  readonly group: string;
  /** Empty for a path. */
  readonly resource: string;
  /** Empty: any. */
  readonly name: string;
  /** Of a path that is no resource. */
  readonly path?: string;
  /** Empty: all. */
  readonly namespace: string;
  /** The role that has it: `ClusterRole x`, `Role ns/x`. */
  readonly role: string;
}

/** A grant in a line: `get secrets`, `list deployments.apps/web`, `get /metrics`. */
export function grantText({ verb, group, resource, name, path }: Omit<Grant, 'namespace' | 'role'>): string {
  if (path !== undefined) return `${verb} ${path}`;
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}${name === '' ? '' : `/${name}`}`;
}

/** What the roles and bindings give to somebody. */
export interface Granted {
  readonly grants: readonly Grant[];
  /** Bindings whose role is not among the objects, as sentences. */
  readonly problems: readonly string[];
}

/** Bindings that every cluster has for everybody; what they give is no choice of who made the roles. */
const FOR_ALL = new Set(['system:authenticated', 'system:unauthenticated']);

/**
 * What RBAC objects grant to a user: by bindings to the user itself or to a group of it, except those groups that everybody is in.
 * Roles that others are aggregated into have their rules as they stand.
 *
 * @param objects Roles, ClusterRoles and their bindings; all others are passed over
 */
export function grantedTo(objects: readonly KubeObject[], { name, groups }: Identity): Granted {
  const user = { name, groups: groups.filter((group) => !FOR_ALL.has(group)) };
  const roles = new Map(objects.filter(isRole).map((role) => [roleKey(role.kind!, role.metadata), role]));
  const problems: string[] = [];
  const grants = objects.filter(isBinding).flatMap((binding): Grant[] => {
    if (!(binding.subjects ?? []).some((subject: SubjectReference) => isBound(subject, binding, user))) return [];
    const { kind = '', name: of = '' } = binding.roleRef ?? {};
    const namespace = binding.kind === 'RoleBinding' ? (binding.metadata.namespace ?? 'default') : '';
    const role = roles.get(roleKey(kind, { name: of, namespace }));
    if (role === undefined) {
      problems.push(
        `${binding.kind} ${binding.metadata.name} binds ${kind} ${of}, which is not there: what it grants is not known`,
      );
      return [];
    }
    const shown = kind === 'Role' ? `Role ${namespace}/${of}` : `ClusterRole ${of}`;
    return ((role.rules ?? []) as Rule[]).flatMap((rule) => takeApart(rule, namespace, shown));
  });
  return { grants, problems };
}

interface Rule {
  readonly verbs?: readonly string[] | null;
  readonly apiGroups?: readonly string[] | null;
  readonly resources?: readonly string[] | null;
  readonly resourceNames?: readonly string[] | null;
  readonly nonResourceURLs?: readonly string[] | null;
}

function isRole({ kind }: KubeObject): boolean {
  return kind === 'Role' || kind === 'ClusterRole';
}

function isBinding({ kind }: KubeObject): boolean {
  return kind === 'RoleBinding' || kind === 'ClusterRoleBinding';
}

function roleKey(kind: string, { name, namespace }: { readonly name?: string; readonly namespace?: string }): string {
  return kind === 'Role' ? `Role ${namespace ?? 'default'}/${name}` : `${kind} ${name}`;
}

function takeApart(rule: Rule, namespace: string, role: string): Grant[] {
  const verbs = rule.verbs ?? [];
  const names = rule.resourceNames?.length ? rule.resourceNames : [''];
  const onResources = (rule.apiGroups ?? []).flatMap((group) =>
    (rule.resources ?? []).flatMap((resource) =>
      names.flatMap((name) => verbs.map((verb) => ({ verb, group, resource, name, namespace, role }))),
    ),
  );
  // a binding of a namespace gives no path
  const urls = namespace === '' ? (rule.nonResourceURLs ?? []) : [];
  const onPaths = urls.flatMap((path) =>
    verbs.map((verb) => ({ verb, group: '', resource: '', name: '', path, namespace, role })),
  );
  return [...onResources, ...onPaths];
}
