/**
 * Counters, gauges and histograms, and their text for Prometheus.
 *
 * What it does not do: it serves nothing, pushes nothing, and measures nothing by itself.
 */
export { addProcessMetrics } from './process.ts';
export {
  type Counter,
  type Histogram,
  type Labels,
  type MetricDescription,
  Metrics,
  type MetricsForm,
} from './registry.ts';
