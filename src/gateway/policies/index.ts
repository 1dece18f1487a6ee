/** Policies: what users say of clients, backends and who may, beside what Gateway API says itself. */
export { POLICY_DEFINITIONS, POLICY_GROUP, POLICY_VERSION, type PolicyKind } from './crds.ts';
export type { BackendPolicySpec, ClientPolicySpec, Policy, SecurityPolicySpec, TargetRef } from './spec.ts';
