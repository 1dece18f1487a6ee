import {
  type FieldError,
  forbidden,
  invalid,
  type KubeObject,
  notSupported,
  parseQuantity,
  Path,
  required as requiredError,
} from 'nekube/apimachinery';
import { completeBehavior } from './autoscaling/behavior.ts';
import { apiVersionProblem, checkMetricSpec, checkReference, type ReferenceOptions } from './autoscaling/metrics.ts';
import type { ResourceRules } from './resource-rules.ts';
import { type Check, defined, each, fields, type Loose, nonNegative, validateWith } from './rule.ts';
import { ignoresStatus, prepare, writesStatus } from './strategy.ts';

const SPEC = Path.of('spec');
const MAX_WINDOW_SECONDS = 3600;
const MAX_PERIOD_SECONDS = 1800;
const ROUND_TRIP_PREFIX = 'autoscaling.alpha.kubernetes.io/';
const ROUND_TRIP = [
  'metrics',
  'behavior',
  'scale-down-tolerance',
  'scale-up-tolerance',
  'current-metrics',
  'conditions',
].map((name) => ROUND_TRIP_PREFIX + name);

function defaultMinReplicas(autoscaler: Loose): void {
  const spec = (autoscaler.spec ??= {});
  spec.minReplicas ??= 1;
}

function defaultAutoscaler(autoscaler: Loose): void {
  defaultMinReplicas(autoscaler);
  const { spec } = autoscaler;
  if (!spec.metrics?.length) {
    const target = { type: 'Utilization', averageUtilization: 80 };
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  }
  if (spec.behavior) spec.behavior = completeBehavior(spec.behavior);
}

/** The autoscaler without the annotations in which autoscaling/v1 carries what it has no fields for. */
function dropRoundTripAnnotations({ metadata }: KubeObject): void {
  const { annotations } = metadata;
  if (!annotations || !ROUND_TRIP.some((name) => name in annotations)) return;
  metadata.annotations = Object.fromEntries(Object.entries(annotations).filter(([name]) => !ROUND_TRIP.includes(name)));
}

/** What of the stored autoscaler is tolerated. */
interface SpecOptions {
  readonly minReplicas: number;
  readonly target: ReferenceOptions;
  readonly metrics: ReferenceOptions;
}

function optionsFor({ spec }: Loose, old: Loose): SpecOptions {
  const target = spec.scaleTargetRef ?? {};
  const before = old?.spec?.scaleTargetRef;
  const same = before && before.apiVersion === target.apiVersion && before.kind === target.kind;
  const strict = { allowEmptyGroup: true };
  const badMetric = (old?.spec?.metrics ?? []).some(
    ({ type, object }: Loose) =>
      type === 'Object' && object && apiVersionProblem(object.describedObject?.apiVersion ?? '', strict) !== undefined,
  );
  return {
    minReplicas: old?.spec?.minReplicas === 0 ? 0 : 1,
    target: same ? { allowInvalidVersion: true } : { allowEmptyGroup: target.kind === 'ReplicationController' },
    metrics: { ...strict, allowInvalidVersion: badMetric },
  };
}

const checkReplicas: (lowest: number) => Check =
  (lowest) =>
  ({ minReplicas, maxReplicas = 0 }, path, { errors }) => {
    const max = path.child('maxReplicas');
    if (minReplicas < lowest) {
      const detail = `must be greater than or equal to ${lowest}`;
      errors.push(invalid(path.child('minReplicas'), minReplicas, detail));
    }
    if (maxReplicas === 0) errors.push(requiredError(max, 'must be set and greater than 0'));
    else if (maxReplicas < 0) errors.push(invalid(max, maxReplicas, 'must be greater than or equal to 1'));
    if (maxReplicas < minReplicas)
      errors.push(invalid(max, maxReplicas, 'must be greater than or equal to `minReplicas`'));
  };

const checkScalingPolicy: Check = ({ type, value = 0, periodSeconds = 0 }, path, { errors }) => {
  const period = path.child('periodSeconds');
  if (type !== 'Pods' && type !== 'Percent')
    errors.push(notSupported(path.child('type'), type ?? '', ['Percent', 'Pods']));
  if (value <= 0) errors.push(invalid(path.child('value'), value, 'must be greater than zero'));
  if (periodSeconds <= 0) errors.push(invalid(period, periodSeconds, 'must be greater than zero'));
  if (periodSeconds > MAX_PERIOD_SECONDS)
    errors.push(invalid(period, periodSeconds, `must be less than or equal to ${MAX_PERIOD_SECONDS}`));
};

const checkScalingRules: Check = (rules, path, context) => {
  const { stabilizationWindowSeconds: seconds, selectPolicy, policies, tolerance } = rules;
  const { errors } = context;
  const window = path.child('stabilizationWindowSeconds');
  if (seconds < 0) errors.push(invalid(window, seconds, 'must be greater than or equal to zero'));
  if (seconds > MAX_WINDOW_SECONDS)
    errors.push(invalid(window, seconds, `must be less than or equal to ${MAX_WINDOW_SECONDS}`));
  const supported = ['Disabled', 'Max', 'Min'];
  if (selectPolicy !== undefined && !supported.includes(selectPolicy))
    errors.push(notSupported(path.child('selectPolicy'), selectPolicy, supported));
  if (!policies?.length) errors.push(requiredError(path.child('policies'), 'must specify at least one Policy'));
  each(checkScalingPolicy)(policies, path.child('policies'), context);
  if (tolerance !== undefined && parseQuantity(tolerance).sign() < 0)
    errors.push(invalid(path.child('tolerance'), tolerance, 'must be greater than or equal to 0'));
};

const checkBehavior = fields({ scaleUp: defined(checkScalingRules), scaleDown: defined(checkScalingRules) });

function checkSpec({ minReplicas, target, metrics }: SpecOptions): Check {
  return ({ spec }, _, context) => {
    checkReplicas(minReplicas)(spec, SPEC, context);
    checkReference(target)(spec.scaleTargetRef ?? {}, SPEC.child('scaleTargetRef'), context);
    each(checkMetricSpec(metrics))(spec.metrics, SPEC.child('metrics'), context);
    const scalesToZero = (spec.metrics ?? []).some(({ type }: Loose) => type === 'Object' || type === 'External');
    if (spec.minReplicas === 0 && !scalesToZero) {
      const detail = 'must specify at least one Object or External metric to support scaling to zero replicas';
      context.errors.push(forbidden(SPEC.child('metrics'), detail));
    }
    checkBehavior(spec.behavior, SPEC.child('behavior'), context);
  };
}

const checkStatus = fields({ status: fields({ currentReplicas: nonNegative, desiredReplicas: nonNegative }) });

function validate(autoscaler: KubeObject, old?: KubeObject): FieldError[] {
  return validateWith(checkSpec(optionsFor(autoscaler, old)), autoscaler, old);
}

/** The rules of autoscaling. */
export const autoscalingRules: Readonly<Record<string, ResourceRules>> = {
  horizontalpodautoscalers: {
    defaults: { v1: defaultMinReplicas, v2: defaultAutoscaler },
    ...prepare(ignoresStatus, {
      prepareForCreate: dropRoundTripAnnotations,
      prepareForUpdate: dropRoundTripAnnotations,
    }),
    validate,
    validateUpdate: validate,
    subresources: {
      status: { ...writesStatus, validateUpdate: (autoscaler, old) => validateWith(checkStatus, autoscaler, old) },
    },
  },
};
