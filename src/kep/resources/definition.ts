import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import { STAGES, STATUSES } from '../model/kep.ts';

/** The kind of a KEP on a server. */
export const KEP_KIND = { apiVersion: 'keps.nekube.dev/v1alpha1', kind: 'Kep' } as const;

/**
 * The kind of a KEP's text, of the same name: a kind of its own, so that lists and watches of Keps do not carry the 20 MB that the
 * texts are.
 */
export const KEP_TEXT_KIND = { apiVersion: 'keps.nekube.dev/v1alpha1', kind: 'KepText' } as const;

/** The kind of the code's feature gates at a release, after which it is named. */
export const FEATURE_LIST_KIND = { apiVersion: 'keps.nekube.dev/v1alpha1', kind: 'FeatureList' } as const;

const text = (description?: string, more: JsonObject = {}): JsonObject => ({
  type: 'string',
  ...(description && { description }),
  ...more,
});
const object = (properties: JsonObject, required: readonly string[] = []): JsonObject => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required: [...required] }),
});
const list = (items: JsonObject, description?: string): JsonObject => ({
  type: 'array',
  items,
  'x-kubernetes-list-type': 'atomic',
  ...(description && { description }),
});

const RELEASE = { pattern: '^v1\\.\\d+$' };
const DAY = { pattern: '^\\d{4}-\\d\\d-\\d\\d$' };
const REFERENCES = list(
  object(
    {
      text: text('As it was written.'),
      kep: text('The name of the Kep that is meant.'),
      url: text(),
      isDangling: { type: 'boolean', description: 'It names something of the repository that is not there.' },
    },
    ['text'],
  ),
);

const SPEC = object(
  {
    path: text('Its folder in the repository.'),
    number: { type: 'integer', minimum: 0 },
    title: text(),
    owningSig: text(),
    participatingSigs: list(text()),
    status: text('Absent where it is none that is known.', { enum: [...STATUSES] }),
    stage: text('Absent where it is none that is known.', { enum: [...STAGES] }),
    authors: list(text()),
    reviewers: list(text()),
    approvers: list(text()),
    editor: text(),
    readinessApprovers: list(object({ stage: text(undefined, { enum: [...STAGES] }), approver: text() })),
    created: text('The day on which it was made.', DAY),
    updated: text('The day of its last change, as it says.', DAY),
    latestMilestone: text(undefined, RELEASE),
    milestones: object(Object.fromEntries(STAGES.map((stage) => [stage, text(undefined, RELEASE)]))),
    featureGates: list(object({ name: text(), components: list(text()) }, ['name'])),
    disableSupported: { type: 'boolean' },
    metrics: list(text()),
    seeAlso: REFERENCES,
    replaces: REFERENCES,
    supersededBy: REFERENCES,
    written: {
      type: 'object',
      description: 'What was written where a value is none that is known, by field.',
      additionalProperties: text(),
    },
    readme: text('Its text in the repository.'),
  },
  ['path', 'title', 'owningSig'],
);

const CHANGE = object(
  {
    commit: text(),
    time: text(undefined, { format: 'date-time' }),
    pullRequest: { type: 'integer' },
    field: text(),
    from: text(),
    to: text(),
  },
  ['commit', 'time', 'field'],
);

const CONDITION = object(
  {
    type: text(),
    status: text(undefined, { enum: ['True', 'False', 'Unknown'] }),
    observedGeneration: { type: 'integer' },
    lastTransitionTime: text(undefined, { format: 'date-time' }),
    reason: text(),
    message: text(),
  },
  ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
);

const STATUS = object({
  content: text('A hash of what was read; where it is that of the annotation, spec and status are of one reading.'),
  commit: text('The commit of the repository that it was read from.'),
  changed: text('When something in its folder changed last.', { format: 'date-time' }),
  history: list(CHANGE, 'What changed, the oldest first.'),
  findings: list(
    object({ file: text(), line: { type: 'integer' }, level: text(), rule: text(), message: text() }, [
      'rule',
      'message',
    ]),
    'What is odd about it.',
  ),
  conditions: {
    type: 'array',
    items: CONDITION,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  },
});

const FEATURES = object(
  {
    release: text('The release that the code is of.', RELEASE),
    gates: list(
      object(
        {
          name: text(),
          stages: list(
            object(
              {
                release: text(undefined, RELEASE),
                stage: text(undefined, { enum: [...STAGES] }),
                isDefault: { type: 'boolean', description: 'It is on unless it is turned off.' },
                isLocked: { type: 'boolean', description: 'It cannot be turned.' },
              },
              ['release', 'stage'],
            ),
            'What it is from a release on, the oldest first.',
          ),
        },
        ['name', 'stages'],
      ),
      'The gates of the code.',
    ),
  },
  ['release', 'gates'],
);

const column = (name: string, jsonPath: string, more: JsonObject = {}): JsonObject => ({
  name,
  type: 'string',
  jsonPath,
  ...more,
});

/** The definition of Kep, for any cluster. Never changed: shared. */
export const KEP_DEFINITION: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'keps.keps.nekube.dev' },
  spec: {
    group: 'keps.nekube.dev',
    scope: 'Cluster',
    names: { kind: 'Kep', listKind: 'KepList', plural: 'keps', singular: 'kep' },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: object({ spec: SPEC, status: STATUS }, ['spec']) },
        selectableFields: [
          { jsonPath: '.spec.status' },
          { jsonPath: '.spec.stage' },
          { jsonPath: '.spec.owningSig' },
          { jsonPath: '.spec.latestMilestone' },
        ],
        additionalPrinterColumns: [
          column('Number', '.spec.number', { type: 'integer' }),
          column('Title', '.spec.title'),
          column('SIG', '.spec.owningSig'),
          column('Status', '.spec.status'),
          column('Stage', '.spec.stage'),
          column('Milestone', '.spec.latestMilestone'),
          column('Clean', '.status.conditions[?(@.type=="Clean")].status', { priority: 1 }),
          column('Changed', '.status.changed', { type: 'date', priority: 1 }),
        ],
      },
    ],
  },
};

/** The definition of KepText, for any cluster. Never changed: shared. */
export const KEP_TEXT_DEFINITION: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'keptexts.keps.nekube.dev' },
  spec: {
    group: 'keps.nekube.dev',
    scope: 'Cluster',
    names: { kind: 'KepText', listKind: 'KepTextList', plural: 'keptexts', singular: 'keptext' },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: object(
            {
              spec: object(
                {
                  path: text('Where it is in the repository.'),
                  text: text('The README.md, in Markdown.'),
                  isCut: { type: 'boolean', description: 'It was too long for an object, and its end is not here.' },
                },
                ['path', 'text'],
              ),
            },
            ['spec'],
          ),
        },
        additionalPrinterColumns: [column('Path', '.spec.path')],
      },
    ],
  },
};

/** The definition of FeatureList, for any cluster. Never changed: shared. */
export const FEATURE_LIST_DEFINITION: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'featurelists.keps.nekube.dev' },
  spec: {
    group: 'keps.nekube.dev',
    scope: 'Cluster',
    names: { kind: 'FeatureList', listKind: 'FeatureListList', plural: 'featurelists', singular: 'featurelist' },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: object({ spec: FEATURES }, ['spec']) },
        additionalPrinterColumns: [column('Release', '.spec.release')],
      },
    ],
  },
};
