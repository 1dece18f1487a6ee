import type { Counter, Histogram, Metrics } from 'nekube/metrics';
import type { FailureKind } from '../hooks.ts';

/** Of the work queues; labels: the name twice, as `name` and as `controller`. */
export interface QueueFamilies {
  readonly adds: Counter;
  readonly retries: Counter;
  readonly waits: Histogram;
  readonly works: Histogram;
}

/** Of reconciles; labels: the controller, and of `results` what came of it. */
export interface ReconcileFamilies {
  readonly results: Counter;
  readonly errors: Counter;
  readonly failures: Readonly<Record<FailureKind, Counter>>;
  readonly durations: Histogram;
}

/** Of webhooks; labels: the path, and of `requests` the code; of `panics` none. */
export interface WebhookFamilies {
  readonly requests: Counter;
  readonly latency: Histogram;
  readonly panics: Readonly<Record<string, Counter>>;
}

/** Of certificates in files; without labels. */
export interface CertificateFamilies {
  readonly reads: Counter;
  readonly errors: Counter;
}

/** Seconds, from 10 ns to 1000 s: Go's `prometheus.ExponentialBuckets(10e-9, 10, 12)`. */
const WIDE = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000];
const RECONCILE_SECONDS = [
  ...[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75,
  ],
  ...[2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60],
];
const PER_QUEUE = ['name', 'controller'];

/** What work queues count. */
export function queueFamilies(registry: Metrics): QueueFamilies {
  return {
    adds: registry.counter({
      name: 'workqueue_adds_total',
      help: 'Total number of adds handled by workqueue',
      labels: PER_QUEUE,
    }),
    retries: registry.counter({
      name: 'workqueue_retries_total',
      help: 'Total number of items added to the workqueue with a non-zero delay (rate-limited requeues, explicit RequeueAfter or AddAfter calls)',
      labels: PER_QUEUE,
    }),
    waits: registry.histogram(
      {
        name: 'workqueue_queue_duration_seconds',
        help: 'How long in seconds an item stays in workqueue before being requested',
        labels: PER_QUEUE,
      },
      WIDE,
    ),
    works: registry.histogram(
      {
        name: 'workqueue_work_duration_seconds',
        help: 'How long in seconds processing an item from workqueue takes.',
        labels: PER_QUEUE,
      },
      WIDE,
    ),
  };
}

/** What controllers count. */
export function reconcileFamilies(registry: Metrics): ReconcileFamilies {
  const counter = (name: string, help: string, ...labels: string[]): Counter =>
    registry.counter({ name: `controller_runtime_${name}`, help, labels: ['controller', ...labels] });
  return {
    results: counter('reconcile_total', 'Total number of reconciliations per controller', 'result'),
    errors: counter('reconcile_errors_total', 'Total number of reconciliation errors per controller'),
    failures: {
      terminal: counter(
        'terminal_reconcile_errors_total',
        'Total number of terminal reconciliation errors per controller',
      ),
      panic: counter('reconcile_panics_total', 'Total number of reconciliation panics per controller'),
      timeout: counter('reconcile_timeouts_total', 'Total number of reconciliation timeouts per controller'),
    },
    durations: registry.histogram(
      {
        name: 'controller_runtime_reconcile_time_seconds',
        help: 'Length of time per reconciliation per controller',
        labels: ['controller'],
      },
      RECONCILE_SECONDS,
    ),
  };
}

/** What webhooks count. */
export function webhookFamilies(registry: Metrics): WebhookFamilies {
  return {
    requests: registry.counter({
      name: 'controller_runtime_webhook_requests_total',
      help: 'Total number of admission requests by HTTP status code.',
      labels: ['webhook', 'code'],
    }),
    latency: registry.histogram(
      {
        name: 'controller_runtime_webhook_latency_seconds',
        help: 'Histogram of the latency of processing admission requests',
        labels: ['webhook'],
      },
      WIDE,
    ),
    panics: {
      admission: unlabelled(registry, 'controller_runtime_webhook_panics_total', 'Total number of webhook panics'),
      conversion: unlabelled(
        registry,
        'controller_runtime_conversion_webhook_panics_total',
        'Total number of conversion webhook panics',
      ),
    },
  };
}

/** What is counted of the files of certificates. */
export function certificateFamilies(registry: Metrics): CertificateFamilies {
  return {
    reads: unlabelled(registry, 'certwatcher_read_certificate_total', 'Total number of certificate reads'),
    errors: unlabelled(
      registry,
      'certwatcher_read_certificate_errors_total',
      'Total number of certificate read errors',
    ),
  };
}

/** It is shown from the start on, as 0. */
function unlabelled(registry: Metrics, name: string, help: string): Counter {
  const counter = registry.counter({ name, help, labels: [] });
  counter.add([], 0);
  return counter;
}
