import { addProcessMetrics, type Counter, type Histogram, type MetricDescription, Metrics } from 'nekube/metrics';
import type {
  ControllerMetrics,
  FailureKind,
  LeaderElectionMetrics,
  QueueMetrics,
  QueueState,
  RuntimeMetrics,
} from '../hooks.ts';
import type { WebhookMetrics } from '../webhook/webhook-server.ts';

/** Seconds, from 10 ns to 1000 s: Go's `prometheus.ExponentialBuckets(10e-9, 10, 12)`. */
const WIDE = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000];
const RECONCILE_SECONDS = [
  ...[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75,
  ],
  ...[2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60],
];
const FAILURES: Readonly<Record<FailureKind, readonly [name: string, help: string]>> = {
  terminal: ['terminal_reconcile_errors', 'Total number of terminal reconciliation errors per controller'],
  panic: ['reconcile_panics', 'Total number of reconciliation panics per controller'],
  timeout: ['reconcile_timeouts', 'Total number of reconciliation timeouts per controller'],
};

/**
 * What the runtime tells of itself, counted by the names that controller-runtime's metrics have, so that dashboards and
 * alerts need no change. One for a manager; {@link registry} takes metrics of one's own.
 */
export class PrometheusMetrics implements RuntimeMetrics, WebhookMetrics {
  readonly registry = new Metrics();
  readonly #queues = new Map<string, () => QueueState>();
  readonly #workers = new Map<string, () => { readonly workers: number; readonly active: number }>();
  readonly #leading = new Map<string, boolean>();
  readonly #inFlight = new Map<string, number>();
  readonly #queue: Readonly<Record<'adds' | 'retries', Counter>> & Readonly<Record<'waits' | 'works', Histogram>>;
  readonly #reconciles: Counter;
  readonly #errors: Counter;
  readonly #failures: Readonly<Record<FailureKind, Counter>>;
  readonly #durations: Histogram;
  readonly #slowPaths: Counter;
  readonly #requests: Counter;
  readonly #webhookRequests: Counter;
  readonly #webhookLatency: Histogram;
  readonly #webhookPanics: Readonly<Record<string, Counter>>;
  readonly #certificateReads: Counter;
  readonly #certificateErrors: Counter;

  constructor() {
    const counter = (name: string, help: string, ...labels: string[]) => this.registry.counter({ name, help, labels });
    const wide = (name: string, help: string, ...labels: string[]) =>
      this.registry.histogram({ name, help, labels }, WIDE);
    const perQueue = ['name', 'controller'];
    this.#queue = {
      adds: counter('workqueue_adds_total', 'Total number of adds handled by workqueue', ...perQueue),
      retries: counter(
        'workqueue_retries_total',
        'Total number of items added to the workqueue with a non-zero delay (rate-limited requeues, explicit RequeueAfter or AddAfter calls)',
        ...perQueue,
      ),
      waits: wide(
        'workqueue_queue_duration_seconds',
        'How long in seconds an item stays in workqueue before being requested',
        ...perQueue,
      ),
      works: wide(
        'workqueue_work_duration_seconds',
        'How long in seconds processing an item from workqueue takes.',
        ...perQueue,
      ),
    };
    this.#reconciles = counter(
      'controller_runtime_reconcile_total',
      'Total number of reconciliations per controller',
      'controller',
      'result',
    );
    this.#errors = counter(
      'controller_runtime_reconcile_errors_total',
      'Total number of reconciliation errors per controller',
      'controller',
    );
    const failure = (kind: FailureKind) =>
      counter(`controller_runtime_${FAILURES[kind][0]}_total`, FAILURES[kind][1], 'controller');
    this.#failures = { terminal: failure('terminal'), panic: failure('panic'), timeout: failure('timeout') };
    this.#durations = this.registry.histogram(
      {
        name: 'controller_runtime_reconcile_time_seconds',
        help: 'Length of time per reconciliation per controller',
        labels: ['controller'],
      },
      RECONCILE_SECONDS,
    );
    this.#slowPaths = counter(
      'leader_election_slowpath_total',
      "Total number of slow path exercised in renewing leader leases. 'name' is the string used to identify the lease. Please make sure to group by name.",
      'name',
    );
    this.#requests = counter(
      'rest_client_requests_total',
      'Number of HTTP requests, partitioned by status code, method, and host.',
      'code',
      'method',
      'host',
    );
    this.#webhookRequests = counter(
      'controller_runtime_webhook_requests_total',
      'Total number of admission requests by HTTP status code.',
      'webhook',
      'code',
    );
    this.#webhookLatency = wide(
      'controller_runtime_webhook_latency_seconds',
      'Histogram of the latency of processing admission requests',
      'webhook',
    );
    this.#webhookPanics = {
      admission: counter('controller_runtime_webhook_panics_total', 'Total number of webhook panics'),
      conversion: counter(
        'controller_runtime_conversion_webhook_panics_total',
        'Total number of conversion webhook panics',
      ),
    };
    this.#certificateReads = counter('certwatcher_read_certificate_total', 'Total number of certificate reads');
    this.#certificateErrors = counter(
      'certwatcher_read_certificate_errors_total',
      'Total number of certificate read errors',
    );
    for (const one of [...Object.values(this.#webhookPanics), this.#certificateReads, this.#certificateErrors])
      one.add([], 0);
    this.#addGauges();
    addProcessMetrics(this.registry, Date.now() / 1000);
  }

  #addGauges(): void {
    const gauge = (metric: MetricDescription, read: () => Iterable<readonly [readonly string[], number]>): void =>
      this.registry.gauge(metric, read);
    const ofQueues = (name: string, help: string, read: (state: QueueState) => number): void =>
      gauge({ name: `workqueue_${name}`, help, labels: ['name', 'controller'] }, () =>
        [...this.#queues].map(([queue, state]) => [[queue, queue], read(state())] as const),
      );
    gauge(
      {
        name: 'workqueue_depth',
        help: 'Current depth of workqueue by workqueue and priority',
        labels: ['name', 'controller', 'priority'],
      },
      () => [...this.#queues].flatMap(([queue, state]) => depthsOf(queue, state())),
    );
    ofQueues(
      'unfinished_work_seconds',
      "How many seconds of work has been done that is in progress and hasn't been observed by work_duration. Large values indicate stuck threads. One can deduce the number of stuck threads by observing the rate at which this increases.",
      ({ unfinishedMs }) => unfinishedMs / 1000,
    );
    ofQueues(
      'longest_running_processor_seconds',
      'How many seconds has the longest running processor for workqueue been running.',
      ({ longestRunningMs }) => longestRunningMs / 1000,
    );
    const ofControllers = (name: string, help: string, read: 'workers' | 'active'): void =>
      gauge({ name: `controller_runtime_${name}`, help, labels: ['controller'] }, () =>
        [...this.#workers].map(([controller, state]) => [[controller], state()[read]] as const),
      );
    ofControllers('max_concurrent_reconciles', 'Maximum number of concurrent reconciles per controller', 'workers');
    ofControllers('active_workers', 'Number of currently used workers per controller', 'active');
    gauge(
      {
        name: 'leader_election_master_status',
        help: "Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master. 'name' is the string used to identify the lease. Please make sure to group by name.",
        labels: ['name'],
      },
      () => [...this.#leading].map(([name, leads]) => [[name], leads ? 1 : 0] as const),
    );
    gauge(
      {
        name: 'controller_runtime_webhook_requests_in_flight',
        help: 'Current number of admission requests being served.',
        labels: ['webhook'],
      },
      () => [...this.#inFlight].map(([path, count]) => [[path], count] as const),
    );
  }

  queue(name: string): QueueMetrics {
    const labels = [name, name];
    const { adds, retries, waits, works } = this.#queue;
    const [add, retry, wait, work] = [adds.of(labels), retries.of(labels), waits.of(labels), works.of(labels)];
    return {
      added: () => add.add(),
      taken: (waitedMs) => wait.observe(waitedMs / 1000),
      done: (workedMs) => work.observe(workedMs / 1000),
      retried: () => retry.add(),
      observe: (state) => void this.#queues.set(name, state),
    };
  }

  controller(name: string): ControllerMetrics {
    const outcomes = {
      success: this.#reconciles.of([name, 'success']),
      error: this.#reconciles.of([name, 'error']),
      requeue: this.#reconciles.of([name, 'requeue']),
      requeue_after: this.#reconciles.of([name, 'requeue_after']),
    };
    const errors = this.#errors.of([name]);
    const failures = {
      terminal: this.#failures.terminal.of([name]),
      panic: this.#failures.panic.of([name]),
      timeout: this.#failures.timeout.of([name]),
    };
    for (const one of [...Object.values(outcomes), errors, ...Object.values(failures)]) one.add(0);
    const durations = this.#durations.of([name]);
    return {
      reconciled(outcome, durationMs) {
        outcomes[outcome].add();
        if (outcome === 'error') errors.add();
        durations.observe(durationMs / 1000);
      },
      failed: (kind) => failures[kind].add(),
      observe: (state) => void this.#workers.set(name, state),
    };
  }

  leaderElection(name: string): LeaderElectionMetrics {
    this.#leading.set(name, false);
    return {
      leading: (isLeader) => void this.#leading.set(name, isLeader),
      slowPath: () => this.#slowPaths.add([name]),
    };
  }

  /** A request of a client was answered, or was not: then the code is `<error>`. */
  requested(code: string, method: string, host: string): void {
    this.#requests.add([code, method, host]);
  }

  registered(path: string): void {
    this.#inFlight.set(path, 0);
    for (const code of ['200', '500']) this.#webhookRequests.add([path, code], 0);
  }

  begin(path: string): (code: number, durationMs: number) => void {
    const count = (by: number): void => void this.#inFlight.set(path, (this.#inFlight.get(path) ?? 0) + by);
    count(1);
    return (code, durationMs) => {
      count(-1);
      this.#webhookRequests.add([path, String(code)]);
      this.#webhookLatency.observe([path], durationMs / 1000);
    };
  }

  panicked(kind: string): void {
    this.#webhookPanics[kind]?.add([]);
  }

  /** Certificate files were read: for `onRead` of {@link CertificateFiles}. */
  readonly certificateRead = (ok: boolean): void => {
    this.#certificateReads.add([]);
    if (!ok) this.#certificateErrors.add([]);
  };
}

function depthsOf(queue: string, { depths }: QueueState): (readonly [readonly string[], number])[] {
  const shown = depths.size === 0 ? [[0, 0] as const] : [...depths];
  return shown.map(([priority, depth]) => [[queue, queue, String(priority)], depth] as const);
}
