import {
  isParseError,
  type JsonValue,
  type KubeObject,
  parseJson,
  parseQuantity,
  stringifyJson,
} from 'nekube/apimachinery';
import { completeDirections } from '../rules/autoscaling/behavior.ts';

// biome-ignore lint: the objects have been decoded by their types
type Loose = any;

const PREFIX = 'autoscaling.alpha.kubernetes.io/';
const METRICS = `${PREFIX}metrics`;
const CURRENT_METRICS = `${PREFIX}current-metrics`;
const CONDITIONS = `${PREFIX}conditions`;
const BEHAVIOR = `${PREFIX}behavior`;
const ROUND_TRIP = [
  METRICS,
  CURRENT_METRICS,
  CONDITIONS,
  BEHAVIOR,
  `${PREFIX}scale-down-tolerance`,
  `${PREFIX}scale-up-tolerance`,
];

/**
 * A HorizontalPodAutoscaler of autoscaling/v1 in the form of v2: one metric of its CPU target, and what v1 has no
 * fields for from the annotations that {@link autoscalerToV1} makes. Malformed annotations are ignored.
 */
export function autoscalerFromV1(autoscaler: KubeObject): KubeObject {
  const { metadata, spec = {}, status = {} } = autoscaler as Loose;
  const { annotations = {} } = metadata;
  const { targetCPUUtilizationPercentage: target, ...rest } = spec;
  const { currentCPUUtilizationPercentage: current, ...statusRest } = status;
  const own = target === undefined ? [] : [cpuMetric(target)];
  const others = readAnnotation(annotations[METRICS])?.map(metricFromV1) ?? [];
  const metrics = [...others, ...own];
  const behavior = readBehavior(annotations[BEHAVIOR]);
  const ownStatus = current === undefined ? undefined : [cpuStatus(current)];
  const currentMetrics = readAnnotation(annotations[CURRENT_METRICS])?.map(statusFromV1) ?? ownStatus;
  const conditions = readAnnotation(annotations[CONDITIONS]);
  return {
    ...autoscaler,
    metadata: withAnnotations(metadata, {}),
    spec: { ...rest, metrics: metrics.length > 0 ? metrics : [cpuMetric(80)], ...(behavior && { behavior }) },
    status: { ...statusRest, ...(currentMetrics && { currentMetrics }), ...(conditions && { conditions }) },
  };
}

/** A HorizontalPodAutoscaler of autoscaling/v2 in the form of v1, with annotations for what that has no fields for. */
export function autoscalerToV1(autoscaler: KubeObject): KubeObject {
  const { metadata, spec = {}, status = {} } = autoscaler as Loose;
  const { metrics = [], behavior, ...rest } = spec;
  const { currentMetrics, conditions, ...statusRest } = status;
  const others = (metrics ?? []).filter((metric: Loose) => !isCpuUtilization(metric));
  const target = (metrics ?? []).find(isCpuUtilization)?.resource.target.averageUtilization;
  const current = cpuUtilization(currentMetrics ?? []);
  return {
    ...autoscaler,
    metadata: withAnnotations(metadata, {
      [METRICS]: annotation(others.map(metricToV1)),
      [CURRENT_METRICS]: annotation((currentMetrics ?? []).map(statusToV1)),
      [BEHAVIOR]: behavior && stringifyJson(goBehavior(behavior)),
      [CONDITIONS]: annotation((conditions ?? []).map(conditionOf)),
    }),
    spec: { ...rest, ...(target !== undefined && { targetCPUUtilizationPercentage: target }) },
    status: { ...statusRest, ...(current !== undefined && { currentCPUUtilizationPercentage: current }) },
  };
}

function cpuMetric(averageUtilization: number): Loose {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } };
}

function cpuStatus(averageUtilization: number): Loose {
  return { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization } } };
}

function isCpuUtilization({ type, resource }: Loose): boolean {
  return type === 'Resource' && resource?.name === 'cpu' && resource.target?.averageUtilization !== undefined;
}

/** The last that is told. */
function cpuUtilization(metrics: Loose[]): number | undefined {
  return metrics
    .filter(({ type, resource }) => type === 'Resource' && resource?.name === 'cpu')
    .map(({ resource }) => resource.current?.averageUtilization)
    .filter((utilization) => utilization !== undefined)
    .at(-1);
}

/** Metadata with these annotations in place of the earlier ones; undefined ones are left out. */
function withAnnotations(metadata: Loose, added: Readonly<Record<string, string | undefined>>): Loose {
  const before = Object.entries<string>(metadata.annotations ?? {}).filter(([name]) => !ROUND_TRIP.includes(name));
  const after = Object.entries(added).filter(([, value]) => value !== undefined);
  const { annotations: _, ...rest } = metadata;
  const all = [...before, ...after].sort(([a], [b]) => (a < b ? -1 : 1));
  return all.length > 0 ? { ...rest, annotations: Object.fromEntries(all) } : rest;
}

function annotation(list: JsonValue[]): string | undefined {
  return list.length > 0 ? stringifyJson(list) : undefined;
}

function readAnnotation(text: string | undefined): Loose[] | undefined {
  const value = readJson(text);
  return Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null) ? value : undefined;
}

function readJson(text: string | undefined): Loose {
  if (text === undefined) return undefined;
  try {
    return parseJson(text);
  } catch (e) {
    if (isParseError(e)) return undefined;
    throw e;
  }
}

/** The struct without members that are undefined. */
function struct(members: Readonly<Record<string, Loose>>): Loose {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** A target of one type or the other, as the amounts tell. */
function targetOf(type: string, amounts: Readonly<Record<string, Loose>>): Loose {
  return struct({ type, ...amounts });
}

function isZero(amount: string | undefined): boolean {
  return amount === undefined || parseQuantity(amount).sign() === 0;
}

function metricFromV1({ type, object, pods, resource, containerResource, external }: Loose): Loose {
  return struct({
    type: type ?? '',
    object: object && objectFromV1(object),
    pods: pods && {
      metric: struct({ name: pods.metricName ?? '', selector: pods.selector }),
      target: targetOf('AverageValue', { averageValue: pods.targetAverageValue ?? '0' }),
    },
    resource: resource && resourceFromV1(resource),
    containerResource: containerResource && {
      ...resourceFromV1(containerResource),
      container: containerResource.container ?? '',
    },
    external: external && {
      metric: struct({ name: external.metricName ?? '', selector: external.metricSelector }),
      target: targetOf(external.targetValue === undefined ? 'AverageValue' : 'Value', {
        value: external.targetValue,
        averageValue: external.targetAverageValue,
      }),
    },
  });
}

/** v1 cannot leave out the value; a zero next to an average means none. */
function objectFromV1({ target, metricName, targetValue = '0', selector, averageValue }: Loose): Loose {
  const value = averageValue !== undefined && isZero(targetValue) ? undefined : targetValue;
  return {
    describedObject: target ?? {},
    target: targetOf(averageValue === undefined ? 'Value' : 'AverageValue', { value, averageValue }),
    metric: struct({ name: metricName ?? '', selector }),
  };
}

function resourceFromV1({ name, targetAverageUtilization, targetAverageValue }: Loose): Loose {
  const type = targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization';
  const amounts = { averageValue: targetAverageValue, averageUtilization: targetAverageUtilization };
  return { name: name ?? '', target: targetOf(type, amounts) };
}

function metricToV1({ type, object, pods, resource, containerResource, external }: Loose): Loose {
  return struct({
    type: type ?? '',
    object:
      object &&
      struct({
        target: referenceOf(object.describedObject),
        metricName: object.metric?.name ?? '',
        targetValue: object.target?.value ?? '0',
        selector: object.metric?.selector,
        averageValue: object.target?.averageValue,
      }),
    pods:
      pods &&
      struct({
        metricName: pods.metric?.name ?? '',
        targetAverageValue: pods.target?.averageValue ?? '0',
        selector: pods.metric?.selector,
      }),
    resource: resource && resourceToV1(resource),
    containerResource: containerResource && {
      ...resourceToV1(containerResource),
      container: containerResource.container ?? '',
    },
    external:
      external &&
      struct({
        metricName: external.metric?.name ?? '',
        metricSelector: external.metric?.selector,
        targetValue: external.target?.value,
        targetAverageValue: external.target?.averageValue,
      }),
  });
}

function referenceOf({ kind, name, apiVersion }: Loose = {}): Loose {
  return struct({ kind: kind ?? '', name: name ?? '', apiVersion });
}

function resourceToV1({ name, target = {} }: Loose): Loose {
  const { averageUtilization, averageValue } = target;
  return struct({ name: name ?? '', targetAverageUtilization: averageUtilization, targetAverageValue: averageValue });
}

function statusFromV1({ type, object, pods, resource, containerResource, external }: Loose): Loose {
  return struct({
    type: type ?? '',
    object: object && {
      metric: struct({ name: object.metricName ?? '', selector: object.selector }),
      current: struct({ value: object.currentValue ?? '0', averageValue: object.averageValue }),
      describedObject: object.target ?? {},
    },
    pods: pods && {
      metric: struct({ name: pods.metricName ?? '', selector: pods.selector }),
      current: { averageValue: pods.currentAverageValue ?? '0' },
    },
    resource: resource && resourceStatusFromV1(resource),
    containerResource: containerResource && {
      ...resourceStatusFromV1(containerResource),
      container: containerResource.container ?? '',
    },
    external: external && {
      metric: struct({ name: external.metricName ?? '', selector: external.metricSelector }),
      current: struct({ value: external.currentValue ?? '0', averageValue: external.currentAverageValue }),
    },
  });
}

function resourceStatusFromV1({ name, currentAverageUtilization, currentAverageValue = '0' }: Loose): Loose {
  const current = struct({ averageValue: currentAverageValue, averageUtilization: currentAverageUtilization });
  return { name: name ?? '', current };
}

function statusToV1({ type, object, pods, resource, containerResource, external }: Loose): Loose {
  return struct({
    type: type ?? '',
    object:
      object &&
      struct({
        target: referenceOf(object.describedObject),
        metricName: object.metric?.name ?? '',
        currentValue: object.current?.value ?? '0',
        selector: object.metric?.selector,
        averageValue: object.current?.averageValue,
      }),
    pods:
      pods &&
      struct({
        metricName: pods.metric?.name ?? '',
        currentAverageValue: pods.current?.averageValue ?? '0',
        selector: pods.metric?.selector,
      }),
    resource: resource && resourceStatusToV1(resource),
    containerResource: containerResource && {
      ...resourceStatusToV1(containerResource),
      container: containerResource.container ?? '',
    },
    external:
      external &&
      struct({
        metricName: external.metric?.name ?? '',
        metricSelector: external.metric?.selector,
        currentValue: external.current?.value ?? '0',
        currentAverageValue: external.current?.averageValue,
      }),
  });
}

function resourceStatusToV1({ name, current = {} }: Loose): Loose {
  const { averageUtilization, averageValue = '0' } = current;
  return struct({ name: name ?? '', currentAverageUtilization: averageUtilization, currentAverageValue: averageValue });
}

function conditionOf({ type, status, lastTransitionTime, reason, message }: Loose): Loose {
  return struct({
    type: type ?? '',
    status: status ?? '',
    lastTransitionTime: lastTransitionTime ?? null,
    reason: reason || undefined,
    message: message || undefined,
  });
}

/** The behavior with the field names of the internal Go struct, which is what the annotation holds. */
function goBehavior({ scaleUp, scaleDown }: Loose): Loose {
  return { ScaleUp: goRules(scaleUp), ScaleDown: goRules(scaleDown) };
}

function goRules(rules: Loose): Loose {
  if (!rules) return null;
  const { stabilizationWindowSeconds, selectPolicy, policies, tolerance } = rules;
  return {
    StabilizationWindowSeconds: stabilizationWindowSeconds ?? null,
    SelectPolicy: selectPolicy ?? null,
    Policies:
      policies?.map(({ type = '', value = 0, periodSeconds = 0 }: Loose) => ({
        Type: type,
        Value: value,
        PeriodSeconds: periodSeconds,
      })) ?? null,
    Tolerance: tolerance ?? null,
  };
}

/** Names in the annotation are read without regard to case, as encoding/json does. */
function lowered(value: Loose): Loose {
  if (Array.isArray(value)) return value.map(lowered);
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  return struct(Object.fromEntries(Object.entries(value).map(([name, v]) => [name.toLowerCase(), lowered(v)])));
}

function readBehavior(text: string | undefined): Loose {
  const value = lowered(readJson(text));
  if (typeof value !== 'object' || value === null) return undefined;
  const { scaleup, scaledown } = value;
  if (!scaleup && !scaledown) return undefined;
  return completeDirections(
    struct({ scaleUp: scaleup && rulesOf(scaleup), scaleDown: scaledown && rulesOf(scaledown) }),
  );
}

function rulesOf({ stabilizationwindowseconds, selectpolicy, policies, tolerance }: Loose): Loose {
  return struct({
    stabilizationWindowSeconds: stabilizationwindowseconds,
    selectPolicy: selectpolicy,
    policies: policies?.map(({ type = '', value = 0, periodseconds = 0 }: Loose) => ({
      type,
      value,
      periodSeconds: periodseconds,
    })),
    tolerance,
  });
}
