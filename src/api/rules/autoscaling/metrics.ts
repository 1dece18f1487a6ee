import {
  forbidden,
  invalid,
  isDns1123Label,
  notSupported,
  parseQuantity,
  required as requiredError,
  validatePathSegmentName,
} from 'nekube/apimachinery';
import { checkContainerResourceName } from '../core/resources.ts';
import { type Check, fields, type Loose, matches, requiredAnd } from '../rule.ts';

/** How strictly a reference's apiVersion is looked at. */
export interface ReferenceOptions {
  readonly allowEmptyGroup?: boolean;
  readonly allowInvalidVersion?: boolean;
}

const checkSegment = (detail: string) =>
  requiredAnd(
    detail,
    matches((name) => validatePathSegmentName(name)),
  );
const checkNames = fields({ kind: checkSegment(''), name: checkSegment('') });

/** A reference to an object by kind, name and apiVersion. */
export function checkReference(options: ReferenceOptions): Check {
  return (reference, path, context) => {
    checkNames(reference, path, context);
    const problem = apiVersionProblem(reference.apiVersion ?? '', options);
    if (problem !== undefined)
      context.errors.push(invalid(path.child('apiVersion'), reference.apiVersion ?? '', problem));
  };
}

/** What is wrong with an apiVersion that must name a group. */
export function apiVersionProblem(apiVersion: string, options: ReferenceOptions): string | undefined {
  if (options.allowInvalidVersion) return undefined;
  const parts = apiVersion === '/' ? [''] : apiVersion.split('/');
  if (parts.length > 2) return `unexpected GroupVersion string: ${apiVersion}`;
  const group = parts.length === 2 ? parts[0] : '';
  return group === '' && !options.allowEmptyGroup ? 'apiVersion must specify API group' : undefined;
}

const positiveAmount: Check = (amount, path, { errors }) => {
  if (amount !== undefined && parseQuantity(amount).sign() <= 0) errors.push(invalid(path, amount, 'must be positive'));
};

const checkTargetType: Check = (type, path, { errors }) => {
  if (!type) errors.push(requiredError(path, 'must specify a metric target type'));
  if (!['Utilization', 'Value', 'AverageValue'].includes(type))
    errors.push(invalid(path, type ?? '', 'must be either Utilization, Value, or AverageValue'));
};

const checkTarget = fields({
  type: checkTargetType,
  value: positiveAmount,
  averageValue: positiveAmount,
  averageUtilization: (value, path, { errors }) => {
    if (value < 1) errors.push(invalid(path, value, 'must be greater than 0'));
  },
});

const checkMetric = fields({ name: checkSegment('must specify a metric name') });

/** Runs checks on parts of a metric's source, missing ones as empty. */
function parts(checks: Readonly<Record<string, Check>>, rest: Check = () => {}): Check {
  return (source, path, context) => {
    for (const [name, check] of Object.entries(checks)) check(source[name] ?? {}, path.child(name), context);
    rest(source.target ?? {}, path.child('target'), context);
  };
}

/** One of two amounts of a target must be there; with `exclusive`, not both. */
function oneAmount(
  first: string,
  second: string,
  at: string,
  missing: string,
  exclusive?: readonly [string, string],
): Check {
  return (target, path, { errors }) => {
    const [one, other] = [target[first] !== undefined, target[second] !== undefined];
    if (!one && !other) errors.push(requiredError(path.child(at), missing));
    if (exclusive && one && other) errors.push(forbidden(path.child(exclusive[0]), exclusive[1]));
  };
}

const rawOrUtilization = oneAmount(
  'averageUtilization',
  'averageValue',
  'averageUtilization',
  'must set either a target raw value or a target utilization',
  ['averageValue', 'may not set both a target raw value and a target utilization'],
);

const checkResourceSource: Check = ({ name, target = {} }, path, context) => {
  if (!name) context.errors.push(requiredError(path.child('name'), 'must specify a resource name'));
  checkTarget(target, path.child('target'), context);
  rawOrUtilization(target, path.child('target'), context);
};

const checkContainerName = requiredAnd('must specify a container', matches(isDns1123Label));

const checkContainerSource: Check = ({ name, container, target = {} }, path, context) => {
  if (!name) context.errors.push(requiredError(path.child('name'), 'must specify a resource name'));
  else checkContainerResourceName(name, path.child('name'), context);
  checkContainerName(container, path.child('container'), context);
  checkTarget(target, path.child('target'), context);
  rawOrUtilization(target, path.child('target'), context);
};

/** The sources in the order in which they are looked at; only the first that is set is. */
function sourceChecks(options: ReferenceOptions): readonly (readonly [field: string, type: string, check: Check])[] {
  return [
    [
      'object',
      'Object',
      parts(
        { describedObject: checkReference(options), metric: checkMetric, target: checkTarget },
        oneAmount('value', 'averageValue', 'averageValue', 'must set either a target value or averageValue'),
      ),
    ],
    [
      'external',
      'External',
      parts(
        { metric: checkMetric, target: checkTarget },
        oneAmount(
          'value',
          'averageValue',
          'averageValue',
          'must set either a target value for metric or a per-pod target',
          ['value', 'may not set both a target value for metric and a per-pod target'],
        ),
      ),
    ],
    [
      'pods',
      'Pods',
      parts({ metric: checkMetric, target: checkTarget }, (target, path, { errors }) => {
        if (target.averageValue !== undefined) return;
        errors.push(requiredError(path.child('averageValue'), 'must specify a positive target averageValue'));
      }),
    ],
    ['resource', 'Resource', checkResourceSource],
    ['containerResource', 'ContainerResource', checkContainerSource],
  ];
}

const TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];

/** One metric: of a known type, with the source of that type and no other. */
export function checkMetricSpec(options: ReferenceOptions): Check {
  const sources = sourceChecks(options);
  return (metric: Loose, path, context) => {
    const { type = '' } = metric;
    const { errors } = context;
    const at = path.child('type');
    if (type === '') errors.push(requiredError(at, 'must specify a metric source type'));
    if (!TYPES.includes(type)) errors.push(notSupported(at, type, TYPES));
    const set = sources.filter(([field]) => metric[field] !== undefined);
    if (set[0]) set[0][2](metric[set[0][0]], path.child(set[0][0]), context);
    const expected = sources.find(([, name]) => name === type)?.[0];
    if (expected === undefined) errors.push(notSupported(at, type, TYPES));
    else if (metric[expected] === undefined)
      errors.push(requiredError(path.child(expected), 'must populate information for the given metric source'));
    if (set.length === 1) return;
    for (const [field] of set) {
      if (field !== expected) errors.push(forbidden(path.child(field), 'must populate the given metric source only'));
    }
  };
}
