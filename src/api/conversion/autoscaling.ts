import { isParseError, type JsonValue, type KubeObject, parseJson, stringifyJson } from 'nekube/apimachinery';
import { completeDirections } from '../rules/autoscaling/behavior.ts';
import { type Loose, metricFromV1, metricToV1, statusFromV1, statusToV1, struct } from './autoscaling-metrics.ts';

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
