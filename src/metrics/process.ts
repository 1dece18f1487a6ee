import type { Metrics } from './registry.ts';

/** Adds what Prometheus' clients say of every process, by their names. @param now seconds since 1970 */
export function addProcessMetrics(metrics: Metrics, now: number): void {
  const started = now - process.uptime();
  const gauge = (name: string, help: string, read: () => number): void =>
    metrics.gauge({ name, help, labels: [] }, () => [[[], read()]]);
  gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', () => started);
  gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', () => process.memoryUsage.rss());
  gauge('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
}
