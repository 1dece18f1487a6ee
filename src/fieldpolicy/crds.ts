import type { KubeObject } from 'nekube/apimachinery';
import { column, definitionOf } from 'nekube/definitions';
import { applyConflictSpec } from './apply-conflict-schema.ts';
import { specSchema, statusSchema } from './policy-schema.ts';
import { API_VERSION } from './types.ts';

const [GROUP = '', VERSION = ''] = API_VERSION.split('/');

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

const OURS = { group: GROUP, version: VERSION, categories: ['ownership'] };

/** The definitions of FieldPolicy, ClusterFieldPolicy and ApplyConflict, for any cluster. Never changed: shared. */
export const DEFINITIONS: readonly KubeObject[] = [
  definitionOf({
    ...OURS,
    kind: 'FieldPolicy',
    plural: 'fieldpolicies',
    shortNames: ['fp'],
    scope: 'Namespaced',
    description:
      'A FieldPolicy decides conflicts of server-side apply in its namespace: what becomes of a field that an apply would change and another manager owns.',
    spec: specSchema('FieldPolicy'),
    status: statusSchema,
    columns: POLICY_COLUMNS,
  }),
  definitionOf({
    ...OURS,
    kind: 'ClusterFieldPolicy',
    plural: 'clusterfieldpolicies',
    shortNames: ['cfp'],
    scope: 'Cluster',
    description:
      'A ClusterFieldPolicy decides conflicts of server-side apply in all namespaces, and of objects that have none. Of equal priority, it comes before those of a namespace.',
    spec: specSchema('ClusterFieldPolicy'),
    status: statusSchema,
    columns: POLICY_COLUMNS,
  }),
  definitionOf({
    ...OURS,
    kind: 'ApplyConflict',
    plural: 'applyconflicts',
    shortNames: ['ac'],
    scope: 'Namespaced',
    description:
      'An ApplyConflict is an apply that waits for a person to decide its conflicts, because a policy decides Ask. Who may update it, decides.',
    spec: applyConflictSpec,
    columns: CONFLICT_COLUMNS,
  }),
];
