import {
  type FieldError,
  forbidden,
  invalid,
  isQualifiedName,
  notSupported,
  Path,
  parseQuantity,
  required as requiredError,
} from 'nekube/apimachinery';
import { goDiff } from '../go-struct.ts';
import { hasInvalidLabelValue } from '../label-selector.ts';
import { validateObjectMeta } from '../meta.ts';
import type { ResourceRules } from '../resource-rules.ts';
import { type Check, checkImmutable, type Loose, type RuleContext, validateWith } from '../rule.ts';
import { takeOver } from '../strategy.ts';
import { claimSpecWarnings } from './claim-warnings.ts';
import { type ClaimCheckOptions, checkClaimSpec } from './persistent-volume-claim-spec.ts';
import { checkResourceAmount, isNativeResource, roundAmounts } from './resources.ts';
import { semanticEqual } from './semantic-equal.ts';
import { defaultClaimSpec } from './volume-defaults.ts';

const SPEC = Path.of('spec');
const STATUS = Path.of('status');
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

function defaultClaim(claim: Loose): void {
  defaultClaimSpec((claim.spec ??= {}));
  claim.status = { ...claim.status, phase: claim.status?.phase || 'Pending' };
  roundAmounts(claim.status.capacity);
  roundAmounts(claim.status.allocatedResources);
}

/** Drops sources that are not served (yet), and fills each of the two fields for the source from the other. */
function prepareSources(spec: Loose, old: Loose): void {
  if (spec.dataSourceRef?.namespace && !old?.dataSourceRef) delete spec.dataSourceRef;
  const inUse = old?.dataSource || old?.dataSourceRef;
  if (!inUse && !spec.dataSourceRef && !isClaimOrSnapshot(spec.dataSource)) delete spec.dataSource;
  mirrorSources(spec);
}

function mirrorSources(spec: Loose): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { namespace: _, ...source } = dataSourceRef;
    spec.dataSource = source;
  }
}

function isClaimOrSnapshot(source: Loose): boolean {
  const { kind } = source ?? {};
  const apiGroup = source?.apiGroup ?? '';
  if (kind === 'PersistentVolumeClaim') return apiGroup === '';
  return kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io';
}

function updateOptions({ spec }: Loose): ClaimCheckOptions {
  const grouped = [spec.dataSource, spec.dataSourceRef].some((source) => typeof source?.apiGroup === 'string');
  return {
    allowInvalidApiGroupInDataSource: grouped,
    allowInvalidLabelValueInSelector: hasInvalidLabelValue(spec.selector),
  };
}

/** What may change in a claim: its volume once, and size and attributes when it is bound. */
const checkClaimUpdate: Check = (claim, _, context) => {
  const old = context.old!;
  const [now, before] = [{ ...claim.spec }, { ...old.spec }];
  mirrorSources(before);
  if (!before.volumeName && now.volumeName !== undefined) before.volumeName = now.volumeName;
  takeClass(claim, old, now, context);
  if (claim.status?.phase === 'Bound') takeBoundFields(now, before);
  if (!semanticEqual(now, before)) {
    const diff = goDiff('PersistentVolumeClaimSpec', before, now);
    const but = 'except resources.requests and volumeAttributesClassName for bound claims';
    context.errors.push(forbidden(SPEC, `spec is immutable after creation ${but}\n${diff}`));
  }
  checkSize(claim.spec, old, context.errors);
  checkImmutable(claim.spec.volumeMode, old.spec.volumeMode, Path.of('volumeMode'), context.errors);
  checkAttributesClass(claim.spec.volumeAttributesClassName, old, context.errors);
};

/**
 * A claim without class may get one, and one whose class is in the old annotation may move it to the field; `now`
 * then has no class. The annotation itself stays as it is.
 */
function takeClass(claim: Loose, old: Loose, now: Loose, { errors }: RuleContext): void {
  const annotation = old.metadata.annotations?.[CLASS_ANNOTATION];
  const newAnnotation = claim.metadata.annotations?.[CLASS_ANNOTATION];
  const isNew = old.spec.storageClassName === undefined && now.storageClassName !== undefined;
  const same = isNew && annotation === now.storageClassName;
  if (!(same && (newAnnotation === undefined || newAnnotation === annotation))) {
    const path = Path.of('metadata', 'annotations', CLASS_ANNOTATION);
    if ((newAnnotation ?? '') !== (annotation ?? ''))
      errors.push(invalid(path, newAnnotation ?? '', 'field is immutable'));
  }
  if (isNew && (annotation === undefined || same)) delete now.storageClassName;
}

function takeBoundFields(now: Loose, before: Loose): void {
  if (now.resources?.requests) {
    const requests = { ...now.resources.requests, storage: before.resources?.requests?.storage ?? '0' };
    now.resources = { ...now.resources, requests };
  }
  if (before.volumeAttributesClassName === undefined) delete now.volumeAttributesClassName;
  else now.volumeAttributesClassName = before.volumeAttributesClassName;
}

/** A claim may shrink again as long as it does not get below what it has. */
function checkSize(spec: Loose, old: Loose, errors: FieldError[]): void {
  const size = parseQuantity(spec.resources?.requests?.storage ?? '0');
  if (size.cmp(parseQuantity(old.spec.resources?.requests?.storage ?? '0')) >= 0) return;
  if (size.cmp(parseQuantity(old.status?.capacity?.storage ?? '0')) > 0) return;
  const at = SPEC.child('resources', 'requests', 'storage');
  errors.push(forbidden(at, 'field can not be less than status.capacity'));
}

function checkAttributesClass(name: string | undefined, old: Loose, errors: FieldError[]): void {
  if (name === old.spec.volumeAttributesClassName || old.status?.currentVolumeAttributesClassName === undefined) return;
  if (name) return;
  const what = name === undefined ? 'nil' : 'empty string';
  const detail = `update to ${what} is forbidden when status.currentVolumeAttributesClassName is not nil`;
  errors.push(forbidden(SPEC.child('volumeAttributesClassName'), detail));
}

const RESIZE_STATES = [
  ...['ControllerResizeInProgress', 'ControllerResizeInfeasible'],
  ...['NodeResizeInProgress', 'NodeResizeInfeasible', 'NodeResizePending'],
];

const checkStatus: Check = ({ spec, status = {} }, _, context) => {
  const { errors } = context;
  if ((spec.accessModes ?? []).length === 0) errors.push(requiredError(Path.of('Spec', 'accessModes')));
  const capacity = STATUS.child('capacity');
  for (const [name, amount] of sortedEntries(status.capacity)) errors.push(...amountErrors(amount, capacity.key(name)));
  const states = STATUS.child('allocatedResourceStatuses');
  for (const [name, state] of sortedEntries(status.allocatedResourceStatuses)) {
    errors.push(...resourceKeyErrors(name, states));
    if (!RESIZE_STATES.includes(state)) errors.push(notSupported(states, name, RESIZE_STATES));
  }
  const allocated = STATUS.child('allocatedResources');
  for (const [name, amount] of sortedEntries(status.allocatedResources)) {
    const problems = resourceKeyErrors(name, allocated);
    if (problems.length === 0) problems.push(...amountErrors(amount, allocated.key(name)));
    if (problems.length > 0) errors.push(...problems);
    else checkResourceAmount('storage', amount, allocated.key(name), errors);
  }
};

function sortedEntries(map: Record<string, string> | undefined): [string, string][] {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

function amountErrors(amount: string, path: Path): FieldError[] {
  const value = parseQuantity(amount).value();
  return value < 0n ? [invalid(path, Number(value), 'must be a valid resource quantity')] : [];
}

function resourceKeyErrors(name: string, path: Path): FieldError[] {
  const errors = isQualifiedName(name).map((message) => invalid(path, name, message));
  if (errors.length > 0 || !isNativeResource(name) || name === 'storage') return errors;
  return [notSupported(path, name, ['storage'])];
}

/** The rules of persistent volume claims. */
export const persistentVolumeClaimRules: ResourceRules = {
  defaults: { '*': defaultClaim },
  prepareForCreate: (claim) => {
    claim.status = { phase: 'Pending' };
    prepareSources(claim.spec, undefined);
  },
  prepareForUpdate: (claim, old) => {
    takeOver(claim, old, 'status');
    prepareSources(claim.spec, old.spec);
  },
  validate: (claim) => validateWith((c, _, context) => checkClaimSpec({})(c.spec, SPEC, context), claim),
  validateUpdate: (claim, old) => {
    const check = checkClaimSpec(updateOptions(old));
    return [
      ...validateObjectMeta(claim.metadata, { namespaced: true }),
      ...validateWith([(c, _, context) => check(c.spec, SPEC, context), checkClaimUpdate], claim, old),
    ];
  },
  warnings: ({ metadata, spec }) => [
    ...(metadata.annotations?.[CLASS_ANNOTATION] === undefined
      ? []
      : [`metadata.annotations[${CLASS_ANNOTATION}]: deprecated since v1.8; use "storageClassName" attribute instead`]),
    ...claimSpecWarnings(spec, SPEC),
  ],
  resetFields: [['status']],
  subresources: {
    status: {
      prepareForUpdate: (claim, old) => takeOver(claim, old, 'spec'),
      validateUpdate: (claim, old) => validateWith(checkStatus, claim, old),
      resetFields: [['spec']],
    },
  },
  returnsDeletedObject: true,
};
