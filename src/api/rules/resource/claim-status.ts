import {
  byteLength,
  forbidden,
  invalid,
  isDns1123Label,
  isValidInterfaceAddress,
  jsonEqual,
  type Path,
  required as requiredError,
  tooLong,
  tooMany,
} from 'nekube/apimachinery';
import { checkConditions } from '../conditions.ts';
import { checkNodeSelector } from '../core/node-selector.ts';
import { invalidGo } from '../go-struct.ts';
import {
  type Check,
  defined,
  fields,
  type Loose,
  matches,
  required,
  requiredOneOf,
  type RuleContext,
} from '../rule.ts';
import { checkDriverName } from '../storage/driver-name.ts';
import { checkBindingConditions } from './device.ts';
import { checkRequestRef, checkRequestRefs, deviceId, requestNames } from './device-claim.ts';
import { checkDeviceConfiguration } from './device-class.ts';
import { checkPoolName, jsonObject, listOf, setOf } from './lists.ts';

const mostConsumers = 256;
const mostResults = 32;
const mostConfigs = 64;
const mostConditions = 8;
const maxDataBytes = 10 * 1024;
const mostAddresses = 16;
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const checkConsumer = fields({ resource: required(), name: required(), uid: required() });

const checkShareId: Check = defined((id: string, path, { errors }) => {
  if (uuidPattern.test(id)) return;
  const detail =
    'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters';
  const fault = uuidPattern.test(id.toLowerCase()) ? detail : `error validating uid: invalid UUID length: ${id.length}`;
  errors.push(invalid(path, id, fault));
});

function maxBytes(most: number): Check {
  return (text = '', path, { errors }) => {
    if (byteLength(text) > most) errors.push(tooLong(path, most));
  };
}

const checkNetwork: Check = defined(
  fields({
    interfaceName: maxBytes(256),
    hardwareAddress: maxBytes(128),
    ips: setOf(mostAddresses, (ip) => ip, matches(isValidInterfaceAddress)),
  }),
);

const checkDeviceName: Check = (name, path, context) => matches(isDns1123Label)(name ?? '', path, context);

/** Checks what a driver, the scheduler or a consumer says of a claim. */
export const checkClaimStatus: Check = (claim, path, context) => {
  const { status = {} } = claim;
  const at = path.child('status');
  const allocated = new Set<string>((status.allocation?.devices?.results ?? []).map(deviceId));
  setOf(mostConsumers, ({ uid = '' }) => uid, checkConsumer)(status.reservedFor, at.child('reservedFor'), context);
  setOf(Number.POSITIVE_INFINITY, deviceId, checkDeviceStatus(allocated))(status.devices, at.child('devices'), context);
  checkReservations(claim, at.child('reservedFor'), context);
  checkAllocation(claim, at.child('allocation'), context);
};

function checkDeviceStatus(allocated: ReadonlySet<string>): Check {
  return (device, path, context) => {
    fields({ driver: checkDriverName, pool: checkPoolName, device: checkDeviceName, shareID: checkShareId })(
      device,
      path,
      context,
    );
    if (!allocated.has(deviceId(device))) {
      const { driver = '', pool = '', device: name = '', shareID = '' } = device;
      const shown = { Driver: driver, Pool: pool, Device: name, ShareID: shareID };
      context.errors.push(invalid(path, shown, 'must be an allocated device in the claim'));
    }
    const count = device.conditions?.length ?? 0;
    const conditionsAt = path.child('conditions');
    if (count > mostConditions) context.errors.push(tooMany(conditionsAt, count, mostConditions));
    checkConditions(device.conditions, conditionsAt, context);
    defined(jsonObject(maxDataBytes))(device.data, path.child('data'), context);
    checkNetwork(device.networkData, path.child('networkData'), context);
  };
}

/** Only allocated claims are reserved, and none that is being deleted gets new consumers. */
function checkReservations({ status, metadata }: Loose, path: Path, { errors, old }: RuleContext): void {
  const consumers: Loose[] = status?.reservedFor ?? [];
  if (consumers.length === 0) return;
  if (!status.allocation) errors.push(forbidden(path, 'may not be specified when `allocated` is not set'));
  else if (metadata.deletionTimestamp) {
    const stored: Loose[] = old?.status?.reservedFor ?? [];
    if (consumers.every((consumer) => stored.some((other) => jsonEqual(other, consumer)))) return;
    const detail = 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set';
    errors.push(forbidden(path, detail));
  }
}

function checkAllocation(claim: Loose, path: Path, context: RuleContext): void {
  const allocation = claim.status?.allocation;
  const stored = context.old?.status?.allocation;
  if (!allocation) return;
  if (stored) {
    if (jsonEqual(allocation, stored)) return;
    context.errors.push(invalidGo(path, '*AllocationResult', allocation, 'field is immutable'));
    return;
  }
  const names = requestNames(claim.spec?.devices);
  fields({
    devices: fields({
      results: listOf(mostResults, checkResult(names)),
      config: listOf(mostConfigs, checkConfig(names)),
    }),
    nodeSelector: defined(checkNodeSelector(false)),
  })(allocation, path, context);
}

function checkResult(names: ReadonlySet<string>): Check {
  return (result, path, context) => {
    checkRequestRef(result.request ?? '', names, path.child('request'), context);
    fields({ driver: checkDriverName, pool: checkPoolName, device: checkDeviceName })(result, path, context);
    checkBindingConditions(result, path, context);
    checkShareId(result.shareID, path.child('shareID'), context);
  };
}

function checkConfig(names: ReadonlySet<string>): Check {
  return (config, path, context) => {
    requiredOneOf('FromClaim', 'FromClass')(config.source, path.child('source'), context);
    checkRequestRefs(names)(config.requests, path.child('requests'), context);
    if (!config.opaque) context.errors.push(requiredError(path.child('opaque')));
    else checkDeviceConfiguration(config, path, context);
  };
}
