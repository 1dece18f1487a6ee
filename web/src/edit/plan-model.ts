import { type JsonValue, stringifyJson } from 'nekube/apimachinery';
import type { Why } from 'nekube/ownership';
import type { ApiStatus } from '../api/http.ts';

/** Who owns a field, and since when. */
export interface Claim {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource?: string;
  readonly time?: string;
}

/** What becomes of a field, as the server says: `nekube/ownership` has the meanings of the actions. */
export interface PlannedField {
  readonly path: string;
  readonly action: 'set' | 'unchanged' | 'removed' | 'kept' | 'conflict' | 'yielded' | 'shared' | 'server';
  readonly claimed: boolean;
  readonly others: readonly Claim[];
  readonly live?: JsonValue;
  readonly applied?: JsonValue;
  readonly result?: JsonValue;
  readonly decision?: string;
  readonly by?: string;
  /** Why it is decided so, as an English sentence. */
  readonly reason?: string;
  /** What that tells of. */
  readonly why?: Why;
}

/** What is rarely meant. The message is English; `facts` are what it tells of. */
export interface PlanWarning {
  readonly type: string;
  readonly message: string;
  readonly facts?: Readonly<Record<string, string>>;
  readonly fix?: string;
}

/** What an edit would do. */
export interface Plan {
  readonly outcome: 'created' | 'changed' | 'owners' | 'none' | 'conflict' | 'error';
  readonly resourceVersion: string | null;
  readonly fields: readonly PlannedField[];
  readonly moreFields: number;
  readonly warnings: readonly PlanWarning[];
  /** There is more to do than to take fields away from others. */
  readonly applies: boolean;
  readonly removals: readonly { readonly path: string; readonly owners: readonly Claim[]; readonly taken: boolean }[];
  readonly ignored: readonly string[];
  readonly error?: ApiStatus;
}

/** `force`: take it; `yield`: leave it to them; `share`: keep the value there is, and own it too. */
export type Decision = 'force' | 'yield' | 'share';

/** What a person decided. */
export interface Decided {
  /** By path. */
  readonly conflicts: ReadonlyMap<string, Decision>;
  /** Paths of what is taken away from others. */
  readonly removals: ReadonlySet<string>;
}

export const NOTHING_DECIDED: Decided = { conflicts: new Map(), removals: new Set() };

/** A field that is in conflict, or was before it was decided. */
function isContested({ action, decision }: PlannedField): boolean {
  return action === 'conflict' || decision !== undefined;
}

/** The parts of a plan in which a person reads it. */
export interface PlanParts {
  readonly contested: readonly PlannedField[];
  readonly changed: readonly PlannedField[];
  /** What the server makes of it by itself: defaults, what admission changes. */
  readonly server: readonly PlannedField[];
  /** Its value stays, and the console owns it from now on. */
  readonly claimed: readonly PlannedField[];
}

export function partsOf({ fields }: Plan): PlanParts {
  const rest = fields.filter((field) => !isContested(field));
  return {
    contested: fields.filter(isContested),
    changed: rest.filter(({ action }) => ['set', 'removed', 'kept', 'yielded', 'shared'].includes(action)),
    server: rest.filter(({ action }) => action === 'server'),
    claimed: rest.filter(({ action, claimed }) => action === 'unchanged' && claimed),
  };
}

/** Whether a plan can be carried out as it is decided: no conflict is open, and something would happen. */
export function canApply(plan: Plan, { conflicts, removals }: Decided): boolean {
  if (plan.outcome === 'error' || (plan.outcome === 'none' && removals.size === 0)) return false;
  return openConflicts(plan, conflicts) === 0;
}

/** How many fields in conflict wait for a decision. */
export function openConflicts(plan: Plan, conflicts: Decided['conflicts']): number {
  return partsOf(plan).contested.filter(({ path, action }) => action === 'conflict' && !conflicts.has(path)).length;
}

/** The kind of a change, for its mark: a sign and a color. */
export function signOf({ action, live, result, applied }: PlannedField): '+' | '-' | '~' | '=' {
  if (action === 'removed') return '-';
  if (action === 'kept' || action === 'yielded' || action === 'shared' || action === 'unchanged') return '=';
  if (live === undefined) return '+';
  const after = result ?? applied;
  return after === undefined ? '-' : '~';
}

/** A value in a line. */
export function showValue(value: JsonValue | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string' && value !== '' && !/[\n"]/.test(value) && value.trim() === value) return value;
  return stringifyJson(value);
}

/** A newer decision in the place of one before. */
export function decidedAs(decided: Decided, path: string, decision: Decision | undefined): Decided {
  const conflicts = new Map(decided.conflicts);
  if (decision === undefined) conflicts.delete(path);
  else conflicts.set(path, decision);
  return { ...decided, conflicts };
}

/** A removal taken, or left. */
export function removalAs(decided: Decided, path: string, taken: boolean): Decided {
  const removals = new Set(decided.removals);
  if (taken) removals.add(path);
  else removals.delete(path);
  return { ...decided, removals };
}

/** Fields that an answer of refusal names: of its causes, or of what a strict reader did not know. */
export function causesOf(status: ApiStatus): { readonly field: string; readonly message: string }[] {
  const { causes = [] } = status.details ?? {};
  if (causes.length > 0) return causes.map(({ field = '', message = '' }) => ({ field, message }));
  const unknown = [...(status.message ?? '').matchAll(/(unknown|duplicate) field "([^"]+)"/g)];
  return unknown.map(([message, , field]) => ({ field: field!, message }));
}
