import type { PolicyRule } from './policy-rule.ts';

/**
 * What of the granted rules nobody who holds only the held ones has. Rules are taken apart into grants of one verb on
 * one resource, since each of these is held by one rule or by none; what is missing is put together again for people.
 */
export function missingRules(held: readonly PolicyRule[], granted: readonly PolicyRule[]): readonly PolicyRule[] {
  return putTogether(missingGrants(held, granted));
}

/** The same taken apart: a rule for each verb on each resource. */
export function missingGrants(held: readonly PolicyRule[], granted: readonly PolicyRule[]): readonly Grant[] {
  return granted.flatMap(takeApart).filter((part) => !held.some((rule) => covers(rule, part)));
}

/** One verb on one resource, of one name if the rule has names, or on one path. */
export interface Grant extends PolicyRule {
  readonly verbs: readonly [string];
}

function takeApart(rule: PolicyRule): Grant[] {
  const verbs = rule.verbs ?? [];
  const names = rule.resourceNames?.length ? rule.resourceNames : [undefined];
  const onResources = (rule.apiGroups ?? []).flatMap((group) =>
    (rule.resources ?? []).flatMap((resource) =>
      verbs.flatMap((verb) =>
        names.map(
          (name): Grant => ({
            apiGroups: [group],
            resources: [resource],
            verbs: [verb],
            ...(name !== undefined && { resourceNames: [name] }),
          }),
        ),
      ),
    ),
  );
  const onPaths = (rule.nonResourceURLs ?? []).flatMap((url) =>
    verbs.map((verb): Grant => ({ nonResourceURLs: [url], verbs: [verb] })),
  );
  return [...onResources, ...onPaths];
}

function covers(held: PolicyRule, part: Grant): boolean {
  return (
    hasOrStar(held.verbs, part.verbs) &&
    hasOrStar(held.apiGroups, part.apiGroups) &&
    coversResources(held.resources ?? [], part.resources ?? []) &&
    coversNames(held.resourceNames ?? [], part.resourceNames ?? []) &&
    (part.nonResourceURLs ?? []).every((url) => (held.nonResourceURLs ?? []).some((owned) => coversUrl(owned, url)))
  );
}

function hasOrStar(held: PolicyRule['verbs'], wanted: PolicyRule['verbs']): boolean {
  return (held ?? []).includes('*') || (wanted ?? []).every((value) => (held ?? []).includes(value));
}

/** A subresource is covered by its like of all resources, too. */
function coversResources(held: readonly string[], wanted: readonly string[]): boolean {
  if (held.includes('*')) return true;
  return wanted.every((resource) => {
    const at = resource.indexOf('/');
    return held.includes(resource) || (at >= 0 && held.includes(`*${resource.slice(at)}`));
  });
}

function coversNames(held: readonly string[], wanted: readonly string[]): boolean {
  if (held.length === 0) return true;
  return wanted.length > 0 && wanted.every((name) => held.includes(name));
}

function coversUrl(held: string, wanted: string): boolean {
  return held === wanted || (held.endsWith('*') && wanted.startsWith(held.replace(/\*+$/, '')));
}

/** Grants on the same resource as one rule with their verbs. */
function putTogether(grants: readonly Grant[]): PolicyRule[] {
  const onPaths = grants.filter((grant) => grant.nonResourceURLs !== undefined);
  const byResource = new Map<string, { readonly first: Grant; readonly verbs: string[] }>();
  for (const grant of grants) {
    if (grant.nonResourceURLs !== undefined) continue;
    const key = JSON.stringify([grant.apiGroups, grant.resources, grant.resourceNames ?? null]);
    const known = byResource.get(key);
    if (known === undefined) byResource.set(key, { first: grant, verbs: [...grant.verbs] });
    else known.verbs.push(...grant.verbs);
  }
  return [...onPaths, ...[...byResource.values()].map(({ first, verbs }) => ({ ...first, verbs }))];
}
