import {
  forbidden,
  invalid,
  isDns1123Subdomain,
  nameIsDnsLabel,
  nameIsDnsSubdomain,
  notSupported,
  parseQuantity,
  required as requiredError,
} from 'nekube/apimachinery';
import { checkLabelSelector, checkLabels } from '../label-selector.ts';
import { checkAnnotations } from '../meta.ts';
import { type Check, fields, matches, oneOf, present, required } from '../rule.ts';
import { checkResourceAmount } from './resources.ts';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** The access modes of a claim or a volume: ReadWriteOncePod stands alone. Defects are reported at the list. */
export const checkAccessModes: Check = (modes, path, { errors }) => {
  const known = (modes ?? []).filter((mode: string) => {
    const supported = ACCESS_MODES.includes(mode);
    if (!supported) errors.push(notSupported(path, mode, ACCESS_MODES));
    return supported;
  });
  if (!known.includes('ReadWriteOncePod') || known.every((mode: string) => mode === 'ReadWriteOncePod')) return;
  errors.push(forbidden(path, 'may not use ReadWriteOncePod with other access modes'));
};

/** A quantity above zero. */
export const checkPositiveQuantity: Check = (amount: string, path, { errors }) => {
  if (parseQuantity(amount).sign() <= 0) errors.push(invalid(path, amount, 'must be greater than zero'));
};

/** The name of a class of storage. */
export const checkClassName: Check = matches((name) => nameIsDnsSubdomain(name, false));

/** What stored claims may keep. */
export interface ClaimCheckOptions {
  readonly allowInvalidLabelValueInSelector?: boolean;
  readonly allowInvalidApiGroupInDataSource?: boolean;
}

/** The spec of a claim. */
export function checkClaimSpec(options: ClaimCheckOptions): Check {
  const allowInvalidLabelValue = options.allowInvalidLabelValueInSelector ?? false;
  const checkSelector = checkLabelSelector({ allowInvalidLabelValue });
  const checkFields = fields({
    storageClassName: present(checkClassName),
    volumeMode: oneOf('Block', 'Filesystem'),
    dataSource: checkDataSource(options),
    dataSourceRef: checkDataSource(options),
  });
  return (spec, path, context) => {
    const modes = path.child('accessModes');
    required('at least 1 access mode is required')(spec.accessModes, modes, context);
    checkSelector(spec.selector, path.child('selector'), context);
    checkAccessModes(spec.accessModes, modes, context);
    checkStorageRequest(spec.resources?.requests?.storage, path.child('resources').key('storage'), context);
    checkFields(spec, path, context);
    checkSameDataSource(spec, path, context);
    present(checkClassName)(spec.volumeAttributesClassName, path.child('volumeAttributesClassName'), context);
  };
}

const checkStorageRequest: Check = (amount: string | undefined, path, context) => {
  const { errors } = context;
  if (amount === undefined) return void errors.push(requiredError(path));
  const before = errors.length;
  checkPositiveQuantity(amount, path, context);
  if (errors.length === before) checkResourceAmount('storage', amount, path, errors);
};

/** What a claim's volume is filled from; without a group it can only be another claim. */
function checkDataSource(options: ClaimCheckOptions): Check {
  return (source, path, context) => {
    if (!source) return;
    const { kind = '', namespace } = source;
    const apiGroup = source.apiGroup ?? '';
    fields({ name: required(), kind: required() })(source, path, context);
    if (apiGroup === '' && kind !== 'PersistentVolumeClaim') {
      const detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
      context.errors.push(invalid(path, kind, detail));
    }
    if (!options.allowInvalidApiGroupInDataSource) {
      present(matches(isDns1123Subdomain))(apiGroup, path.child('apiGroup'), context);
    }
    present(matches((name) => nameIsDnsLabel(name, false)))(namespace, path.child('namespace'), context);
  };
}

/** The older and the newer field for the source must say the same. The value of the error is a Go struct without fields. */
const checkSameDataSource: Check = ({ dataSource, dataSourceRef }, path, { errors }) => {
  if (!dataSource || !dataSourceRef) return;
  if (dataSourceRef.namespace) {
    errors.push(invalid(path, {}, 'may not be specified when dataSourceRef.namespace is specified'));
  } else if (
    ['apiGroup', 'kind', 'name'].some((field) => (dataSource[field] ?? null) !== (dataSourceRef[field] ?? null))
  ) {
    errors.push(invalid(path, {}, 'must match dataSourceRef'));
  }
};

/** Fields of metadata that a template for claims may not have, in the order in which they are reported. */
const NOT_IN_TEMPLATES = [
  ...['name', 'generateName', 'namespace', 'selfLink', 'uID', 'resourceVersion', 'generation', 'creationTimestamp'],
  ...['deletionTimestamp', 'deletionGracePeriodSeconds', 'ownerReferences', 'finalizers', 'managedFields'],
];

/** The metadata of a template for claims: labels and annotations, and nothing else. */
export const checkClaimTemplateMeta: Check = (metadata, path, context) => {
  const meta = metadata ?? {};
  checkAnnotations(meta.annotations, path.child('annotations'), context);
  checkLabels(meta.labels, path.child('labels'), context);
  for (const field of NOT_IN_TEMPLATES) {
    const value = meta[field === 'uID' ? 'uid' : field];
    if (value !== undefined && value !== null && value !== '') {
      context.errors.push(forbidden(path.child(field), 'cannot be set'));
    }
  }
};

/** The template of a claim. */
export const checkClaimTemplate: Check = (template, path, context) => {
  checkClaimTemplateMeta(template.metadata, path.child('metadata'), context);
  checkClaimSpec({})(template.spec ?? {}, path.child('spec'), context);
};
