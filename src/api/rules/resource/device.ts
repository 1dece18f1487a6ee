import {
  byteLength,
  duplicate,
  invalid,
  isDns1123Label,
  isValidLabelValue,
  jsonEqual,
  nameIsDnsSubdomain,
  type Path,
  required as requiredError,
  tooLong,
} from 'nekube/apimachinery';
import { checkNodeSelector } from '../core/node-selector.ts';
import { invalidGo } from '../go-struct.ts';
import { checkLabelName } from '../label-selector.ts';
import { type Check, fields, type Loose, matches, present, requiredOneOf, type RuleContext } from '../rule.ts';
import { checkCapacity } from './capacity.ts';
import { checkQualifiedDeviceName, listOf, mapOf, setOf } from './lists.ts';

const mostAttributesAndCapacities = 32;
const mostConditions = 4;
const mostTaints = 16;
const mostCounterSets = 2;
const mostCounters = 32;
const maxKeyBytes = 63 + 1 + 32;
const maxLabelBytes = 63;
const maxValueBytes = 64;
const values = ['bool', 'int', 'string', 'version'];
const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/;

const checkName: Check = (name, path, context) => matches(isDns1123Label)(name ?? '', path, context);

/** One value of one of four types. */
const checkAttribute: Check = (attribute, path, { errors }) => {
  const set = values.filter((field) => (attribute[field] ?? null) !== null);
  const { version } = attribute;
  if (set.includes('version') && !semver.test(version)) {
    errors.push(invalid(path.child('version'), version, 'must be a string compatible with semver.org spec 2.0.0'));
  }
  for (const field of ['string', 'version']) {
    if (!set.includes(field) || byteLength(attribute[field]) <= maxValueBytes) continue;
    errors.push(tooLong(path.child(field), maxValueBytes));
  }
  if (set.length !== 1) {
    const detail = 'exactly one value must be specified';
    errors.push(set.length === 0 ? invalid(path, '', detail) : invalidGo(path, 'DeviceAttribute', attribute, detail));
  }
};

const checkTaint: Check = fields({
  key: checkLabelName,
  value: present(matches(isValidLabelValue)),
  effect: requiredOneOf('NoExecute', 'NoSchedule', 'None'),
});

const noChecks: Check = () => {};
/** Counters by name; there is at least one. */
export const checkCounters: Check = (counters, path, context) => {
  if (Object.keys(counters ?? {}).length === 0) context.errors.push(requiredError(path));
  else mapOf(mostCounters, maxLabelBytes, checkName, noChecks)(counters, path, context);
};

/** A name of counters; a missing one is required. */
export const checkCounterSetName: Check = (name = '', path, context) => {
  if (name === '') context.errors.push(requiredError(path));
  else checkName(name, path, context);
};

/** Checks a device of a slice. `perDevice`: nodes are chosen device by device. */
export function checkDevice(device: Loose, old: Loose, perDevice: boolean, path: Path, context: RuleContext): void {
  checkName(device.name, path.child('name'), context);
  checkCounts(device, path, context);
  const multiple = device.allowMultipleAllocations === true;
  fields({
    attributes: mapOf(Number.POSITIVE_INFINITY, maxKeyBytes, checkQualifiedDeviceName, checkAttribute),
    capacity: mapOf(Number.POSITIVE_INFINITY, maxKeyBytes, checkQualifiedDeviceName, checkCapacity(multiple)),
    taints: old && jsonEqual(old.taints ?? [], device.taints ?? []) ? [] : listOf(mostTaints, checkTaint),
    consumesCounters: setOf(
      mostCounterSets,
      ({ counterSet = '' }) => counterSet,
      fields({ counterSet: checkCounterSetName, counters: checkCounters }),
    ),
  })(device, path, context);
  checkNodes(device, perDevice, path, context);
  checkBindingConditions(device, path, context);
}

function checkCounts(device: Loose, path: Path, { errors }: RuleContext): void {
  const count = Object.keys(device.attributes ?? {}).length + Object.keys(device.capacity ?? {}).length;
  if (count <= mostAttributesAndCapacities) return;
  const detail = `the total number of attributes and capacities must not exceed ${mostAttributesAndCapacities}`;
  errors.push(invalid(path, count, detail));
}

function checkNodes(device: Loose, perDevice: boolean, path: Path, context: RuleContext): void {
  const { errors } = context;
  const given = ['nodeName', 'nodeSelector', 'allNodes'].filter((field) => (device[field] ?? null) !== null);
  if (!perDevice) {
    const detail =
      '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
    if (given.length > 0) errors.push(invalid(path, null, detail));
    return;
  }
  const set = checkNodeChoice(device, path, 'must not be empty', context);
  const detail =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  if (set.length === 0) errors.push(requiredError(path, detail));
  else if (set.length > 1) errors.push(invalid(path, `{${set.join(', ')}}`, detail));
}

/** @returns in backquotes, the fields that choose nodes */
export function checkNodeChoice(holder: Loose, path: Path, noName: string, context: RuleContext): string[] {
  const { nodeName, nodeSelector, allNodes } = holder;
  const set: string[] = [];
  if (nodeName === '') context.errors.push(invalid(path.child('nodeName'), '', noName));
  else if ((nodeName ?? null) !== null) {
    set.push('`nodeName`');
    matches((name) => nameIsDnsSubdomain(name, false))(nodeName, path.child('nodeName'), context);
  }
  if (nodeSelector) {
    set.push('`nodeSelector`');
    checkNodeSelector(false)(nodeSelector, path.child('nodeSelector'), context);
  }
  if (allNodes === true) set.push('`allNodes`');
  else if (allNodes === false) {
    context.errors.push(invalid(path.child('allNodes'), false, 'must be either unset or set to true'));
  }
  return set;
}

/** Conditions to wait for, and conditions that say that waiting is in vain: both or none, and none twice. */
export function checkBindingConditions(holder: Loose, path: Path, context: RuleContext): void {
  const { errors } = context;
  const conditions: string[] = holder.bindingConditions ?? [];
  const failures: string[] = holder.bindingFailureConditions ?? [];
  const [at, failuresAt] = [path.child('bindingConditions'), path.child('bindingFailureConditions')];
  listOf(mostConditions, checkLabelName)(conditions, at, context);
  listOf(mostConditions, checkLabelName)(failures, failuresAt, context);
  conditions.forEach((name, i) => {
    if (conditions.indexOf(name) !== i) errors.push(duplicate(at.index(i), name));
  });
  failures.forEach((name, i) => {
    if (failures.indexOf(name) !== i) errors.push(duplicate(failuresAt.index(i), name));
    const detail = 'bindingFailureConditions must not overlap with bindingConditions';
    if (conditions.includes(name)) errors.push(invalid(failuresAt.index(i), name, detail));
  });
  if (conditions.length === 0 && failures.length > 0) {
    const detail = 'bindingConditions are required to use bindingFailureConditions';
    errors.push(invalid(at, holder.bindingConditions, detail));
  }
  if (failures.length === 0 && conditions.length > 0) {
    const detail = 'bindingFailureConditions are required to use bindingConditions';
    errors.push(invalid(failuresAt, holder.bindingFailureConditions, detail));
  }
}
