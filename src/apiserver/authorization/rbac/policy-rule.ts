import { goQuote, type KubeObject } from 'nekube/apimachinery';
import type { AuthorizationAttributes } from '../authorizer.ts';

/** A rule of a role (rbac.authorization.k8s.io/v1 PolicyRule). A list that is absent is empty. */
export interface PolicyRule {
  readonly verbs?: readonly string[] | null;
  readonly apiGroups?: readonly string[] | null;
  readonly resources?: readonly string[] | null;
  readonly resourceNames?: readonly string[] | null;
  readonly nonResourceURLs?: readonly string[] | null;
}

/** The rules of a role, or of a cluster role. */
export function rulesOfRole(role: KubeObject): readonly PolicyRule[] {
  return role.rules ?? [];
}

/** Whether a rule gives what is asked for. */
export function ruleAllows(rule: PolicyRule, asked: AuthorizationAttributes): boolean {
  if (!hasOrStar(rule.verbs, asked.verb)) return false;
  if (!asked.resourceRequest) return (rule.nonResourceURLs ?? []).some((url) => urlMatches(url, asked.path));
  const { apiGroup, resource, subresource, name } = asked;
  return hasOrStar(rule.apiGroups, apiGroup) && resourceMatches(rule, resource, subresource) && nameMatches(rule, name);
}

function hasOrStar(list: readonly string[] | null | undefined, value: string): boolean {
  return !!list && (list.includes(value) || list.includes('*'));
}

/** A rule names a resource, `resource/subresource`, `* /subresource` (without the space), or all by `*`. */
function resourceMatches({ resources }: PolicyRule, resource: string, subresource: string): boolean {
  if (!resources) return false;
  if (resources.includes('*')) return true;
  if (subresource === '') return resources.includes(resource);
  return resources.includes(`${resource}/${subresource}`) || resources.includes(`*/${subresource}`);
}

function nameMatches({ resourceNames }: PolicyRule, name: string): boolean {
  return !resourceNames?.length || resourceNames.includes(name);
}

function urlMatches(pattern: string, path: string): boolean {
  return pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, '')));
}

/** A rule as messages show it: the lists that are not empty, in a fixed order. */
export function formatRule(rule: PolicyRule): string {
  const lists: readonly (readonly [string, readonly string[] | null | undefined])[] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ];
  const shown = lists.filter(([, list]) => (list?.length ?? 0) > 0).map(([name, list]) => `${name}:${goList(list!)}`);
  return `{${shown.join(', ')}}`;
}

/** Texts as Go prints them with %q. */
export function goList(texts: readonly string[]): string {
  return `[${texts.map(goQuote).join(' ')}]`;
}
