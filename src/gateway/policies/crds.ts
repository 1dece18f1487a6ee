import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { column, definitionOf } from 'nekube/definitions';
import { backendPolicySpec } from './backend-schema.ts';
import { clientPolicySpec } from './client-schema.ts';
import { policyStatus } from './schema-words.ts';
import { securityPolicySpec } from './security-schema.ts';

/** The API group of the policies. */
export const POLICY_GROUP = 'gateway.nekube.dev';
/** Its version. */
export const POLICY_VERSION = 'v1alpha1';

/** The kinds of policies. */
export type PolicyKind = 'ClientPolicy' | 'BackendPolicy' | 'SecurityPolicy';

/** The definitions of ClientPolicy, BackendPolicy and SecurityPolicy, for any cluster. Never changed: shared. */
export const POLICY_DEFINITIONS: readonly KubeObject[] = [
  policyDefinition('ClientPolicy', 'A ClientPolicy says how listeners speak with clients.', clientPolicySpec),
  policyDefinition(
    'BackendPolicy',
    'A BackendPolicy says how backends are spoken with, and what becomes of requests on the way. What is said of a rule comes before what is said of its route, that before what is said of the Gateway; of a Service, it comes before all of them.',
    backendPolicySpec,
  ),
  policyDefinition(
    'SecurityPolicy',
    'A SecurityPolicy says who may, and how that is known. What is said of a rule comes before what is said of its route, and that before what is said of the Gateway.',
    securityPolicySpec,
  ),
];

function policyDefinition(kind: PolicyKind, description: string, spec: JsonObject): KubeObject {
  return definitionOf({
    group: POLICY_GROUP,
    version: POLICY_VERSION,
    scope: 'Namespaced',
    kind,
    plural: `${kind.toLowerCase().slice(0, -1)}ies`,
    categories: ['gateway-api'],
    labels: { 'gateway.networking.k8s.io/policy': 'inherited' },
    description,
    spec,
    status: policyStatus,
    columns: [
      column('Targets', '.spec.targetRefs[*].name'),
      column('Accepted', '.status.ancestors[*].conditions[?(@.type=="Accepted")].status'),
      column('Age', '.metadata.creationTimestamp', { type: 'date' }),
    ],
  });
}
