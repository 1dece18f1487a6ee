import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { type Client, isNoMatchError, listAll } from 'nekube/client';
import {
  API_VERSION,
  type ContestedApply,
  type ContestedField,
  type ConflictVerdict,
  decideConflicts,
  type FieldDecision,
  type FieldPolicy,
  type PolicySet,
} from 'nekube/fieldpolicy';
import type { Decide, DecisionContext } from './apply-decided.ts';
import type { Verdict } from './decided-configuration.ts';
import type { FieldConflict } from './field-conflicts.ts';
import { idOf } from './pipeline/manifest.ts';
import type { Identity } from './policies/identity.ts';
import { type Why, whyText } from './why.ts';

/** What policies ask about beside the object and its conflicts. */
export interface PolicyContext {
  /** The part of the object that is applied to; default: the object itself. */
  readonly subresource?: string;
  /** Undefined where it is not known who applies: policies that ask for it decide fail. */
  readonly user?: Identity | undefined;
  readonly now: () => Date;
}

/** By what a client decides conflicts; the first of these that is about one counts. */
export interface ClientDecisions extends PolicyContext {
  readonly policies: PolicySet;
  /** The caller's own; of several about one field the first. */
  readonly decisions: readonly FieldDecision[];
  /** The caller takes everything else. */
  readonly force: boolean;
}

/**
 * Decides as the API server of nekube does: policies, then the caller's decisions, then force, else it fails. What a policy
 * would ask a person fails, too: a client keeps no apply until the person has answered, only a server does.
 */
export function decideByPolicies({ policies, decisions, force, ...about }: ClientDecisions): Decide {
  return async (conflicts, context) => {
    const fields = conflicts.map(contestedField);
    const apply = await contestedApply(policies, fields, context, about);
    return decideConflicts(policies, apply, fields, { decisions, force }).map(verdictOf);
  };
}

/** A conflict as policies see it. */
export function contestedField({ path, claim }: FieldConflict): ContestedField {
  const { manager, operation, apiVersion, subresource, time } = claim;
  return { path, owner: { manager, operation, apiVersion, subresource }, time };
}

/** An apply as policies see it. What the object would be if all were taken is only found out if a condition may ask for it. */
export async function contestedApply(
  policies: PolicySet,
  fields: readonly ContestedField[],
  { configuration, fieldManager, live, taken }: DecisionContext,
  { subresource = '', user, now }: PolicyContext,
): Promise<ContestedApply> {
  const { group, kind, namespace } = idOf(configuration);
  const known = {
    group,
    kind,
    namespace,
    subresource,
    manager: fieldManager,
    live,
    now: now(),
    ...(user && { user }),
  };
  const unknown = (): never => {
    throw new Error('it was not found out');
  };
  if (!policies.needsTaken({ ...known, taken: unknown }, fields)) return { ...known, taken: unknown };
  try {
    const object = await taken();
    return { ...known, taken: () => object };
  } catch (error) {
    return {
      ...known,
      taken: () => {
        throw error;
      },
    };
  }
}

function verdictOf({ decision, by, policy, text, reason, why }: ConflictVerdict): Verdict {
  const who = {
    policy: `policy ${policy}`,
    person: `policy ${policy}`,
    caller: `--decide ${text}`,
    force: '--force-conflicts',
  };
  const named = by === undefined ? {} : { by: who[by] };
  if (decision === 'ask') {
    const asks: Why = { code: 'AsksPerson' };
    return { decision: 'fail', asks: true, ...named, reason: whyText(asks), why: asks };
  }
  return { decision, ...named, ...(reason !== undefined && { reason }), ...(why && { why }) };
}

/** Which policies are read. */
export interface PolicyReading {
  /** Of which namespace those are that are for one; default: of all. */
  readonly namespace?: string;
  readonly signal?: AbortSignal;
  /** Takes a kind that the client may not read, which then counts as if there were none; default: that fails. */
  readonly onForbidden?: (kind: FieldPolicy['kind']) => void;
}

/**
 * The policies that a cluster has, or none where their kinds are not installed.
 *
 * @throws StatusError Forbidden if the client may not read them, and nothing takes that
 */
export async function readPolicies(
  client: Client,
  { namespace, signal, onForbidden }: PolicyReading = {},
): Promise<FieldPolicy[]> {
  const found: FieldPolicy[] = [];
  for (const kind of ['FieldPolicy', 'ClusterFieldPolicy'] as const) {
    const within = kind === 'FieldPolicy' && namespace !== undefined ? { namespace } : {};
    try {
      const { items } = await listAll<KubeObject>(
        client,
        { apiVersion: API_VERSION, kind },
        { ...within, ...(signal && { signal }) },
      );
      found.push(...items.map((item) => ({ ...item, apiVersion: API_VERSION, kind }) as FieldPolicy));
    } catch (error) {
      if (isNoMatchError(error) || isStatusError(error, 'NotFound')) continue;
      if (onForbidden === undefined || !isStatusError(error, 'Forbidden')) throw error;
      onForbidden(kind);
    }
  }
  return found;
}
