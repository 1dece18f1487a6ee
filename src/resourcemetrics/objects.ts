import { formatDuration, formatTime, type JsonObject, Quantity } from 'nekube/apimachinery';
import type { MeasuredNode, MeasuredPod, Use } from './sample.ts';

/** The API of resource metrics. */
export const METRICS = { group: 'metrics.k8s.io', version: 'v1beta1', groupVersion: 'metrics.k8s.io/v1beta1' } as const;

/** An object of the API, and what a Table shows of it. */
export interface MetricsObject {
  readonly object: JsonObject;
  readonly labels: Readonly<Record<string, string>>;
  readonly namespace: string;
  readonly name: string;
  readonly use: Use;
  readonly window: string;
}

/** What a pod uses. */
export function podMetrics(pod: MeasuredPod, now: number): MetricsObject {
  const { namespace, name, labels, containers } = pod;
  const use = containers.reduce(
    (sum, { nanocores, memoryBytes }) => ({
      nanocores: sum.nanocores + nanocores,
      memoryBytes: sum.memoryBytes + memoryBytes,
    }),
    { nanocores: 0, memoryBytes: 0 },
  );
  const metadata = metadataOf({ name, namespace }, labels, now);
  const usage = containers.map((container) => ({ name: container.name, usage: usageOf(container) }));
  const object = { kind: 'PodMetrics', apiVersion: METRICS.groupVersion, metadata, ...timesOf(pod), containers: usage };
  return { object, labels, namespace, name, use, window: timesOf(pod).window };
}

/** What a node uses. */
export function nodeMetrics(node: MeasuredNode, labels: Readonly<Record<string, string>>, now: number): MetricsObject {
  const { name } = node;
  const metadata = metadataOf({ name }, labels, now);
  const kind = { kind: 'NodeMetrics', apiVersion: METRICS.groupVersion };
  const object = { ...kind, metadata, ...timesOf(node), usage: usageOf(node) };
  return { object, labels, namespace: '', name, use: node, window: timesOf(node).window };
}

/** Quantities of what is used. */
export function usageOf({ nanocores, memoryBytes }: Use): { cpu: string; memory: string } {
  return {
    cpu: new Quantity(BigInt(Math.round(nanocores)), -9, 'DecimalSI').toString(),
    memory: new Quantity(BigInt(Math.round(memoryBytes)), 0, 'BinarySI').toString(),
  };
}

function metadataOf(
  place: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
  now: number,
): JsonObject {
  const hasLabels = Object.keys(labels).length > 0;
  return { ...place, creationTimestamp: formatTime(new Date(now)), ...(hasLabels && { labels: { ...labels } }) };
}

function timesOf({ at, windowMs }: { at: number; windowMs: number }): { timestamp: string; window: string } {
  return { timestamp: formatTime(new Date(at)), window: formatDuration(BigInt(Math.round(windowMs)) * 1_000_000n) };
}
