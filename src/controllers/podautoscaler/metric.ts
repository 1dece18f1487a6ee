import { type LabelSelector, Quantity } from 'nekube/apimachinery';
import { messageOf } from '../pods/pod-control.ts';
import type { MetricSpec, MetricTarget } from './autoscaler.ts';
import type { MetricsClient } from './metrics-client.ts';
import { groupPods, type MeasuredPod, milli, type PodMetric, readyCount, requestsOf } from './pod-groups.ts';
import {
  measuredPods,
  type PodUsage,
  replicasForParts,
  replicasForRatio,
  replicasForUsage,
  replicasForUtilization,
  type Tolerances,
} from './replicas.ts';
import { selectorInGo } from '../workload/go-selector.ts';

/** What a metric is looked at with. */
export interface MetricContext {
  readonly metrics: MetricsClient;
  readonly namespace: string;
  readonly selector: LabelSelector;
  /** Those that the target selects. */
  readonly pods: readonly MeasuredPod[];
  readonly specReplicas: number;
  readonly statusReplicas: number;
  readonly tolerances: Tolerances;
  readonly now: number;
}

/** What a metric asks for. */
export interface MetricResult {
  readonly replicas: number;
  /** In words. */
  readonly name: string;
  /** As the autoscaler's status has it. */
  readonly status: object;
}

/** A metric that cannot be looked at: `reason` and `told` are for the condition and the event, the message is of the whole. */
export class MetricError extends Error {
  readonly reason: string;
  readonly told: string;

  constructor(reason: string, told: string, message: string) {
    super(message);
    this.name = 'MetricError';
    this.reason = reason;
    this.told = told;
  }
}

/** Says how many replicas one metric asks for. @throws MetricError */
export async function lookAt(spec: MetricSpec, context: MetricContext): Promise<MetricResult> {
  const { resource, containerResource, pods, object, external } = spec;
  if (spec.type === 'Resource' && resource)
    return failing('FailedGetResourceMetric', `${resource.name} resource metric value`, () =>
      ofResource(resource, context),
    );
  if (spec.type === 'ContainerResource' && containerResource)
    return failing('FailedGetContainerResourceMetric', `${containerResource.container} container metric value`, () =>
      ofResource(containerResource, context),
    );
  if (spec.type === 'Pods' && pods)
    return failing('FailedGetPodsMetric', 'pods metric value', () => ofPods(pods, context));
  if (spec.type === 'Object' && object)
    return failing('FailedGetObjectMetric', 'object metric value', () => ofObject(object, context));
  if (spec.type === 'External' && external)
    return failing('FailedGetExternalMetric', `${external.metric.name} external metric value`, () =>
      ofExternal(external, context),
    );
  const text = `unknown metric source type ${JSON.stringify(spec.type)}`;
  throw new MetricError('InvalidMetricSourceType', text, text);
}

/** What is told of a failure is sometimes less than its message. */
class Told extends Error {
  readonly told: string;

  constructor(told: string, message: string) {
    super(message);
    this.told = told;
  }
}

async function failing(reason: string, what: string, look: () => Promise<MetricResult>): Promise<MetricResult> {
  try {
    return await look();
  } catch (error) {
    const text = messageOf(error);
    throw new MetricError(reason, error instanceof Told ? error.told : text, `failed to get ${what}: ${text}`);
  }
}

/** Adds words before what goes wrong. */
async function said<T>(words: string, call: () => Promise<T> | T): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new Error(`${words}: ${messageOf(error)}`, { cause: error });
  }
}

async function ofResource(
  { name, container, target }: { readonly name: string; readonly container?: string; readonly target: MetricTarget },
  context: MetricContext,
): Promise<MetricResult> {
  const read = (): Promise<ReadonlyMap<string, PodMetric>> => context.metrics.resource(name, context, container);
  const quantity = (usage: number): string => milliText(usage, name === 'memory' ? 'BinarySI' : 'DecimalSI');
  const statusOf = (current: object): object =>
    container === undefined
      ? { type: 'Resource', resource: { name, current } }
      : { type: 'ContainerResource', containerResource: { name, container, current } };
  const { averageValue, averageUtilization } = target;
  if (averageValue !== undefined) {
    const { replicas, usage } = await said(`failed to get ${name} usage`, async () => {
      const metrics = await said(`unable to get metrics for resource ${name}`, read);
      return replicasForUsage(usageIn(context, metrics, name), milli(averageValue));
    });
    return { replicas, name: `${name} resource`, status: statusOf({ averageValue: quantity(usage) }) };
  }
  if (averageUtilization === undefined) {
    throw new Error(
      'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set',
    );
  }
  const { replicas, usage, utilization } = await said(`failed to get ${name} utilization`, async () => {
    const metrics = await said(`unable to get metrics for resource ${name}`, read);
    const found = usageIn(context, metrics, name);
    // that nothing is measured is told before that nothing is requested
    measuredPods(found);
    const requests = requestsOf(context.pods, name, container);
    return replicasForUtilization(found, { target: averageUtilization, requests });
  });
  const shown = container === undefined ? `${name} resource` : `${name} container resource`;
  const current = { averageUtilization: utilization, averageValue: quantity(usage) };
  return { replicas, name: `${shown} utilization (percentage of request)`, status: statusOf(current) };
}

async function ofPods(
  { metric, target }: NonNullable<MetricSpec['pods']>,
  context: MetricContext,
): Promise<MetricResult> {
  const metrics = await said(`unable to get metric ${metric.name}`, () => context.metrics.pods(metric, context));
  const { replicas, usage } = replicasForUsage(usageIn(context, metrics, ''), milli(target.averageValue!));
  const current = { averageValue: milliText(usage) };
  return { replicas, name: `pods metric ${metric.name}`, status: { type: 'Pods', pods: { metric, current } } };
}

async function ofObject(
  { describedObject, metric, target }: NonNullable<MetricSpec['object']>,
  context: MetricContext,
): Promise<MetricResult> {
  const { namespace, specReplicas, statusReplicas, tolerances, pods } = context;
  const read = async (): Promise<number> => {
    try {
      return await context.metrics.object(metric, describedObject, namespace);
    } catch (error) {
      // the words are in the order of kube-controller-manager, odd as it is
      const on = `${describedObject.kind} on ${namespace} ${describedObject.name}/${messageOf(error)}`;
      throw new Error(`unable to get metric ${metric.name}: ${on}`, { cause: error });
    }
  };
  const statusOf = (current: object): object => ({ type: 'Object', object: { metric, current, describedObject } });
  if (target.type === 'Value' && target.value !== undefined) {
    const value = await read();
    const replicas = replicasForRatio(value / milli(target.value), specReplicas, () => countReady(pods), tolerances);
    const name = `${describedObject.kind} metric ${metric.name}`;
    return { replicas, name, status: statusOf({ value: milliText(value) }) };
  }
  if (target.type === 'AverageValue' && target.averageValue !== undefined) {
    const value = await shortTold(`failed to get ${metric.name} object metric`, read);
    const { replicas, usage } = replicasForParts(value, milli(target.averageValue), statusReplicas, tolerances);
    const name = `external metric ${metric.name}(${selectorInGo(metric.selector)})`;
    return { replicas, name, status: statusOf({ averageValue: milliText(usage) }) };
  }
  throw new Error('invalid object metric source: neither a value target nor an average value target was set');
}

async function ofExternal(
  { metric, target }: NonNullable<MetricSpec['external']>,
  context: MetricContext,
): Promise<MetricResult> {
  const { namespace, specReplicas, statusReplicas, tolerances, pods } = context;
  const shown = selectorInGo(metric.selector);
  const read = async (): Promise<number> => {
    const what = `unable to get external metric ${namespace}/${metric.name}/${shown}`;
    const values = await said(what, () => context.metrics.external(metric, namespace));
    return values.reduce((sum, value) => sum + value, 0);
  };
  const name = `external metric ${metric.name}(${shown})`;
  const statusOf = (current: object): object => ({ type: 'External', external: { metric, current } });
  if (target.averageValue !== undefined) {
    const value = await shortTold(`failed to get ${metric.name} external metric`, read);
    const { replicas, usage } = replicasForParts(value, milli(target.averageValue), statusReplicas, tolerances);
    return { replicas, name, status: statusOf({ averageValue: milliText(usage) }) };
  }
  if (target.value !== undefined) {
    const wanted = milli(target.value);
    const value = await shortTold(`failed to get external metric ${metric.name}`, read);
    const ready = (): number => countReady(pods);
    const replicas = replicasForRatio(value / wanted, specReplicas, ready, tolerances);
    return { replicas, name, status: statusOf({ value: milliText(value) }) };
  }
  throw new Error('invalid external metric source: neither a value target nor an average value target was set');
}

/** What goes wrong is told without the words that its message has before it. */
async function shortTold<T>(words: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new Told(messageOf(error), `${words}: ${messageOf(error)}`);
  }
}

function countReady(pods: readonly MeasuredPod[]): number {
  try {
    return readyCount(pods);
  } catch (error) {
    throw new Error(`unable to calculate ready pods: ${messageOf(error)}`, { cause: error });
  }
}

function usageIn(
  { pods, specReplicas, tolerances, now }: MetricContext,
  metrics: ReadonlyMap<string, PodMetric>,
  resource: string,
): PodUsage {
  if (pods.length === 0) throw new Error('no pods returned by selector while calculating replica count');
  return { current: specReplicas, groups: groupPods(pods, metrics, { resource, now }), metrics, tolerances };
}

function milliText(value: number, format: 'DecimalSI' | 'BinarySI' = 'DecimalSI'): string {
  return new Quantity(BigInt(Math.trunc(value)), -3, format).toString();
}
