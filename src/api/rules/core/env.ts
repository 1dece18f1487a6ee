import {
  invalid,
  isConfigMapKey,
  isDns1123Label,
  isEnvVarName,
  isQualifiedName,
  nameIsDnsSubdomain,
  notSupported,
  parseQuantity,
  required as requiredError,
} from 'nekube/apimachinery';
import { type Check, each, fields, isEmpty, type Loose, matches, present, requiredAnd } from '../rule.ts';
import { checkNoBacksteps } from './paths.ts';

const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
const VOLUME_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];
const DOWNWARD_FIELDS = new Set([
  ...ENV_FIELDS,
  ...VOLUME_FIELDS,
  ...['spec.host', 'spec.restartPolicy', 'spec.schedulerName', 'status.phase'],
]);
const CONTAINER_RESOURCES = ['limits.cpu', 'limits.ephemeral-storage', 'limits.memory'].concat([
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]);
const BYTE_DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];
const ENV_SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'];

/** A field of the pod for a variable (or, for a volume, a file). */
export function checkFieldRef(use: 'env' | 'volume'): Check {
  const supported = use === 'env' ? ENV_FIELDS : VOLUME_FIELDS;
  return (ref, path, { errors }) => {
    if (isEmpty(ref.apiVersion)) return void errors.push(requiredError(path.child('apiVersion')));
    if (isEmpty(ref.fieldPath)) return void errors.push(requiredError(path.child('fieldPath')));
    const problem = fieldLabelProblem(ref.apiVersion, ref.fieldPath);
    if (problem) {
      errors.push(invalid(path.child('fieldPath'), ref.fieldPath, `error converting fieldPath: ${problem}`));
      return;
    }
    const subscripted = splitSubscript(ref.fieldPath);
    if (subscripted) {
      const key = subscripted.path === 'metadata.annotations' ? subscripted.key.toLowerCase() : subscripted.key;
      for (const message of isQualifiedName(key)) errors.push(invalid(path, key, message));
      return;
    }
    const field = ref.fieldPath === 'spec.host' ? 'spec.nodeName' : ref.fieldPath;
    if (!supported.includes(field)) errors.push(notSupported(path.child('fieldPath'), field, supported));
  };
}

function fieldLabelProblem(version: string, label: string): string | undefined {
  if (version !== 'v1') return `unsupported pod version: ${version}`;
  const subscripted = splitSubscript(label);
  if (subscripted) {
    const allowed = subscripted.path === 'metadata.annotations' || subscripted.path === 'metadata.labels';
    return allowed ? undefined : `field label does not support subscript: ${label}`;
  }
  return DOWNWARD_FIELDS.has(label) ? undefined : `field label not supported: ${label}`;
}

/** Splits `path['key']`. */
function splitSubscript(text: string): { path: string; key: string } | undefined {
  const start = text.indexOf("['");
  if (start <= 0 || !text.endsWith("']") || start + 2 > text.length - 2) return undefined;
  return { path: text.slice(0, start), key: text.slice(start + 2, -2) };
}

/** A request or limit of a container for a variable (or, for a volume, a file). */
export function checkResourceFieldRef(use: 'env' | 'volume'): Check {
  return (ref, path, { errors }) => {
    const resource: string = ref.resource ?? '';
    const hugePages = /^(requests|limits)\.hugepages-/.test(resource);
    if (use === 'volume' && isEmpty(ref.containerName)) errors.push(requiredError(path.child('containerName')));
    else if (resource === '') errors.push(requiredError(path.child('resource')));
    else if (!CONTAINER_RESOURCES.includes(resource) && !hugePages) {
      errors.push(notSupported(path.child('resource'), resource, CONTAINER_RESOURCES));
    }
    const divisor = ref.divisor ?? '0';
    if (parseQuantity(divisor).sign() === 0) return;
    const rule = divisorRule(resource, hugePages);
    if (rule && !rule.values.includes(divisor)) {
      const detail = `only divisor's values ${rule.shown} are supported with the ${rule.name} resource`;
      errors.push(invalid(path.child('divisor'), resource, detail));
    }
  };
}

function divisorRule(
  resource: string,
  hugePages: boolean,
): { values: string[]; shown: string; name: string } | undefined {
  const kind = resource.replace(/^(requests|limits)\./, '');
  const bytes = { values: BYTE_DIVISORS, shown: BYTE_DIVISORS.join(', ') };
  if (hugePages) return { ...bytes, name: 'hugepages' };
  if (!CONTAINER_RESOURCES.includes(resource)) return undefined;
  if (kind === 'cpu') return { values: ['1m', '1'], shown: '1m and 1', name: 'cpu' };
  return { ...bytes, name: kind === 'memory' ? 'memory' : 'local ephemeral storage' };
}

const checkSubdomainName = matches((name) => nameIsDnsSubdomain(name, false));
const checkDataKey: Check = fields({
  name: (name, path, context) => checkSubdomainName(name ?? '', path, context),
  key: requiredAnd('', matches(isConfigMapKey)),
});

/** A value in a file that an init container leaves in an emptyDir. */
const checkFileKeyRef: Check = fields({
  key: requiredAnd('', matches(isEnvVarName)),
  volumeName: requiredAnd('', matches(isDns1123Label)),
  path: requiredAnd('', checkNoBacksteps),
});

const checkValueFrom: Check = fields({
  fieldRef: (ref, path, context) => ref && checkFieldRef('env')(ref, path, context),
  resourceFieldRef: (ref, path, context) => ref && checkResourceFieldRef('env')(ref, path, context),
  configMapKeyRef: checkDataKey,
  secretKeyRef: checkDataKey,
  fileKeyRef: checkFileKeyRef,
});

const checkVariable: Check = (variable, path, context) => {
  requiredAnd('', matches(isEnvVarName))(variable.name, path.child('name'), context);
  const { valueFrom } = variable;
  if (!valueFrom) return;
  const at = path.child('valueFrom');
  checkValueFrom(valueFrom, at, context);
  const sources = ENV_SOURCES.filter((source) => valueFrom[source]).length;
  const one = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
  if (sources === 0) context.errors.push(invalid(at, '', `must specify one of: ${one}`));
  else if (variable.value) context.errors.push(invalid(at, '', 'may not be specified when `value` is not empty'));
  else if (sources > 1) context.errors.push(invalid(at, '', 'may not have more than one field specified at a time'));
};

/** The variables of a container. */
export const checkEnv: Check = each(checkVariable);

const checkSource: Check = fields({
  name: requiredAnd(
    '',
    matches((name) => nameIsDnsSubdomain(name, true)),
  ),
});

/** The config maps and secrets whose data become variables of a container. */
export const checkEnvFrom: Check = (list, path, context) => {
  (list ?? []).forEach((from: Loose, i: number) => {
    const at = path.index(i);
    present(matches(isEnvVarName))(from.prefix, at.child('prefix'), context);
    checkSource(from.configMapRef, at.child('configMapRef'), context);
    checkSource(from.secretRef, at.child('secretRef'), context);
    const sources = [from.configMapRef, from.secretRef].filter(Boolean).length;
    const detail =
      sources === 0
        ? 'must specify one of: `configMapRef` or `secretRef`'
        : 'may not have more than one field specified at a time';
    if (sources !== 1) context.errors.push(invalid(path, '', detail));
  });
};
