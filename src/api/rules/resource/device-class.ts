import { byteLength, invalid, nameIsDnsSubdomain, required as requiredError, tooLong } from 'nekube/apimachinery';
import { isExtendedResource } from '../core/resources.ts';
import type { ResourceRules } from '../resource-rules.ts';
import { type Check, type Checks, defined, fields, given, validateWith } from '../rule.ts';
import { checkDriverName } from '../storage/driver-name.ts';
import { countsGeneration, prepare } from '../strategy.ts';
import { jsonObject, listOf } from './lists.ts';

const mostSelectors = 32;
const mostConfigs = 32;
const maxExpressionBytes = 10 * 1024;
const maxParametersBytes = 10 * 1024;

const checkExpression: Check = (text = '', path, { errors }) => {
  if (byteLength(text) > maxExpressionBytes) errors.push(tooLong(path, maxExpressionBytes));
};

/** Expressions that select devices. */
export const checkSelectors: Check = listOf(
  mostSelectors,
  fields({ cel: given('', fields({ expression: checkExpression })) }),
);

/** What a driver is told, which only it understands. */
export const checkDeviceConfiguration: Check = ({ opaque }, path, context) => {
  const at = path.child('opaque');
  if (!opaque) context.errors.push(requiredError(at));
  else fields({ driver: checkDriverName, parameters: jsonObject(maxParametersBytes) })(opaque, at, context);
};

const checks: Checks = fields({
  spec: fields({
    selectors: checkSelectors,
    config: listOf(mostConfigs, checkDeviceConfiguration),
    extendedResourceName: defined((name, path, { errors }) => {
      if (!isExtendedResource(name)) errors.push(invalid(path, name, 'must be a valid extended resource name'));
    }),
  }),
});

/** Classes of devices. */
export const deviceClassRules: ResourceRules = {
  returnsDeletedObject: true,
  ...prepare(countsGeneration('spec')),
  nameCheck: nameIsDnsSubdomain,
  validate: (deviceClass) => validateWith(checks, deviceClass),
  validateUpdate: (deviceClass, old) => validateWith(checks, deviceClass, old),
};
