import { isDeepStrictEqual } from 'node:util';
import { type KubeObject, labelSelectorFromObject, type LabelSelectorObject } from 'nekube/apimachinery';

/** A rule of a role, as the API has it. */
export type PolicyRule = Readonly<Record<string, readonly string[]>>;

/**
 * The rules that a ClusterRole has by its aggregation: those of all roles that its selectors choose, selector by selector
 * and by name, each rule once.
 *
 * @returns Undefined if it has none, or these already
 * @throws ParseError for a selector that is none
 */
export function aggregatedRules(role: KubeObject, all: readonly KubeObject[]): readonly PolicyRule[] | undefined {
  if (role.aggregationRule === undefined || role.aggregationRule === null) return undefined;
  const others = all
    .filter(({ metadata }) => metadata.name !== role.metadata.name)
    .toSorted((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1));
  const rules: PolicyRule[] = [];
  for (const object of (role.aggregationRule.clusterRoleSelectors ?? []) as LabelSelectorObject[]) {
    const selector = labelSelectorFromObject(object);
    for (const rule of others.filter(({ metadata }) => selector.matches(metadata.labels)).flatMap(rulesOf))
      if (!rules.some((one) => isDeepStrictEqual(one, rule))) rules.push(rule);
  }
  return isDeepStrictEqual(rules, rulesOf(role)) ? undefined : rules;
}

/** A list that is empty says as much as one that is not there. */
function rulesOf({ rules }: KubeObject): readonly PolicyRule[] {
  return ((rules ?? []) as PolicyRule[]).map((rule) =>
    Object.fromEntries(
      Object.entries(rule)
        .filter(([, list]) => list.length > 0)
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
  );
}
