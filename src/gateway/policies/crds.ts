import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { structuralSchema } from 'nekube/apimachinery';
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
  definitionOf('ClientPolicy', 'A ClientPolicy says how listeners speak with clients.', clientPolicySpec),
  definitionOf(
    'BackendPolicy',
    'A BackendPolicy says how backends are spoken with, and what becomes of requests on the way. What is said of a rule comes before what is said of its route, that before what is said of the Gateway; of a Service, it comes before all of them.',
    backendPolicySpec,
  ),
  definitionOf(
    'SecurityPolicy',
    'A SecurityPolicy says who may, and how that is known. What is said of a rule comes before what is said of its route, and that before what is said of the Gateway.',
    securityPolicySpec,
  ),
];

function definitionOf(kind: PolicyKind, about: string, spec: JsonObject): KubeObject {
  const singular = kind.toLowerCase();
  const plural = `${singular.slice(0, -1)}ies`;
  const properties = {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
    spec,
    status: policyStatus,
  };
  const version = {
    name: POLICY_VERSION,
    served: true,
    storage: true,
    schema: { openAPIV3Schema: structuralSchema.object(about, properties, ['spec']) },
    subresources: { status: {} },
    additionalPrinterColumns: [
      { name: 'Targets', type: 'string', jsonPath: '.spec.targetRefs[*].name' },
      {
        name: 'Accepted',
        type: 'string',
        jsonPath: '.status.ancestors[*].conditions[?(@.type=="Accepted")].status',
      },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ],
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${POLICY_GROUP}`, labels: { 'gateway.networking.k8s.io/policy': 'inherited' } },
    spec: {
      group: POLICY_GROUP,
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular, categories: ['gateway-api'] },
      versions: [version],
    },
  } as unknown as KubeObject;
}
