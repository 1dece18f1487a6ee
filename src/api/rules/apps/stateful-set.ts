import {
  type FieldError,
  forbidden,
  invalid,
  isDns1123Label,
  type KubeObject,
  nameIsDnsLabel,
  notSupported,
  Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { claimSpecWarnings } from '../core/claim-warnings.ts';
import { checkClaimSpec } from '../core/persistent-volume-claim-spec.ts';
import { persistentVolumeClaimRules } from '../core/persistent-volume-claim.ts';
import { checkPodAnnotations } from '../core/pod-annotations.ts';
import type { PodCheckOptions } from '../core/pod-options.ts';
import {
  checkPodTemplateSpec,
  defaultPodTemplateSpec,
  podTemplateOptions,
  podTemplateWarnings,
  preparePodTemplate,
} from '../core/pod-template.ts';
import { semanticEqual } from '../core/semantic-equal.ts';
import { invalidGo } from '../go-struct.ts';
import { checkAtMost100Percent, checkIntOrPercent, intOrPercentValue } from '../int-or-percent.ts';
import { checkLabels } from '../label-selector.ts';
import { checkAnnotations } from '../meta.ts';
import type { ResourceRules } from '../resource-rules.ts';
import {
  type Check,
  defined,
  each,
  fields,
  type Loose,
  matches,
  nonNegative,
  present,
  run,
  validateWith,
} from '../rule.ts';
import { ignoresStatus, prepare, writesStatus } from '../strategy.ts';
import {
  at,
  checkCollisionCount,
  checkCounts,
  checkLongRunning,
  checkTemplateLabels,
  checkWorkloadSelector,
  compileSelector,
  generationChanged,
  nextGeneration,
} from './workload.ts';

const SPEC = Path.of('spec');
const TEMPLATE = SPEC.child('template');

function defaultStatefulSet(set: Loose): void {
  const spec = (set.spec ??= {});
  if (!spec.podManagementPolicy) spec.podManagementPolicy = 'OrderedReady';
  const strategy = (spec.updateStrategy ??= {});
  if (!strategy.type) {
    strategy.type = 'RollingUpdate';
    strategy.rollingUpdate ??= {};
  }
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) strategy.rollingUpdate.partition ??= 0;
  const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
  for (const field of ['whenDeleted', 'whenScaled']) if (!retention[field]) retention[field] = 'Retain';
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  spec.template ??= {};
  defaultPodTemplateSpec(spec.template);
  if (spec.volumeClaimTemplates) spec.volumeClaimTemplates = spec.volumeClaimTemplates.map(claimTemplate);
}

/** A claim template with its defaults, and with the kind that apps/v1 gives it. */
function claimTemplate(template: Loose): Loose {
  const claim = { ...template, kind: 'PersistentVolumeClaim', apiVersion: 'v1' };
  persistentVolumeClaimRules.defaults!['*']!(claim);
  return claim;
}

/** What an update tolerates of the stored set. */
interface SetOptions {
  readonly allowInvalidServiceName?: boolean;
  readonly skipPodTemplate?: boolean;
  readonly skipClaimTemplates?: boolean;
}

const checkRollingUpdate: Check = (rolling, path, context) => {
  nonNegative(rolling.partition, path.child('partition'), context);
  const { maxUnavailable } = rolling;
  if (maxUnavailable === undefined) return;
  const field = path.child('maxUnavailable');
  checkIntOrPercent(maxUnavailable, field, context);
  if (intOrPercentValue(maxUnavailable) === 0) context.errors.push(invalid(field, maxUnavailable, 'cannot be 0'));
  checkAtMost100Percent(maxUnavailable, field, context);
};

const checkStrategy: Check = (strategy, path, context) => {
  const { type, rollingUpdate } = strategy;
  const rolling = path.child('rollingUpdate');
  if (type === 'RollingUpdate') return defined(checkRollingUpdate)(rollingUpdate, rolling, context);
  if (type === 'OnDelete') {
    if (!rollingUpdate) return;
    const detail = "only allowed for updateStrategy 'RollingUpdate'";
    context.errors.push(invalidGo(rolling, 'RollingUpdateStatefulSetStrategy', rollingUpdate, detail));
  } else if (!type) context.errors.push(requiredError(path));
  else {
    const detail = "must be 'RollingUpdate' or 'OnDelete'";
    context.errors.push(invalidGo(path, 'StatefulSetUpdateStrategy', strategy, detail));
  }
};

const checkPodManagement: Check = (policy, path, { errors }) => {
  if (!policy) errors.push(requiredError(path));
  else if (policy !== 'OrderedReady' && policy !== 'Parallel')
    errors.push(invalid(path, policy, "must be 'OrderedReady' or 'Parallel'"));
};

const checkRetention: Check = (policy, path, { errors }) => {
  if (policy !== 'Retain' && policy !== 'Delete') errors.push(notSupported(path, policy ?? '', ['Retain', 'Delete']));
};

const checkFields = fields({
  podManagementPolicy: checkPodManagement,
  updateStrategy: checkStrategy,
  persistentVolumeClaimRetentionPolicy: fields({ whenDeleted: checkRetention, whenScaled: checkRetention }),
});
const checkCountFields = fields({ replicas: nonNegative, minReadySeconds: nonNegative });
const checkClaims = each(fields({ spec: checkClaimSpec({}) }));

function checkSpec(options: PodCheckOptions, setOptions: SetOptions): Check {
  return ({ spec = {} }, _, context) => {
    checkFields(spec, SPEC, context);
    if (!setOptions.skipClaimTemplates)
      checkClaims(spec.volumeClaimTemplates, SPEC.child('volumeClaimTemplates'), context);
    checkCountFields(spec, SPEC, context);
    nonNegative(spec.ordinals?.start, SPEC.child('ordinals.start'), context);
    if (!setOptions.allowInvalidServiceName)
      present(matches(isDns1123Label))(spec.serviceName, SPEC.child('serviceName'), context);
    checkWorkloadSelector('statefulset')(spec.selector, SPEC.child('selector'), context);
    const selector = compileSelector(spec.selector);
    if (selector === undefined) context.errors.push(invalid(SPEC.child('selector'), spec.selector, ''));
    else {
      checkTemplateLabels(selector, spec.template, TEMPLATE, context.errors);
      checkTemplate(options, setOptions)(templateOf(spec), TEMPLATE, context);
    }
    checkLongRunning('StatefulSet')(spec.template, TEMPLATE, context);
  };
}

/** The template; labels and annotations are looked at twice, as upstream. */
function checkTemplate(options: PodCheckOptions, { skipPodTemplate }: SetOptions): Check {
  return (template, path, context) => {
    const { metadata = {}, spec = {} } = template;
    if (!skipPodTemplate) checkPodTemplateSpec(options)(template, path, context);
    checkLabels(metadata.labels, path.child('labels'), context);
    const annotations = path.child('annotations');
    run([checkAnnotations, checkPodAnnotations(spec, options)], metadata.annotations, annotations, context);
  };
}

/** The template as its pods will be: with the volumes of the claims, and names from the controller. */
function templateOf({ template, volumeClaimTemplates: claims = [] }: Loose): Loose {
  const { subdomain: _, hostname: __, ...spec } = template.spec ?? {};
  const names = new Set((claims ?? []).map(({ metadata }: Loose) => metadata?.name ?? ''));
  if (names.size === 0) return { ...template, spec };
  const own = [...names].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  const others = (spec.volumes ?? []).filter(({ name }: Loose) => !names.has(name));
  return { ...template, spec: { ...spec, volumes: [...own, ...others] } };
}

/** What an update may change. */
const MUTABLE = [
  'replicas',
  'template',
  'updateStrategy',
  'minReadySeconds',
  'ordinals',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
];
const IMMUTABLE_MESSAGE =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

function validateUpdate(set: KubeObject, old: KubeObject): FieldError[] {
  const options = podTemplateOptions(set.spec?.template, old.spec?.template);
  const tolerant = { allowInvalidServiceName: true, skipClaimTemplates: true };
  const skipPodTemplate = validateWith(checkSpec(options, tolerant), old).length > 0;
  const errors = validateWith(checkSpec(options, { ...tolerant, skipPodTemplate }), set, old);
  return semanticEqual(immutablePart(set.spec), immutablePart(old.spec))
    ? errors
    : [...errors, forbidden(SPEC, IMMUTABLE_MESSAGE)];
}

function immutablePart(spec: Loose): Loose {
  return Object.fromEntries(Object.entries(spec ?? {}).filter(([field]) => !MUTABLE.includes(field)));
}

/** `maxUnavailable` is a feature that is off; a stored set may keep it. */
function dropMaxUnavailable(spec: Loose, old: Loose): void {
  if (old?.updateStrategy?.rollingUpdate?.maxUnavailable !== undefined) return;
  delete spec.updateStrategy?.rollingUpdate?.maxUnavailable;
}

function claimWarnings({ spec }: Loose, field: string): string[] {
  const claims: Loose[] = spec.volumeClaimTemplates ?? [];
  const path = SPEC.child('volumeClaimTemplates');
  const ofClaims = claims.flatMap((claim, i) =>
    claimSpecWarnings(claim.spec ?? {}, field === '' ? path.index(i) : path.index(i).child(field)),
  );
  if ((spec.revisionHistoryLimit ?? 0) >= 0) return ofClaims;
  const advice = 'a negative value retains all historical revisions; a value >= 0 is recommended';
  return [...ofClaims, `spec.revisionHistoryLimit: ${advice}`];
}

const checkStatus = at(
  Path.of('status'),
  'status',
  checkCounts(
    [
      'replicas',
      'readyReplicas',
      'currentReplicas',
      'updatedReplicas',
      'availableReplicas',
      'observedGeneration',
      'collisionCount',
    ],
    [
      ['readyReplicas', 'replicas', 'cannot be greater than status.replicas'],
      ['currentReplicas', 'replicas', 'cannot be greater than status.replicas'],
      ['updatedReplicas', 'replicas', 'cannot be greater than status.replicas'],
      ['availableReplicas', 'replicas', 'cannot be greater than status.replicas'],
      ['availableReplicas', 'readyReplicas', 'cannot be greater than status.readyReplicas'],
    ],
  ),
  checkCollisionCount,
);

/** The rules of stateful sets. */
export const statefulSetRules: ResourceRules = {
  defaults: { '*': defaultStatefulSet },
  nameCheck: nameIsDnsLabel,
  ...prepare(ignoresStatus, {
    prepareForCreate: (set) => {
      set.metadata.generation = 1;
      dropMaxUnavailable(set.spec, undefined);
      preparePodTemplate(set.spec.template, undefined);
    },
    prepareForUpdate: (set, old) => {
      dropMaxUnavailable(set.spec, old.spec);
      preparePodTemplate(set.spec.template, old.spec?.template);
      if (!semanticEqual(set.spec, old.spec)) nextGeneration(set, old);
    },
  }),
  validate: (set) => validateWith(checkSpec({}, {}), set),
  validateUpdate,
  warnings: (set, old) => [
    ...(!old || generationChanged(set, old)
      ? podTemplateWarnings(set.spec.template, old?.spec?.template, TEMPLATE)
      : []),
    ...claimWarnings(set, old ? 'Spec' : ''),
  ],
  subresources: { status: { ...writesStatus, validateUpdate: (set, old) => validateWith(checkStatus, set, old) } },
  scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
};
