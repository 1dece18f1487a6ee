import { errorText, isStatusError, newForbidden } from 'nekube/apimachinery';
import type { AdmissionAttributes } from '../../admission.ts';
import type { Resources } from '../../registry/resources.ts';
import { ruleMatches } from '../match/rules.ts';
import { namespaceSelected, type Namespaces, objectSelected } from '../match/selectors.ts';
import { asIf, asMade, type Invocation, type Versions } from '../match/versioned.ts';
import type { Hook } from './configurations.ts';

/** What decides whether a webhook is asked. */
export interface Matching {
  readonly namespaces: Namespaces;
  readonly resources: Resources;
  /** Evaluates the match conditions of a webhook over a request's objects. @throws Error where they fail */
  readonly conditions: Conditions;
}

/** Whether all match conditions of a hook hold. */
export type Conditions = (
  hook: Hook,
  attributes: AdmissionAttributes,
  invocation: Invocation,
  versions: Versions,
) => Promise<boolean>;

/**
 * As what a webhook is asked about a request: as the request is, or as one to another version of the resource; undefined
 * if it is not asked. What fails for a webhook that is not about the request does not matter.
 *
 * @throws StatusError
 */
export async function invocationOf(
  hook: Hook,
  attributes: AdmissionAttributes,
  versions: Versions,
  { namespaces, resources, conditions }: Matching,
): Promise<Invocation | undefined> {
  const { namespaceSelector, objectSelector, matchConditions = [] } = hook.webhook;
  const inNamespace = await outcome(() => namespaceSelected(namespaceSelector, attributes, namespaces));
  if (inNamespace.value === false) return undefined;
  const selected = await outcome(() => objectSelected(objectSelector, [versions.latest, attributes.old]));
  if (selected.value === false) return undefined;
  const invocation = matched(hook, attributes, resources);
  if (invocation === undefined) return undefined;
  if (inNamespace.value === undefined) throw inNamespace.error;
  if (selected.value === undefined) throw selected.error;
  if (matchConditions.length === 0) return invocation;
  return (await conditionsHold(hook, attributes, invocation, versions, conditions)) ? invocation : undefined;
}

async function conditionsHold(
  hook: Hook,
  attributes: AdmissionAttributes,
  invocation: Invocation,
  versions: Versions,
  conditions: Conditions,
): Promise<boolean> {
  try {
    return await conditions(hook, attributes, invocation, versions);
  } catch (error) {
    if (isStatusError(error)) throw error;
    const { group, resource } = attributes.resource;
    throw newForbidden({ group, resource }, attributes.name, errorText(error));
  }
}

/** The first rule that is about the request decides; with the policy Equivalent, then one about another version. */
function matched({ webhook }: Hook, attributes: AdmissionAttributes, resources: Resources): Invocation | undefined {
  const { rules = [], matchPolicy } = webhook;
  if (rules.some((rule) => ruleMatches(rule, attributes, attributes.resource))) return asMade(attributes);
  if (matchPolicy !== 'Equivalent') return undefined;
  const equivalents = resources.equivalents(attributes.resource, attributes.subresource);
  for (const rule of rules) {
    const found = equivalents.find((resource) => ruleMatches(rule, attributes, resource));
    if (found !== undefined) return asIf(found, attributes);
  }
  return undefined;
}

/** A value, or what failed on the way to it. */
interface Outcome<T> {
  readonly value?: T;
  readonly error?: unknown;
}

async function outcome<T>(make: () => Promise<T> | T): Promise<Outcome<T>> {
  try {
    return { value: await make() };
  } catch (error) {
    return { error };
  }
}
