/** Policies: what users say of clients, backends and who may, beside what Gateway API says itself. */
export { POLICY_DEFINITIONS, POLICY_GROUP, POLICY_VERSION, type PolicyKind } from './crds.ts';
export type { BackendPolicySpec, ClientPolicySpec, Policy, SecurityPolicySpec, TargetRef } from './spec.ts';
export { isProblem, type PolicyOrigin, type PolicyReferences, type Problem } from './references.ts';
export type { ClientPart } from './compile-client.ts';
export type { BackendPart, RoutePart } from './compile-backend.ts';
export type { SecurityPart } from './compile-security.ts';
export { type CompiledPolicy, type Level, type PolicyObjects, PolicySet, type SecurityOutcome } from './policy-set.ts';
export { type Ancestor, type PolicyOutcome, policyOutcomes } from './statuses.ts';
