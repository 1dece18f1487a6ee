import { type FieldError, forbidden, formatTime, goQuote, ipWarnings, isDns1123Label, Path } from 'nekube/apimachinery';
import { goDiff } from '../go-struct.ts';
import { validateObjectMeta } from '../meta.ts';
import type { ResourceRules, WriteRules } from '../resource-rules.ts';
import { type Check, type Loose, run, validateWith } from '../rule.ts';
import { keepMetadata, takeOver } from '../strategy.ts';
import { checkImagePadding } from './containers.ts';
import { checkPodAnnotations, checkPodAnnotationUpdates, MIRROR_POD } from './pod-annotations.ts';
import { selectByOwnLabels, takeAppArmorAnnotations } from './pod-create.ts';
import { defaultPod } from './pod-defaults.ts';
import { dropDisabledPodFields, dropDisabledPodStatusFields } from './pod-disabled-fields.ts';
import { type PodCheckOptions, podCheckOptions } from './pod-options.ts';
import { podQosClass } from './pod-qos.ts';
import { resizeObstacle, takeResizedFields, validatePodResize } from './pod-resize.ts';
import { checkPodSpec } from './pod-spec.ts';
import { checkPodStatus } from './pod-status.ts';
import { checkPodSpecUpdate } from './pod-update.ts';
import { appArmorAnnotationWarnings, podWarnings } from './pod-warnings.ts';
import { checkProfilesMatchAnnotations } from './security-profiles.ts';
import { semanticEqual } from './semantic-equal.ts';

const SPEC = Path.of('spec');
const ANNOTATIONS = Path.of('metadata', 'annotations');

/** What is checked of a pod on create and on every update of its spec. */
function checkPod(options: PodCheckOptions): Check {
  return ({ metadata, spec }, _, context) => {
    checkPodAnnotations(spec, options)(metadata.annotations, ANNOTATIONS, context);
    checkPodSpec(options, metadata)(spec, SPEC, context);
    if (!spec.serviceAccountName) refuseTokens(spec, context.errors);
    for (const list of ['containers', 'initContainers']) {
      (spec[list] ?? []).forEach((c: Loose, i: number) => checkImagePadding(c, SPEC.child(list).index(i), context));
    }
  };
}

function refuseTokens(spec: Loose, errors: FieldError[]): void {
  (spec.volumes ?? []).forEach(({ projected }: Loose, i: number) => {
    (projected?.sources ?? []).forEach(({ serviceAccountToken }: Loose, j: number) => {
      if (!serviceAccountToken) return;
      const at = SPEC.child('volumes').index(i).child('projected', 'sources').index(j).child('serviceAccountToken');
      errors.push(forbidden(at, 'must not be specified when serviceAccountName is not set'));
    });
  });
}

/** What is refused of a new pod only. */
const checkNewPod: Check = ({ metadata, spec }, _, context) => {
  if ((spec.ephemeralContainers ?? []).length > 0) {
    context.errors.push(forbidden(SPEC.child('ephemeralContainers'), 'cannot be set on create'));
  }
  if (spec.nodeName && (spec.schedulingGates ?? []).length > 0) {
    const detail = 'cannot be set until all schedulingGates have been cleared';
    context.errors.push(forbidden(SPEC.child('nodeName'), detail));
  }
  checkProfilesMatchAnnotations(metadata.annotations)(spec, SPEC, context);
};

/** Options of an update: what the stored pod has it may keep. */
function updateOptions(old: Loose): PodCheckOptions {
  return { ...podCheckOptions(old.spec, old.metadata), resourceIsPod: true };
}

/** What comes before the checks of each endpoint that changes the spec: the whole pod again, with its metadata. */
function validateWhole(pod: Loose, old: Loose, ...more: Check[]): FieldError[] {
  const options = updateOptions(old);
  const meta = validateObjectMeta(pod.metadata, { namespaced: true });
  return [...meta, ...validateWith([checkPod(options), ...more], pod, old)];
}

/** The annotations of an update: what may not change, and again what they mean. */
function checkAnnotationUpdates(options: PodCheckOptions): Check {
  return ({ metadata, spec }, _, context) => {
    const checks = [checkPodAnnotationUpdates(context.old!.metadata.annotations), checkPodAnnotations(spec, options)];
    run(checks, metadata.annotations, ANNOTATIONS, context);
  };
}

function dropDisabled(pod: Loose, old: Loose): void {
  dropDisabledPodFields(pod.spec, old?.spec);
  dropDisabledPodStatusFields(pod.status, old?.status);
}

/** One generation more when the spec has changed. */
function raisePodGeneration(pod: Loose, old: Loose): void {
  if (!semanticEqual(pod.spec, old.spec)) pod.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

function prepareNewPod(pod: Loose, now: Date): void {
  pod.metadata.generation = 1;
  pod.status = { phase: 'Pending', qosClass: podQosClass(pod.spec) };
  dropDisabled(pod, undefined);
  if ((pod.spec.schedulingGates ?? []).length > 0) {
    pod.status.conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        lastProbeTime: null,
        lastTransitionTime: formatTime(now),
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ];
  }
  selectByOwnLabels(pod);
  takeAppArmorAnnotations(pod);
}

function newPodWarnings(pod: Loose): string[] {
  const problems = isDns1123Label(pod.metadata.name ?? '');
  const name = `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${problems.join(' ')}]`;
  return [
    ...appArmorAnnotationWarnings(pod, Path.root),
    ...(problems.length > 0 ? [name] : []),
    ...podWarnings(pod.metadata, pod.spec, Path.root, false),
  ];
}

const status: WriteRules = {
  prepareForUpdate: (pod, old) => {
    takeOver(pod, old, 'spec');
    const { metadata } = pod;
    delete metadata.deletionTimestamp;
    if (old.metadata.ownerReferences === undefined) delete metadata.ownerReferences;
    else metadata.ownerReferences = old.metadata.ownerReferences;
    const now = (pod.status ??= {});
    now.qosClass ||= old.status?.qosClass;
    keepObservedGenerations(now, old.status ?? {});
    dropDisabled(pod, old);
  },
  validateUpdate: (pod, old) => {
    const checks: Check = (p, path, context) => {
      checkAnnotationUpdates(updateOptions(old))(p, path, context);
      checkPodStatus(p.status ?? {}, Path.of('status'), context);
    };
    return validateWith(checks, pod, old);
  },
  warnings: ({ status: now }) => [
    ...(now?.podIPs ?? []).flatMap(({ ip = '' }: Loose, i: number) => ipWarnings(`status.podIPs[${i}].ip`, ip)),
    ...(now?.hostIPs ?? []).flatMap(({ ip = '' }: Loose, i: number) => ipWarnings(`status.hostIPs[${i}].ip`, ip)),
  ],
  resetFields: [['spec'], ['metadata', 'deletionTimestamp'], ['metadata', 'ownerReferences']],
};

/** Clients that do not know of observed generations do not erase them. */
function keepObservedGenerations(now: Loose, old: Loose): void {
  if (!now.observedGeneration && old.observedGeneration) now.observedGeneration = old.observedGeneration;
  const known = new Map<string, number[]>();
  for (const { type, observedGeneration = 0 } of old.conditions ?? []) {
    known.set(type, [...(known.get(type) ?? []), observedGeneration]);
  }
  for (const condition of now.conditions ?? []) {
    const generation = known.get(condition.type)?.shift();
    if (!condition.observedGeneration && generation) condition.observedGeneration = generation;
  }
}

const ephemeralContainers: WriteRules = {
  prepareForUpdate: (pod, old) => {
    const { ephemeralContainers: added } = pod.spec;
    pod.spec = { ...old.spec };
    if (added === undefined) delete pod.spec.ephemeralContainers;
    else pod.spec.ephemeralContainers = added;
    takeOver(pod, old, 'status');
    keepMetadata(pod, old);
    dropDisabled(pod, old);
    raisePodGeneration(pod, old);
  },
  validateUpdate: (pod, old) => {
    if (old.metadata.annotations?.[MIRROR_POD] !== undefined) {
      return [forbidden('[]', 'static pods do not support ephemeral containers')];
    }
    const errors = validateWhole(pod, old, checkAnnotationUpdates(updateOptions(old)));
    return [...errors, ...changedEphemeralContainers(pod.spec, old.spec)];
  },
  onlyFields: [['spec', 'ephemeralContainers']],
};

function changedEphemeralContainers(spec: Loose, old: Loose): FieldError[] {
  const path = SPEC.child('ephemeralContainers');
  const byName = new Map<string, Loose>((spec.ephemeralContainers ?? []).map((c: Loose) => [c.name, c]));
  return (old.ephemeralContainers ?? []).flatMap((before: Loose) => {
    const now = byName.get(before.name);
    const which = `existing ephemeral containers ${goQuote(before.name)}`;
    if (!now) return [forbidden(path, `${which} may not be removed\n`)];
    if (semanticEqual(now, before)) return [];
    return [forbidden(path, `${which} may not be changed\n${goDiff('EphemeralContainer', before, now)}`)];
  });
}

const resize: WriteRules = {
  prepareForUpdate: (pod, old) => {
    takeResizedFields(pod, old);
    dropDisabled(pod, old);
    raisePodGeneration(pod, old);
  },
  validateUpdate: (pod, old) => {
    const obstacle = resizeObstacle(old);
    return obstacle ? [obstacle] : [...validateWhole(pod, old), ...validatePodResize(pod, old)];
  },
  onlyFields: ['containers', 'initContainers'].flatMap((list) => [
    ['spec', list, '*', 'resources'],
    ['spec', list, '*', 'resizePolicy'],
  ]),
};

/** Seconds that a pod has to end: none when no node runs it any more, or yet. */
function podGracePeriod({ spec, status: now }: Loose, requested: number | undefined): number {
  if (!spec?.nodeName || now?.phase === 'Failed' || now?.phase === 'Succeeded') return 0;
  const period = requested ?? spec.terminationGracePeriodSeconds ?? 0;
  return period < 0 ? 1 : period;
}

/** The rules of pods. */
export const podRules: ResourceRules = {
  defaults: { '*': defaultPod },
  prepareForCreate: (pod, { now }) => prepareNewPod(pod, now),
  prepareForUpdate: (pod, old) => {
    takeOver(pod, old, 'status');
    dropDisabled(pod, old);
    raisePodGeneration(pod, old);
  },
  validate: (pod) => validateWith([checkPod({ resourceIsPod: true }), checkNewPod], pod),
  validateUpdate: (pod, old) => {
    const options = updateOptions(old);
    const checkSpec: Check = (p, path, context) => checkPodSpecUpdate(options)(p.spec, path, context);
    return validateWhole(pod, old, checkAnnotationUpdates(options), checkSpec);
  },
  warnings: (pod, old) => (old ? [] : newPodWarnings(pod)),
  resetFields: [['status']],
  subresources: { status, ephemeralcontainers: ephemeralContainers, resize },
  selectableFields: ({ spec, status: now }) => ({
    'spec.nodeName': spec.nodeName ?? '',
    'spec.restartPolicy': spec.restartPolicy ?? '',
    'spec.schedulerName': spec.schedulerName ?? '',
    'spec.serviceAccountName': spec.serviceAccountName ?? '',
    'spec.hostNetwork': String(spec.hostNetwork ?? false),
    'status.phase': now?.phase ?? '',
    'status.podIP': now?.podIPs?.[0]?.ip ?? now?.podIP ?? '',
    'status.nominatedNodeName': now?.nominatedNodeName ?? '',
  }),
  gracePeriodSeconds: podGracePeriod,
  returnsDeletedObject: true,
};
