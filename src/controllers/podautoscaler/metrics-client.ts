import {
  isStatusError,
  type JsonObject,
  type JsonValue,
  type LabelSelector,
  labelSelectorFromObject,
  type LabelSelectorObject,
  parseApiVersion,
} from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { CrossReference, MetricIdentifier } from './autoscaler.ts';
import { milli, type PodMetric } from './pod-groups.ts';

/** How a custom metric is measured that does not say. */
const DEFAULT_WINDOW_MS = 60_000;

/** Where pods are measured. */
export interface PodSelection {
  readonly namespace: string;
  readonly selector: LabelSelector;
}

/** Reads metrics from the APIs that are aggregated for them: `metrics.k8s.io`, `custom.metrics.k8s.io`, `external.metrics.k8s.io`. */
export class MetricsClient {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** What pods use of a resource, all their containers or one. @throws Error for what the API does not answer */
  async resource(
    name: string,
    { namespace, selector }: PodSelection,
    container: string | undefined,
  ): Promise<ReadonlyMap<string, PodMetric>> {
    const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`;
    const answer = await this.#get(path, { labelSelector: selector.toString() }, 'resource', 'pods.metrics.k8s.io');
    const items = itemsOf(answer, 'resource');
    return new Map(
      items.flatMap((item) => {
        const value = usageOf(item, name, container);
        if (value === undefined) return [];
        return [[nameOf(item.metadata), { value, timestamp: timeIn(item), windowMs: durationMs(item.window) }]];
      }),
    );
  }

  /** A metric of each pod. @throws Error for what the API does not answer */
  async pods(metric: MetricIdentifier, { namespace, selector }: PodSelection): Promise<ReadonlyMap<string, PodMetric>> {
    const path = `${await this.#customRoot()}/namespaces/${namespace}/pods/*/${encodeURIComponent(metric.name)}`;
    const query = { labelSelector: selector.toString(), metricLabelSelector: selectorText(metric.selector) };
    const answer = await this.#get(path, query, 'custom', `pods.custom.metrics.k8s.io`, '*');
    return new Map(itemsOf(answer, 'custom').map((item) => [nameOf(item.describedObject), customMetric(item)]));
  }

  /** A metric of an object, in thousandths. @throws Error for what the API does not answer */
  async object(metric: MetricIdentifier, object: CrossReference, namespace: string): Promise<number> {
    const root = await this.#customRoot();
    const name = encodeURIComponent(metric.name);
    const query = { metricLabelSelector: selectorText(metric.selector) };
    const group = parseApiVersion(object.apiVersion ?? 'v1')?.group ?? '';
    if (object.kind === 'Namespace' && group === '') {
      const path = `${root}/namespaces/${namespace}/metrics/${name}`;
      return this.#one(path, query, { resource: 'metrics.custom.metrics.k8s.io', name: metric.name });
    }
    const served = await this.#client.served({ apiVersion: object.apiVersion ?? 'v1', kind: object.kind });
    const resource = group === '' ? served.resource : `${served.resource}.${group}`;
    const path = `${root}/namespaces/${namespace}/${resource}/${object.name}/${name}`;
    return this.#one(path, query, { resource: `${resource}.custom.metrics.k8s.io`, name: object.name });
  }

  /** All values of a metric of something outside the cluster, in thousandths. @throws Error for what the API does not answer */
  async external(metric: MetricIdentifier, namespace: string): Promise<readonly number[]> {
    const path = `/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}/${encodeURIComponent(metric.name)}`;
    const query = { labelSelector: selectorText(metric.selector) };
    const answer = await this.#get(path, query, 'external', `${metric.name}.external.metrics.k8s.io`);
    return itemsOf(answer, 'external').map((item) => milli(String(item.value)));
  }

  /** The newest version that is served. */
  async #customRoot(): Promise<string> {
    const path = '/apis/custom.metrics.k8s.io';
    const group = await this.#get(path, {}, 'custom', '').catch(() => undefined);
    const versions = arrayIn(group?.versions).map(({ version }) => String(version));
    const version = ['v1beta2', 'v1beta1'].find((one) => versions.includes(one));
    if (version === undefined)
      throw new Error(
        'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
      );
    return `${path}/${version}`;
  }

  async #one(
    path: string,
    query: Readonly<Record<string, string>>,
    { resource, name }: { readonly resource: string; readonly name: string },
  ): Promise<number> {
    const answer = await this.#get(path, query, 'custom', resource, name);
    const { length, 0: first } = arrayIn(answer.items);
    if (length !== 1)
      throw new Error(
        `unable to fetch metrics from custom metrics API: the custom metrics API server returned ${length} results when we asked for exactly one`,
      );
    return milli(String(first!.value));
  }

  async #get(
    path: string,
    query: Readonly<Record<string, string>>,
    api: string,
    resource: string,
    name?: string,
  ): Promise<JsonObject> {
    const parameters = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''));
    const target = parameters.size === 0 ? path : `${path}?${parameters}`;
    try {
      return (await this.#client.raw({
        method: 'GET',
        path: target,
        headers: { accept: 'application/json' },
      })) as JsonObject;
    } catch (error) {
      const what = name === undefined ? resource : `${resource} ${name}`;
      throw new Error(`unable to fetch metrics from ${api} metrics API: ${explained(error, what)}`, { cause: error });
    }
  }
}

/** What client-go says of an answer without a reason of its own: what was asked for. */
function explained(error: unknown, what: string): string {
  const text = error instanceof Error ? error.message : String(error);
  const isBare = isStatusError(error) && text.startsWith('the server ') && !text.endsWith(')');
  return isBare ? `${text} (get ${what})` : text;
}

function itemsOf(answer: JsonObject, api: string): readonly JsonObject[] {
  const items = arrayIn(answer.items);
  if (items.length === 0) throw new Error(`no metrics returned from ${api} metrics API`);
  return items;
}

/** The sum of all containers, or one; undefined: something of it is not measured. */
function usageOf(item: JsonObject, resource: string, only: string | undefined): number | undefined {
  const containers = arrayIn(item.containers);
  const chosen = only === undefined ? containers : containers.filter(({ name }) => name === only).slice(0, 1);
  const values = chosen.map(({ usage }) => (usage as JsonObject | undefined)?.[resource]);
  if (values.length === 0 || values.includes(undefined)) return undefined;
  return values.reduce<number>((sum, value) => sum + milli(String(value)), 0);
}

function customMetric(item: JsonObject): PodMetric {
  const { windowSeconds } = item;
  const windowMs = typeof windowSeconds === 'number' ? windowSeconds * 1000 : DEFAULT_WINDOW_MS;
  return { value: milli(String(item.value)), timestamp: timeIn(item), windowMs };
}

function selectorText(selector: LabelSelectorObject | undefined): string {
  return selector === undefined ? '' : labelSelectorFromObject(selector).toString();
}

function nameOf(object: JsonValue | undefined): string {
  return String((object as JsonObject | undefined)?.name ?? '');
}

function timeIn({ timestamp }: JsonObject): number {
  return Date.parse(String(timestamp));
}

/** Of a duration as Go prints it, `1m30s`. */
function durationMs(text: JsonValue | undefined): number {
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
  const parts = String(text ?? '').matchAll(/([\d.]+)(ms|h|m|s)/g);
  return [...parts].reduce((sum, [, number, unit]) => sum + Number(number) * units[unit!]!, 0);
}

function arrayIn(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonObject[]) : [];
}
