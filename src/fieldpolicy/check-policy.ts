import { isJsonObject, type JsonObject, type JsonValue } from 'nekube/apimachinery';
import { API_VERSION, DECISIONS, type FieldPolicy } from './types.ts';

/** What must hold of a value; the text completes "must". */
interface Rule {
  readonly must: string;
  readonly holds: (value: JsonValue) => boolean;
  /** Of the entries of a list. */
  readonly items?: Rule;
  /** Of the fields of an object; those of `required` must be there. No others are allowed. */
  readonly fields?: Readonly<Record<string, Rule>>;
  readonly required?: readonly string[];
}

/**
 * Says what in the shape of a policy is not as its definition has it: of a policy from a file, which no server has seen,
 * or from a server whose definition is another. Each is one sentence that begins with the field.
 */
export function checkPolicy(policy: FieldPolicy): string[] {
  const { apiVersion, kind, metadata, spec } = policy as unknown as JsonObject;
  const problems: string[] = [];
  if (apiVersion !== API_VERSION) problems.push(`apiVersion: must be ${API_VERSION}`);
  if (kind !== 'FieldPolicy' && kind !== 'ClusterFieldPolicy')
    problems.push('kind: must be FieldPolicy or ClusterFieldPolicy');
  if (!isJsonObject(metadata) || typeof metadata.name !== 'string') problems.push('metadata.name: must be a name');
  check(spec, SPEC, 'spec', problems);
  return problems.length > 0 ? problems : together(policy);
}

/** What the fields must be together. */
function together({ kind, spec: { decision, lease, ask, match } }: FieldPolicy): string[] {
  const age = match.claimAge;
  const wrong: [boolean, string][] = [
    [decision === 'Lease' && !lease, 'spec.lease: must be there for the decision Lease; set durationSeconds'],
    [decision !== 'Lease' && !!lease, `spec.lease: is for the decision Lease only; remove it, or decide Lease`],
    [decision !== 'Ask' && !!ask, `spec.ask: is for the decision Ask only; remove it, or decide Ask`],
    [
      kind === 'FieldPolicy' && !!match.namespaces,
      'spec.match.namespaces: is for a ClusterFieldPolicy only: a FieldPolicy is about its own namespace',
    ],
    [
      !!age && age.atLeastSeconds === undefined && age.atMostSeconds === undefined,
      'spec.match.claimAge: atLeastSeconds or atMostSeconds must be there; set one, or remove claimAge',
    ],
    [
      (age?.atLeastSeconds ?? 0) > (age?.atMostSeconds ?? Number.POSITIVE_INFINITY),
      'spec.match.claimAge: atLeastSeconds must not be more than atMostSeconds: no claim would match',
    ],
  ];
  return wrong.flatMap(([is, text]) => (is ? [text] : []));
}

function check(value: JsonValue | undefined, rule: Rule, path: string, problems: string[]): void {
  if (value === undefined || !rule.holds(value)) return void problems.push(`${path}: must ${rule.must}`);
  if (Array.isArray(value) && rule.items)
    for (const [i, item] of value.entries()) check(item, rule.items, `${path}[${i}]`, problems);
  if (!isJsonObject(value) || !rule.fields) return;
  for (const name of rule.required ?? [])
    if (!Object.hasOwn(value, name)) problems.push(`${path}.${name}: must ${rule.fields[name]!.must}`);
  for (const [name, field] of Object.entries(value)) {
    if (!Object.hasOwn(rule.fields, name))
      problems.push(`${path}.${name}: is no field; it has ${Object.keys(rule.fields).join(', ')}`);
    else if (field !== undefined) check(field, rule.fields[name]!, `${path}.${name}`, problems);
  }
}

function text(least = 1): Rule {
  return {
    must: least === 0 ? 'be a text' : 'be a text that is not empty',
    holds: (v) => typeof v === 'string' && v.length >= least,
  };
}

function oneOf(...values: readonly string[]): Rule {
  return { must: `be one of ${values.join(', ')}`, holds: (v) => values.includes(v as string) };
}

function whole(least: number, most: number): Rule {
  return {
    must: `be a whole number from ${least} to ${most}`,
    holds: (v) => Number.isSafeInteger(v) && Number(v) >= least && Number(v) <= most,
  };
}

function list(items: Rule): Rule {
  return { must: 'be a list that is not empty', holds: (v) => Array.isArray(v) && v.length > 0, items };
}

function object(fields: Readonly<Record<string, Rule>>, ...required: readonly string[]): Rule {
  return {
    must: `be an object${required.length > 0 ? ` with ${required.join(', ')}` : ''}`,
    holds: isJsonObject,
    fields,
    required,
  };
}

const anyObject: Rule = { must: 'be an object', holds: isJsonObject };
const names = list(text());
const time: Rule = {
  must: 'be a time HH:MM, as in 08:30',
  holds: (v) => typeof v === 'string' && /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/.test(v),
};

const MATCH = object(
  {
    resources: list(object({ group: text(0), kinds: names }, 'group', 'kinds')),
    namespaces: names,
    labelSelector: anyObject,
    fields: names,
    managers: names,
    otherManagers: list(object({ name: text(), operation: oneOf('Apply', 'Update'), subresource: text(0) }, 'name')),
    claimAge: object({ atLeastSeconds: whole(0, 315_360_000), atMostSeconds: whole(0, 315_360_000) }),
    subresources: list(text(0)),
    users: names,
    groups: names,
    window: object({
      timeZone: text(),
      days: list(oneOf('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')),
      from: time,
      to: time,
    }),
  },
  'resources',
);

const SPEC = object(
  {
    priority: whole(-(2 ** 31), 2 ** 31 - 1),
    match: MATCH,
    condition: text(),
    decision: oneOf(...DECISIONS),
    lease: object({ durationSeconds: whole(1, 315_360_000), whileHeld: oneOf('Yield', 'Fail') }, 'durationSeconds'),
    ask: object({ ttlSeconds: whole(1, 31_536_000) }),
  },
  'match',
  'decision',
);
