import { type JsonObject, stringifyYaml } from 'nekube/apimachinery';
import type { JustifiedRule } from './grants.ts';
import type { MinimalRoles } from './minimal-roles.ts';
import { isOnResource, type UsedPermission } from './permission.ts';

/** Who is to have the roles (rbac.authorization.k8s.io/v1 Subject). */
export interface Subject {
  readonly kind: 'ServiceAccount' | 'User';
  readonly name: string;
  readonly namespace?: string;
}

/**
 * Roles and bindings as YAML, to be applied as it is. Each rule says above it which requests showed that it is needed.
 *
 * @param name of all that is made
 */
export function roleManifests({ cluster, namespaces }: MinimalRoles, name: string, subject: Subject): string {
  const documents = [
    ...(cluster.length > 0 ? pair('ClusterRole', name, undefined, cluster, subject) : []),
    ...[...namespaces].flatMap(([namespace, rules]) => pair('Role', name, namespace, rules, subject)),
  ];
  return documents.join('---\n');
}

/** The subject that a user name stands for. */
export function subjectOf(user: string): Subject {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user);
  return account === null
    ? { kind: 'User', name: user }
    : { kind: 'ServiceAccount', name: account[2]!, namespace: account[1]! };
}

const API = 'rbac.authorization.k8s.io';

function pair(
  kind: 'ClusterRole' | 'Role',
  name: string,
  namespace: string | undefined,
  rules: readonly JustifiedRule[],
  subject: Subject,
): string[] {
  const metadata = { name, ...(namespace !== undefined && { namespace }) };
  const role = stringifyYaml({ apiVersion: `${API}/v1`, kind, metadata });
  const whom = subject.kind === 'User' ? { apiGroup: API, ...subject } : { ...subject };
  const binding = { apiVersion: `${API}/v1`, kind: `${kind}Binding`, metadata, roleRef: { apiGroup: API, kind, name } };
  return [
    `${role}rules:\n${rules.map(ruleText).join('')}`,
    stringifyYaml({ ...binding, subjects: [whom] } as JsonObject),
  ];
}

/** A rule as an item of a list, below what shows that it is needed. */
function ruleText({ evidence, ...rule }: JustifiedRule): string {
  const comments = evidence.map((used) => `# ${evidenceText(used)}\n`).join('');
  return `${comments}${stringifyYaml([rule as unknown as JsonObject])}`;
}

/** What shows that a permission is needed, in a line: `get: GET /api/v1/… (12 requests)`. */
export function evidenceText({ permission, first, requests, because }: UsedPermission): string {
  const resource = isOnResource(permission) ? `${permission.resource} ` : '';
  const more = requests > 1 ? `, ${requests} requests` : '';
  return `${resource}${permission.verb}: ${first.verb} ${pathOf(first.uri)}${more}${because === undefined ? '' : `: ${because}`}`;
}

/** Without the query, in which secrets may be; in one line, whatever somebody wrote into a log. */
function pathOf(uri: string): string {
  return uri.split('?')[0]!.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, encodeURIComponent);
}
