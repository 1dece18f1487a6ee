import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { applyConflictSchema } from './apply-conflict-schema.ts';
import { policySchema } from './policy-schema.ts';
import { API_VERSION } from './types.ts';

const [GROUP = '', VERSION = ''] = API_VERSION.split('/');

interface Names {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
}

interface Definition extends Names {
  readonly scope: 'Namespaced' | 'Cluster';
  readonly schema: JsonObject;
  readonly columns: readonly Column[];
  readonly status: boolean;
}

interface Column extends JsonObject {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
}

function column(name: string, jsonPath: string, more: JsonObject = {}): Column {
  return { name, type: 'string', jsonPath, ...more };
}

const POLICY_COLUMNS = [
  column('Decision', '.spec.decision'),
  column('Priority', '.spec.priority', { type: 'integer' }),
  column('Fields', '.spec.match.fields'),
  column('Managers', '.spec.match.managers'),
  column('Others', '.spec.match.otherManagers[*].name', { priority: 1 }),
  column('Accepted', '.status.conditions[?(@.type=="Accepted")].status'),
  column('Age', '.metadata.creationTimestamp', { type: 'date' }),
];

const CONFLICT_COLUMNS = [
  column('Kind', '.spec.objectRef.kind'),
  column('Object', '.spec.objectRef.name'),
  column('Manager', '.spec.manager'),
  column('Paths', '.spec.conflicts[*].path'),
  column('Decided', '.spec.decisions[*].decision'),
  column('Expires', '.spec.expirationTime'),
  column('Policy', '.spec.policy', { priority: 1 }),
  column('Age', '.metadata.creationTimestamp', { type: 'date' }),
];

/** The definitions of FieldPolicy, ClusterFieldPolicy and ApplyConflict, for any cluster. Never changed: shared. */
export const DEFINITIONS: readonly KubeObject[] = [
  definitionOf({
    kind: 'FieldPolicy',
    plural: 'fieldpolicies',
    singular: 'fieldpolicy',
    shortNames: ['fp'],
    scope: 'Namespaced',
    schema: policySchema('FieldPolicy'),
    columns: POLICY_COLUMNS,
    status: true,
  }),
  definitionOf({
    kind: 'ClusterFieldPolicy',
    plural: 'clusterfieldpolicies',
    singular: 'clusterfieldpolicy',
    shortNames: ['cfp'],
    scope: 'Cluster',
    schema: policySchema('ClusterFieldPolicy'),
    columns: POLICY_COLUMNS,
    status: true,
  }),
  definitionOf({
    kind: 'ApplyConflict',
    plural: 'applyconflicts',
    singular: 'applyconflict',
    shortNames: ['ac'],
    scope: 'Namespaced',
    schema: applyConflictSchema,
    columns: CONFLICT_COLUMNS,
    status: false,
  }),
];

function definitionOf({ scope, schema, columns, status, ...names }: Definition): KubeObject {
  const spec = {
    group: GROUP,
    scope,
    names: { ...names, listKind: `${names.kind}List`, categories: ['ownership'] },
    versions: [
      {
        name: VERSION,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: schema },
        additionalPrinterColumns: columns,
        ...(status && { subresources: { status: {} } }),
      },
    ],
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.${GROUP}` },
    spec,
  } as unknown as KubeObject;
}
