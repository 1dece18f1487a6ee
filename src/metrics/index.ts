/**
 * Counters, gauges and histograms, and their text for Prometheus.
 *
 * What it does not do: it serves nothing, pushes nothing, and measures nothing by itself.
 */
export { type Counter, type Histogram, Metrics } from './registry.ts';
