import type { JsonObject, KubeObject } from 'nekube/apimachinery';

const text = (description?: string, more: JsonObject = {}): JsonObject => ({
  type: 'string',
  ...(description !== undefined && { description }),
  ...more,
});
const count = (description?: string): JsonObject => ({
  type: 'integer',
  minimum: 0,
  ...(description !== undefined && { description }),
});
const texts = (description: string): JsonObject => ({ type: 'array', description, items: text() });
const object = (properties: JsonObject, required: readonly string[] = []): JsonObject => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required: [...required] }),
});
const listOf = (description: string, properties: JsonObject, required: readonly string[]): JsonObject => ({
  type: 'array',
  description,
  items: object(properties, required),
});

const VERDICTS = ['render', 'render-with-secrets', 'heal', 'compose', 'operate', 'external', 'unknown'];
const LEVELS = ['critical', 'high', 'medium', 'low'];

const FINDING = {
  aspect: text('What was found, in a word.'),
  probe: text('What was done.'),
  decided: { type: 'boolean', description: 'Whether the verdict rests on it.' },
  evidence: texts('What was seen: requests, objects, paths.'),
};

const COVERAGE = {
  kind: text('The kind of custom resources that it was probed with.'),
  otherKinds: texts('Kinds that are defined, too, and were not probed.'),
  leaves: count('How many leaves the spec of the resource has.'),
  leavesExercised: count(),
  steps: texts('What was done.'),
  gaps: texts('What was not done, and why.'),
  limits: texts('What cannot be seen of such an operator.'),
  influence: listOf('Which leaves of the spec change which places.', { leaf: text(), places: texts('Places.') }, [
    'leaf',
  ]),
};

const RIGHTS = {
  unused: object(Object.fromEntries(LEVELS.map((level) => [level, count()]))),
  riskiest: listOf(
    'What is granted and more than was used, the riskiest first.',
    { level: text(undefined, { enum: LEVELS }), grant: text(), namespace: text(), role: text() },
    ['level', 'grant'],
  ),
  denied: texts('What it was refused.'),
  smallest: text('Roles and bindings that suffice, as YAML.'),
};

const CONDITION = {
  type: text(undefined, { maxLength: 316 }),
  status: text(undefined, { enum: ['True', 'False', 'Unknown'] }),
  observedGeneration: { type: 'integer', format: 'int64' },
  lastTransitionTime: text(undefined, { format: 'date-time' }),
  reason: text(undefined, { maxLength: 1024, minLength: 1 }),
  message: text(undefined, { maxLength: 32_768 }),
};

const STATUS = {
  verdict: text('What the operator is worth.', { enum: VERDICTS }),
  summary: text('The verdict as a sentence.'),
  confidence: text(undefined, { enum: ['high', 'medium', 'low'] }),
  capabilityLevel: { type: 'integer', minimum: 1, maximum: 5, description: "OperatorHub's level that was seen." },
  startTime: text(undefined, { format: 'date-time' }),
  durationSeconds: count(),
  requests: count('How many requests the operator made.'),
  findings: listOf('What was seen.', FINDING, ['aspect', 'probe']),
  coverage: object(COVERAGE),
  rights: object(RIGHTS),
  verification: object({
    isSame: { type: 'boolean', description: 'Whether it wrote the same with the smallest roles.' },
    compared: count(),
    differences: texts('What it was refused then, or wrote otherwise.'),
  }),
  truncated: texts('What the report had more of than an object may hold.'),
  conditions: {
    ...listOf('Judged, Covered, LeastPrivilege, Verified.', CONDITION, [
      'type',
      'status',
      'lastTransitionTime',
      'reason',
      'message',
    ]),
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  },
};

const SPEC = {
  command: texts('How the operator was started.'),
  user: text('As whom it ran.', { minLength: 1 }),
};

const column = (name: string, jsonPath: string, type: string, priority = 0): JsonObject => ({
  name,
  jsonPath,
  type,
  ...(priority > 0 && { priority }),
});

/** The CustomResourceDefinition of OperatorAudit: the report of an audit, of which `kubectl get operatoraudits` shows what matters. */
export const OPERATOR_AUDIT_DEFINITION: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'operatoraudits.audit.nekube.dev' },
  spec: {
    group: 'audit.nekube.dev',
    scope: 'Cluster',
    names: {
      kind: 'OperatorAudit',
      listKind: 'OperatorAuditList',
      plural: 'operatoraudits',
      singular: 'operatoraudit',
      shortNames: ['opaudit'],
    },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [
          column('Verdict', '.status.verdict', 'string'),
          column('Confidence', '.status.confidence', 'string'),
          column('Leaves', '.status.coverage.leavesExercised', 'integer'),
          column('Critical', '.status.rights.unused.critical', 'integer'),
          column('High', '.status.rights.unused.high', 'integer'),
          column('Covered', '.status.conditions[?(@.type=="Covered")].status', 'string'),
          column('Verified', '.status.conditions[?(@.type=="Verified")].status', 'string'),
          column('Age', '.metadata.creationTimestamp', 'date'),
          column('User', '.spec.user', 'string', 1),
          column('Summary', '.status.summary', 'string', 1),
        ],
        schema: {
          openAPIV3Schema: object(
            {
              apiVersion: text(),
              kind: text(),
              metadata: { type: 'object' },
              spec: object(SPEC, ['user']),
              status: object(STATUS),
            },
            ['spec'],
          ),
        },
      },
    ],
  },
};
