/**
 * Policies that decide conflicts of server-side apply: the kinds FieldPolicy, ClusterFieldPolicy and ApplyConflict, which
 * policy is about a conflict, and what it decides. Pure: the API server and, on other clusters, a client use the same.
 *
 * What it does not do: it merges nothing (the decisions are carried out by `applyDecided` of `nekube/smd`), reads no
 * clock, and asks no server.
 */
export type {
  ApplyTarget,
  ContestedApply,
  ContestedField,
  Explained,
  PolicySet,
  PolicyVerdict,
} from './contract.ts';
export { DEFINITIONS } from './crds.ts';
export { type CompiledPolicy, compilePolicy, titleOf } from './compile-policy.ts';
export { compilePolicies } from './policy-set.ts';
export {
  type ConflictVerdict,
  decideConflicts,
  describeVerdict,
  type OwnDecisions,
  isDecisionWarning,
} from './decide-conflicts.ts';
export { DEFAULT_ASK_TTL_SECONDS } from './evaluate.ts';
export {
  CALLER_DECISIONS,
  type FieldDecision,
  isMalformedDecision,
  type MalformedDecision,
  parseFieldDecision,
} from './field-decisions.ts';
export {
  API_VERSION,
  type ApplyConflict,
  type ApplyConflictSpec,
  type CalendarWindow,
  DECISIONS,
  type FieldPolicy,
  type DecisionCount,
  type FieldPolicySpec,
  type OtherManager,
  type PolicyCondition,
  type PolicyDecision,
  type PolicyMatch,
  type PolicyStatus,
} from './types.ts';
export { type Why, whyText } from './why.ts';
