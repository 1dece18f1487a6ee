/**
 * Policies that decide conflicts of server-side apply: the kinds FieldPolicy, ClusterFieldPolicy and ApplyConflict, which
 * policy is about a conflict, and what it decides. Pure: the API server and, on other clusters, a client use the same.
 *
 * What it does not do: it merges nothing (the decisions are carried out by `applyDecided` of `nekube/smd`), reads no
 * clock, and asks no server.
 */
export type {
  ApplyTarget,
  CompilePolicies,
  ContestedApply,
  ContestedField,
  PolicySet,
  PolicyVerdict,
} from './contract.ts';
export {
  API_VERSION,
  type ApplyConflict,
  type ApplyConflictSpec,
  type CalendarWindow,
  type FieldPolicy,
  type FieldPolicySpec,
  type OtherManager,
  type PolicyDecision,
  type PolicyMatch,
} from './types.ts';
