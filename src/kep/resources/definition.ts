import type { KubeObject } from 'nekube/apimachinery';
import {
  column,
  CONDITIONS,
  type Definition,
  definitionOf,
  flag,
  integer,
  list,
  object,
  text,
  time,
} from 'nekube/definitions';
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

/** The kind of a sync, named after the repository that it brings. */
export const KEP_SYNC_KIND = { apiVersion: 'keps.nekube.dev/v1alpha1', kind: 'KepSync' } as const;

/** Who writes all of these. */
export const FIELD_MANAGER = 'nekube-kep';

const RELEASE = { pattern: '^v1\\.\\d+$' };
const DAY = { pattern: '^\\d{4}-\\d\\d-\\d\\d$' };
const REFERENCES = list(
  object(
    {
      text: text('As it was written.'),
      kep: text('The name of the Kep that is meant.'),
      url: text(),
      isDangling: flag('It names something of the repository that is not there.'),
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
    disableSupported: flag(),
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
  { description: 'What its kep.yaml says.' },
);

const CHANGE = object(
  {
    commit: text(),
    time: time(),
    pullRequest: { type: 'integer' },
    field: text(),
    from: text(),
    to: text(),
  },
  ['commit', 'time', 'field'],
);

const STATUS = object(
  {
    content: text('A hash of what was read; where it is that of the annotation, spec and status are of one reading.'),
    commit: text('The commit of the repository that it was read from.'),
    changed: time('When something in its folder changed last.'),
    history: list(CHANGE, 'What changed, the oldest first.'),
    findings: list(
      object({ file: text(), line: { type: 'integer' }, level: text(), rule: text(), message: text() }, [
        'rule',
        'message',
      ]),
      'What is odd about it.',
    ),
    conditions: CONDITIONS,
  },
  [],
  { description: 'What is known of it beside its kep.yaml.' },
);

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
                isDefault: flag('It is on unless it is turned off.'),
                isLocked: flag('It cannot be turned.'),
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
  { description: 'What the code of the release has.' },
);

const SYNC_STATUS = object(
  {
    observedGeneration: integer(
      'Of the spec that the sync brought which ended last; another one: a later sync did not end.',
    ),
    holder: text('Which sync it is: another one has another.'),
    begun: time("When the sync began. All times are by the server's clock."),
    renewed: time(
      'When it last said that it goes on, as it does every ten seconds: one that is silent for 40 was cut off.',
    ),
    ended: time('When it ended. Absent: it goes on or was cut off, and KEPs may be missing or old.'),
    ...Object.fromEntries(
      ['created', 'changed', 'unchanged', 'removed', 'refused'].map((what) => [
        what,
        integer(`So many KEPs were ${what}.`),
      ]),
    ),
    conditions: CONDITIONS,
  },
  [],
  { description: 'How far it came.' },
);

const definitionOfKeps = (kind: Omit<Definition, 'group' | 'version' | 'scope'>): KubeObject =>
  definitionOf({ group: 'keps.nekube.dev', version: 'v1alpha1', scope: 'Cluster', ...kind });

/** The definition of Kep, for any cluster. Never changed: shared. */
export const KEP_DEFINITION: KubeObject = definitionOfKeps({
  kind: 'Kep',
  plural: 'keps',
  description:
    'A Kep is a Kubernetes Enhancement Proposal as its kep.yaml describes it, with what is odd about it and what changed when in its status. nekube kep sync makes it.',
  spec: SPEC,
  status: STATUS,
  selectable: ['.spec.status', '.spec.stage', '.spec.owningSig', '.spec.latestMilestone'],
  columns: [
    column('Number', '.spec.number', { type: 'integer' }),
    column('Title', '.spec.title'),
    column('SIG', '.spec.owningSig'),
    column('Status', '.spec.status'),
    column('Stage', '.spec.stage'),
    column('Milestone', '.spec.latestMilestone'),
    column('Clean', '.status.conditions[?(@.type=="Clean")].status', { priority: 1 }),
    column('Changed', '.status.changed', { type: 'date', priority: 1 }),
  ],
});

/** The definition of KepText, for any cluster. Never changed: shared. */
export const KEP_TEXT_DEFINITION: KubeObject = definitionOfKeps({
  kind: 'KepText',
  plural: 'keptexts',
  description: 'A KepText is the text of the Kep of the same name.',
  spec: object(
    {
      path: text('Where it is in the repository.'),
      text: text('The README.md, in Markdown.'),
      isCut: flag('It was too long for an object, and its end is not here.'),
    },
    ['path', 'text'],
    { description: 'What the repository has.' },
  ),
  columns: [column('Path', '.spec.path')],
});

/** The definition of FeatureList, for any cluster. Never changed: shared. */
export const FEATURE_LIST_DEFINITION: KubeObject = definitionOfKeps({
  kind: 'FeatureList',
  plural: 'featurelists',
  description:
    'A FeatureList has the feature gates that the code of a release has, against which Keps are held. It is named after the release.',
  spec: FEATURES,
  columns: [column('Release', '.spec.release')],
});

/** The definition of KepSync, for any cluster. Never changed: shared. */
export const KEP_SYNC_DEFINITION: KubeObject = definitionOfKeps({
  kind: 'KepSync',
  plural: 'kepsyncs',
  description:
    'A KepSync tells which repository was brought as Keps, and whether all of it was. nekube kep sync writes it as it begins, while it goes on and as it ends.',
  spec: object(
    {
      source: text('Names the repository: the label keps.nekube.dev/source of its Keps.'),
      commit: text('The commit that the Keps are of.'),
      keps: { type: 'integer', minimum: 0, description: 'How many KEPs the repository has.' },
    },
    ['source', 'keps'],
    { description: 'What is to be brought.' },
  ),
  status: SYNC_STATUS,
  columns: [
    column('Source', '.spec.source'),
    column('KEPs', '.spec.keps', { type: 'integer' }),
    column('Commit', '.spec.commit'),
    column('Complete', '.status.conditions[?(@.type=="Complete")].status'),
    column('Begun', '.status.begun', { type: 'date' }),
    column('Renewed', '.status.renewed', { type: 'date' }),
    column('Ended', '.status.ended', { type: 'date' }),
  ],
});
