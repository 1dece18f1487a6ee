import type { Counter, Histogram, Metrics } from 'nekube/metrics';
import type { DataPlane } from '../model/index.ts';
import type { StatusPart } from './wanted-statuses.ts';

/** Translations take from below a millisecond, of a change, to seconds, of everything at the start. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What is counted of serving gateways, beside what every controller counts. */
export class GatewayMetrics {
  readonly #durations: Histogram;
  readonly #statuses: Counter;

  constructor(metrics: Metrics, dataPlane: DataPlane) {
    this.#durations = metrics.histogram(
      {
        name: 'nekube_gateway_translation_duration_seconds',
        help: 'How long translations of changed objects into a routing model took; their number is how often.',
        labels: [],
      },
      SECONDS,
    );
    this.#statuses = metrics.counter({
      name: 'nekube_gateway_status_writes_total',
      help: 'Statuses that were written, by resource.',
      labels: ['resource'],
    });
    metrics.gauge(
      { name: 'nekube_gateway_data_plane_ready', help: '1 if the data plane serves.', labels: ['data_plane'] },
      () => [[[dataPlane.name], dataPlane.state().ready ? 1 : 0]],
    );
    metrics.gauge(
      {
        name: 'nekube_gateway_gateways',
        help: 'Gateways that are served, by whether the data plane has all of what they say.',
        labels: ['programmed'],
      },
      () => {
        const states = [...dataPlane.state().gateways.values()];
        const programmed = states.filter((state) => state.programmed).length;
        return [
          [['false'], states.length - programmed],
          [['true'], programmed],
        ];
      },
    );
    metrics.gauge(
      {
        name: 'nekube_gateway_refusals',
        help: 'Parts of gateways, as listeners and routes, that the data plane refuses.',
        labels: [],
      },
      () => [[[], [...dataPlane.state().gateways.values()].reduce((sum, { refusals }) => sum + refusals.length, 0)]],
    );
  }

  translated(elapsedMs: number): void {
    this.#durations.observe([], elapsedMs / 1000);
  }

  statusWritten(part: StatusPart): void {
    this.#statuses.add([part.toLowerCase()]);
  }
}
