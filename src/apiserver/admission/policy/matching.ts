import type { AdmissionAttributes } from '../../admission.ts';
import type { Resources } from '../../registry/resources.ts';
import { ruleMatches, type RuleResource, type RuleWithOperations } from '../match/rules.ts';
import { namespaceSelected, type Namespaces, objectSelected } from '../match/selectors.ts';
import { asIf, asMade, type Invocation } from '../match/versioned.ts';
import type { MatchResources } from './policies.ts';

/** What decides whether a policy is about a request. */
export interface PolicyMatching {
  readonly namespaces: Namespaces;
  readonly resources: Resources;
}

/**
 * As what a policy or a binding looks at a request; undefined where it is not about it. What fails for one that is not
 * about the request does not matter.
 *
 * @throws StatusError
 */
export async function matchedAs(
  match: MatchResources,
  attributes: AdmissionAttributes,
  { namespaces, resources }: PolicyMatching,
): Promise<Invocation | undefined> {
  const inNamespace = await settled(() => namespaceSelected(match.namespaceSelector, attributes, namespaces));
  if (inNamespace.value === false) return undefined;
  if (!objectSelected(match.objectSelector, [attributes.object, attributes.old])) return undefined;
  const equivalents =
    match.matchPolicy === 'Equivalent' ? resources.equivalents(attributes.resource, attributes.subresource) : [];
  if (matchedByRules(match.excludeResourceRules ?? [], attributes, equivalents) !== undefined) return undefined;
  const rules = match.resourceRules ?? [];
  const invocation = rules.length === 0 ? asMade(attributes) : matchedByRules(rules, attributes, equivalents);
  if (invocation !== undefined && inNamespace.value === undefined) throw inNamespace.error;
  return invocation;
}

function matchedByRules(
  rules: readonly RuleWithOperations[],
  attributes: AdmissionAttributes,
  equivalents: ReturnType<Resources['equivalents']>,
): Invocation | undefined {
  if (rules.some((rule) => matches(rule, attributes, attributes.resource))) return asMade(attributes);
  for (const rule of rules) {
    const found = equivalents.find((resource) => matches(rule, attributes, resource));
    if (found !== undefined) return asIf(found, attributes);
  }
  return undefined;
}

function matches(rule: RuleWithOperations, attributes: AdmissionAttributes, resource: RuleResource): boolean {
  const { resourceNames = [] } = rule;
  return (
    ruleMatches(rule, attributes, resource) && (resourceNames.length === 0 || resourceNames.includes(attributes.name))
  );
}

async function settled<T>(make: () => Promise<T>): Promise<{ readonly value?: T; readonly error?: unknown }> {
  try {
    return { value: await make() };
  } catch (error) {
    return { error };
  }
}
