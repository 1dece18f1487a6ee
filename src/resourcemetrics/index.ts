/**
 * Resource metrics: what pods and nodes use of processors and memory, as the API `metrics.k8s.io` that metrics-server serves,
 * for `kubectl top` and the horizontal pod autoscaler.
 *
 * What it does not do: it measures nothing itself. It is handed samples of what was used, and tells what that was in between.
 */
export { fakeUse } from './fake-use.ts';
export { METRICS_HOST, unregisterMetrics } from './register.ts';
export type { ContainerSample, NodeSample, PodSample, Sample, Use } from './sample.ts';
export { type MetricsServerOptions, startMetricsServer } from './start.ts';
