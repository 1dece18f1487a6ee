import { type JsonObject, type KubeObject, stringifyYaml } from 'nekube/apimachinery';
import type { JustifiedRule } from './grants.ts';
import type { MinimalRoles } from './minimal-roles.ts';
import { isOnResource, type Permission, type UsedPermission } from './permission.ts';
import type { Subject } from './rbac-subject.ts';

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

/** The same as objects, and the namespaces that they are in. */
export function roleObjects({ cluster, namespaces }: MinimalRoles, name: string, subject: Subject): KubeObject[] {
  const of = (kind: 'ClusterRole' | 'Role', rules: readonly JustifiedRule[], namespace?: string): KubeObject[] => {
    const { role, binding } = pairOf(kind, name, namespace, subject);
    const plain = rules.map(({ evidence: _, ...rule }) => rule);
    return [{ ...role, rules: plain } as unknown as KubeObject, binding as unknown as KubeObject];
  };
  const homes = [...namespaces.keys()].map((home) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: home },
  }));
  return [
    ...homes,
    ...(cluster.length > 0 ? of('ClusterRole', cluster) : []),
    ...[...namespaces].flatMap(([namespace, rules]) => of('Role', rules, namespace)),
  ];
}

const API = 'rbac.authorization.k8s.io';

function pair(
  kind: 'ClusterRole' | 'Role',
  name: string,
  namespace: string | undefined,
  rules: readonly JustifiedRule[],
  subject: Subject,
): string[] {
  const { role, binding } = pairOf(kind, name, namespace, subject);
  return [`${stringifyYaml(role)}rules:\n${rules.map(ruleText).join('')}`, stringifyYaml(binding)];
}

/** A role without its rules, and its binding. */
function pairOf(
  kind: 'ClusterRole' | 'Role',
  name: string,
  namespace: string | undefined,
  subject: Subject,
): { readonly role: JsonObject; readonly binding: JsonObject } {
  const metadata = { name, ...(namespace !== undefined && { namespace }) };
  const apiVersion = `${API}/v1`;
  const whom = subject.kind === 'User' ? { apiGroup: API, ...subject } : { ...subject };
  const roleRef = { apiGroup: API, kind, name };
  return {
    role: { apiVersion, kind, metadata },
    binding: { apiVersion, kind: `${kind}Binding`, metadata, roleRef, subjects: [whom] } as JsonObject,
  };
}

/** A rule as an item of a list, below what shows that it is needed. */
function ruleText({ evidence, ...rule }: JustifiedRule): string {
  const comments = evidence.map((used) => `# ${evidenceText(used)}\n`).join('');
  return `${comments}${stringifyYaml([rule as unknown as JsonObject])}`;
}

/** A permission in a word: `configmaps get`; of a path the verb alone. */
export function permissionText(permission: Permission): string {
  return inOneLine(isOnResource(permission) ? `${permission.resource} ${permission.verb}` : permission.verb);
}

/** What shows that a permission is needed, in a line: `get: GET /api/v1/… (12 requests)`. */
export function evidenceText({ permission, first, requests, because, isOutcomeUnknown }: UsedPermission): string {
  const more = requests > 1 ? `, ${requests} requests` : '';
  // without the query, in which secrets may be
  const [path] = first.uri.split('?');
  const why = because === undefined ? '' : `: ${because}`;
  const known = isOutcomeUnknown ? '; the outcome is not in the log' : '';
  return `${permissionText(permission)}: ${inOneLine(`${first.verb} ${path}${more}${why}${known}`)}`;
}

/** Whatever somebody wrote into a log: in a comment, what comes after the end of a line would be a rule. */
function inOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, encodeURIComponent);
}
