import {
  duplicate,
  formatTime,
  invalid,
  type KubeObject,
  nameIsDnsSubdomain,
  type Path,
  required as requiredError,
  tooMany,
} from 'nekube/apimachinery';
import { invalidGo } from '../go-struct.ts';
import type { ResourceRules, WriteContext } from '../resource-rules.ts';
import {
  type Check,
  type Checks,
  checkImmutable,
  fields,
  isEmpty,
  type Loose,
  type RuleContext,
  validateWith,
} from '../rule.ts';
import { checkDriverName } from '../storage/driver-name.ts';
import { countsGeneration, prepare } from '../strategy.ts';
import { checkCounterSetName, checkCounters, checkDevice, checkNodeChoice } from './device.ts';
import { checkPoolName, setOf } from './lists.ts';

const mostDevices = 128;
const mostAdvancedDevices = 64;
const mostCounterSets = 8;

const checkPool = fields({
  name: checkPoolName,
  resourceSliceCount: (count = 0, path, { errors }) => {
    if (count <= 0) errors.push(invalid(path, count, 'must be greater than zero'));
  },
  generation: (generation = 0, path, { errors }) => {
    if (generation < 0) errors.push(invalid(path, generation, 'must be greater than or equal to zero'));
  },
});

const checkCounterSets = setOf(
  mostCounterSets,
  ({ name = '' }) => name,
  fields({ name: checkCounterSetName, counters: checkCounters }),
);

const checks: Checks = fields({
  spec: [
    (spec, path, context) => {
      checkDriverName(spec.driver, path.child('driver'), context);
      checkPool(spec.pool ?? {}, path.child('pool'), context);
    },
    checkUnchanged,
    checkNodes,
    checkDevices,
    fields({ sharedCounters: checkCounterSets }),
  ],
});

/** Devices that a driver offers. */
export const sliceRules: ResourceRules = {
  returnsDeletedObject: true,
  ...prepare(
    {
      prepareForCreate: (slice, context) => prepareDevices(slice, context),
      prepareForUpdate: (slice, _old, context) => prepareDevices(slice, context),
    },
    countsGeneration('spec'),
  ),
  nameCheck: nameIsDnsSubdomain,
  validate: (slice) => validateWith(checks, slice),
  validateUpdate: (slice, old) => validateWith(checks, slice, old),
  warnings: driverWarnings,
  selectableFields: ({ spec }) => ({ 'spec.nodeName': spec?.nodeName ?? '', 'spec.driver': spec?.driver ?? '' }),
};

/** Drops fields of features that are off, and notes when devices were tainted. */
function prepareDevices({ spec }: KubeObject, { now }: WriteContext): void {
  for (const device of spec?.devices ?? []) {
    delete device.nodeAllocatableResourceMappings;
    for (const attribute of Object.values((device.attributes ?? {}) as Record<string, Loose>)) {
      for (const field of ['bools', 'ints', 'strings', 'versions']) delete attribute[field];
    }
    for (const taint of device.taints ?? []) taint.timeAdded ??= formatTime(now);
  }
}

function driverWarnings({ spec }: KubeObject): string[] {
  const driver: string = spec?.driver ?? '';
  if (driver === driver.toLowerCase()) return [];
  return [`spec.driver: driver names should be lowercase; ${JSON.stringify(driver)} contains uppercase characters`];
}

function checkUnchanged(spec: Loose, path: Path, { errors, old }: RuleContext): void {
  if (!old) return;
  checkImmutable(spec.pool?.name ?? '', old.spec.pool?.name ?? '', path.child('pool', 'name'), errors);
  checkImmutable(spec.driver ?? '', old.spec.driver ?? '', path.child('driver'), errors);
  checkImmutable(spec.nodeName, old.spec.nodeName, path.child('nodeName'), errors);
}

function checkNodes(spec: Loose, path: Path, context: RuleContext): void {
  const { errors } = context;
  const { perDeviceNodeSelection: perDevice, nodeSelector } = spec;
  const set = checkNodeChoice(spec, path, 'must be either unset or set to a non-empty string', context);
  const terms = nodeSelector?.nodeSelectorTerms;
  if (nodeSelector && terms?.length !== 1) {
    const at = path.child('nodeSelector', 'nodeSelectorTerms');
    errors.push(invalidGo(at, '[]NodeSelectorTerm', terms, 'must have exactly one node selector term'));
  }
  if (perDevice === true) set.push('`perDeviceNodeSelection`');
  else if (perDevice === false) {
    errors.push(invalid(path.child('perDeviceNodeSelection'), false, 'must be either unset or set to true'));
  }
  const detail = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  if (set.length === 0) errors.push(requiredError(path, detail));
  else if (set.length > 1) {
    errors.push(invalid(path, `{${set.join(', ')}}`, `${detail}, but multiple fields are set`));
  }
  if (!isEmpty(spec.sharedCounters) && !isEmpty(spec.devices)) {
    errors.push(invalid(path, '', 'only one of `sharedCounters` or `devices` is allowed'));
  }
}

/** Slices with taints or counters hold fewer devices. */
const checkDevicesOf: Check = (spec, path, context) => {
  const devices: Loose[] = spec.devices ?? [];
  const advanced = devices.some(({ taints, consumesCounters }) => !isEmpty(taints) || !isEmpty(consumesCounters));
  const most = advanced ? mostAdvancedDevices : mostDevices;
  if (devices.length > most) {
    context.errors.push(tooMany(path, devices.length, most));
    return;
  }
  const stored: Loose[] = context.old?.spec?.devices ?? [];
  devices.forEach((device, i) => {
    const old = stored.find(({ name }) => name === device.name);
    checkDevice(device, old, spec.perDeviceNodeSelection === true, path.index(i), context);
  });
  const names = devices.map(({ name = '' }) => name as string);
  names.forEach((name, i) => {
    if (names.indexOf(name) !== i) context.errors.push(duplicate(path.index(i), name));
  });
};

function checkDevices(spec: Loose, path: Path, context: RuleContext): void {
  checkDevicesOf(spec, path.child('devices'), context);
}
