import { parseTime } from 'nekube/apimachinery';
import { formatPath } from 'nekube/smd';
import type { CompiledPolicy } from './compile-policy.ts';
import type { ApplyTarget, ContestedApply, ContestedField } from './contract.ts';
import { globMatches } from './glob.ts';
import type { Why } from './why.ts';

/** Whether a policy is about a conflict; undefined: that cannot be told. */
export type Match =
  | { readonly matches: true }
  /** Why not: the field of the policy, and what it meets. */
  | { readonly matches: false; readonly because: string }
  | { readonly matches: undefined; readonly why: Why };

/** What a part of a policy asks; undefined if it holds. */
type Part<Of> = (policy: CompiledPolicy, of: Of) => Match | undefined;

/** An apply, and one of its conflicts. */
interface Contested {
  readonly apply: ContestedApply;
  readonly conflict: ContestedField;
}

const no = (because: string): Match => ({ matches: false, because });
const unknown = (why: Why): Match => ({ matches: undefined, why });
const malformed = (problem: string): Match => unknown({ code: 'Malformed', problem });
const MATCHES: Match = { matches: true };

/** Whether a policy can be about an apply, whatever it is in conflict over. */
export function matchTarget(policy: CompiledPolicy, target: ApplyTarget): Match {
  return matchParts(policy, policy.policy.spec?.match ? OF_TARGET : [inScope], target);
}

/**
 * Whether all that a policy states holds, without its condition. A part that does not hold is told before one of which
 * that is not known.
 */
export function matchPolicy(policy: CompiledPolicy, apply: ContestedApply, conflict: ContestedField): Match {
  const target = matchTarget(policy, apply);
  if (target.matches === false || !policy.policy.spec?.match) return target;
  const whole = matchParts(policy, OF_CONFLICT, { apply, conflict });
  return whole.matches === false || target.matches ? whole : target;
}

function matchParts<Of>(policy: CompiledPolicy, parts: readonly Part<Of>[], of: Of): Match {
  let doubt: Match | undefined;
  for (const part of parts) {
    const match = part(policy, of);
    if (match?.matches === false) return match;
    doubt ??= match;
  }
  return doubt ?? MATCHES;
}

/** A FieldPolicy is about its namespace. */
function inScope({ policy }: CompiledPolicy, { namespace }: ApplyTarget): Match | undefined {
  if (policy.kind === 'ClusterFieldPolicy') return undefined;
  const own = policy.metadata?.namespace ?? '';
  if (own === namespace) return undefined;
  return no(
    namespace === '' ? 'the object has no namespace' : `its namespace is ${quoted(own)}, not ${quoted(namespace)}`,
  );
}

const OF_TARGET: readonly Part<ApplyTarget>[] = [
  inScope,
  ({ policy }, { group, kind }) => {
    const { resources } = policy.spec.match;
    if (!Array.isArray(resources)) return malformed('spec.match.resources must be a list');
    const found = resources.some(
      (one) => matchesOne([one?.group], group) && Array.isArray(one?.kinds) && matchesOne(one.kinds, kind),
    );
    return found ? undefined : no(`match.resources: has no ${group === '' ? kind : `${kind}.${group}`}`);
  },
  ({ policy }, { namespace }) => {
    const { namespaces } = policy.spec.match;
    if (namespaces === undefined) return undefined;
    if (namespace === '') return no('match.namespaces: the object has none');
    return named('namespaces', namespaces, namespace);
  },
  ({ policy }, { manager }) => named('managers', policy.spec.match.managers, manager),
  ({ policy }, { subresource }) => named('subresources', policy.spec.match.subresources, subresource),
];

const OF_CONFLICT: readonly Part<Contested>[] = [
  ({ labels }, { apply: { live } }) => {
    if (labels === undefined) return undefined;
    if (typeof labels === 'string') return malformed(`spec.${labels}`);
    return labels.matches(live.metadata.labels)
      ? undefined
      : no(`match.labelSelector: ${labels} is not what the labels say`);
  },
  ({ policy }, { apply: { user } }) => {
    const { users } = policy.spec.match;
    if (users === undefined) return undefined;
    return user === undefined
      ? unknown({ code: 'UserUnknown', field: 'match.users' })
      : named('users', users, user.name);
  },
  ({ policy }, { apply: { user } }) => {
    const { groups } = policy.spec.match;
    if (groups === undefined) return undefined;
    if (user === undefined) return unknown({ code: 'UserUnknown', field: 'match.groups' });
    if (user.groups.some((group) => matchesOne(groups, group))) return undefined;
    return no(`match.groups: ${user.name} is in none of ${groups.join(', ')}`);
  },
  ({ window }, { apply: { now } }) => {
    if (window === undefined) return undefined;
    if (typeof window === 'string') return malformed(`spec.${window}`);
    return window(now) ? undefined : no(`match.window: ${now.toISOString()} is outside`);
  },
  ({ fields }, { conflict: { path } }) => {
    if (fields === undefined) return undefined;
    if (typeof fields === 'string') return malformed(`spec.${fields}`);
    return fields.some((pattern) => pattern.matches(path))
      ? undefined
      : no(`match.fields: none is ${formatPath(path)}`);
  },
  ({ policy }, { conflict: { owner } }) => {
    const { otherManagers } = policy.spec.match;
    if (otherManagers === undefined) return undefined;
    if (!Array.isArray(otherManagers)) return malformed('spec.match.otherManagers must be a list');
    const found = otherManagers.some(
      (other) =>
        matchesOne([other?.name], owner.manager) &&
        (other.operation ?? owner.operation) === owner.operation &&
        matchesOne([other.subresource ?? owner.subresource], owner.subresource),
    );
    if (found) return undefined;
    const subresource = owner.subresource === '' ? '' : ` ${owner.subresource}`;
    return no(`match.otherManagers: none is ${quoted(owner.manager)} by ${owner.operation}${subresource}`);
  },
  ({ policy }, { apply: { now }, conflict: { owner, time } }) => {
    const { claimAge } = policy.spec.match;
    if (claimAge === undefined) return undefined;
    const age = ageOf(time, now);
    if (age === undefined)
      return unknown({ code: 'ClaimTimeUnknown', field: 'match.claimAge', manager: owner.manager });
    const { atLeastSeconds = 0, atMostSeconds = Number.POSITIVE_INFINITY } = claimAge;
    if (age < atLeastSeconds) return no(`match.claimAge: the claim is ${age}s old, less than ${atLeastSeconds}s`);
    return age > atMostSeconds
      ? no(`match.claimAge: the claim is ${age}s old, more than ${atMostSeconds}s`)
      : undefined;
  },
];

/** How many whole seconds ago a claim was made; 0 for one of the future. Undefined where it has no time. */
export function ageOf(time: string | undefined, now: Date): number | undefined {
  if (time === undefined) return undefined;
  try {
    const { seconds } = parseTime(time);
    return Math.max(0, Math.floor(now.getTime() / 1000) - Number(seconds));
  } catch {
    return undefined;
  }
}

function named(field: string, globs: readonly string[] | undefined, name: string): Match | undefined {
  if (globs === undefined) return undefined;
  if (!Array.isArray(globs)) return malformed(`spec.match.${field} must be a list`);
  return matchesOne(globs, name) ? undefined : no(`match.${field}: none is ${quoted(name)}`);
}

function matchesOne(globs: readonly unknown[], text: string): boolean {
  return globs.some((glob) => typeof glob === 'string' && globMatches(glob, text));
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
