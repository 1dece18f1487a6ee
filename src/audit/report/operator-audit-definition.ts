import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { column, CONDITIONS, definitionOf, flag, integer, list, object, oneOf, text, time } from 'nekube/definitions';

const count = (description?: string): JsonObject => integer(description, { minimum: 0 });
const texts = (description: string): JsonObject => list(text(), description);
const listOf = (description: string, properties: JsonObject, required: readonly string[]): JsonObject =>
  list(object(properties, required), description);

const VERDICTS = ['render', 'render-with-secrets', 'heal', 'compose', 'operate', 'external', 'unknown'];
const LEVELS = ['critical', 'high', 'medium', 'low'];

const FINDING = {
  kind: text('The kind of custom resources that it is about.'),
  aspect: text('What was found, in a word.'),
  probe: text('What was done.'),
  decided: flag('Whether the verdict rests on it.'),
  evidence: texts('What was seen: requests, objects, paths.'),
};

const COVERAGE = {
  kind: text('The kinds of custom resources that it was probed with, with commas between.'),
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
    { level: oneOf(LEVELS), grant: text(), namespace: text(), role: text() },
    ['level', 'grant'],
  ),
  denied: texts('What it was refused.'),
  smallest: text('Roles and bindings that suffice, as YAML.'),
};

const JUDGEMENT = {
  confidence: oneOf(['high', 'medium', 'low']),
  capabilityLevel: { type: 'integer', minimum: 1, maximum: 5, description: "OperatorHub's level that was seen." },
};

const KIND = {
  kind: text('As in shops.shop.example.'),
  verdict: oneOf(VERDICTS, 'What the operator is worth for this kind.'),
  ...JUDGEMENT,
  leaves: count('How many leaves the spec of the resource has.'),
  leavesExercised: count(),
  requests: count('How many requests the operator made meanwhile.'),
  durationSeconds: count(),
};

const STATUS = {
  verdict: oneOf(VERDICTS, 'What the operator is worth: the strongest verdict of its kinds.'),
  summary: text('The verdict as a sentence.'),
  ...JUDGEMENT,
  decidedBy: texts('The kinds that decided.'),
  kinds: listOf('What was found with each kind of custom resources.', KIND, ['kind', 'verdict']),
  startTime: time(),
  durationSeconds: count(),
  requests: count('How many requests the operator made.'),
  findings: listOf('What was seen.', FINDING, ['aspect', 'probe']),
  coverage: object(COVERAGE),
  rights: object(RIGHTS),
  verification: object({
    isSame: flag('Whether it wrote the same with the smallest roles.'),
    compared: count(),
    differences: texts('What it was refused then, or wrote otherwise.'),
  }),
  truncated: texts('What the report had more of than an object may hold.'),
  conditions: { ...CONDITIONS, description: 'Judged, Covered, LeastPrivilege, Verified.' },
};

const SPEC = {
  command: texts('How the operator was started.'),
  user: text('As whom it ran.', { minLength: 1 }),
};

/** The CustomResourceDefinition of OperatorAudit: the report of an audit, of which `kubectl get operatoraudits` shows what matters. */
export const OPERATOR_AUDIT_DEFINITION: KubeObject = definitionOf({
  group: 'audit.nekube.dev',
  version: 'v1alpha1',
  scope: 'Cluster',
  kind: 'OperatorAudit',
  plural: 'operatoraudits',
  shortNames: ['opaudit'],
  description:
    'An OperatorAudit is the report of an audit: what an operator does, against what it may do, and what a chart could do in its place.',
  spec: object(SPEC, ['user'], { description: 'What was audited.' }),
  status: object(STATUS, [], { description: 'What the audit found.' }),
  columns: [
    column('Verdict', '.status.verdict'),
    column('Confidence', '.status.confidence'),
    column('Leaves', '.status.coverage.leavesExercised', { type: 'integer' }),
    column('Critical', '.status.rights.unused.critical', { type: 'integer' }),
    column('High', '.status.rights.unused.high', { type: 'integer' }),
    column('Covered', '.status.conditions[?(@.type=="Covered")].status'),
    column('Verified', '.status.conditions[?(@.type=="Verified")].status'),
    column('Age', '.metadata.creationTimestamp', { type: 'date' }),
    column('User', '.spec.user', { priority: 1 }),
    column('Summary', '.status.summary', { priority: 1 }),
  ],
});
