import { addProcessMetrics, type MetricDescription, Metrics } from 'nekube/metrics';
import type { ControllerMetrics, LeaderElectionMetrics, QueueMetrics, QueueState, RuntimeMetrics } from '../hooks.ts';
import type { WebhookMetrics } from '../webhook/webhook-server.ts';
import { certificateFamilies, queueFamilies, reconcileFamilies, webhookFamilies } from './families.ts';

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
  readonly #queue = queueFamilies(this.registry);
  readonly #reconciles = reconcileFamilies(this.registry);
  readonly #slowPaths = this.registry.counter({
    name: 'leader_election_slowpath_total',
    help: "Total number of slow path exercised in renewing leader leases. 'name' is the string used to identify the lease. Please make sure to group by name.",
    labels: ['name'],
  });
  readonly #requests = this.registry.counter({
    name: 'rest_client_requests_total',
    help: 'Number of HTTP requests, partitioned by status code, method, and host.',
    labels: ['code', 'method', 'host'],
  });
  readonly #webhooks = webhookFamilies(this.registry);
  readonly #certificates = certificateFamilies(this.registry);

  constructor() {
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
    const { results } = this.#reconciles;
    const outcomes = {
      success: results.of([name, 'success']),
      error: results.of([name, 'error']),
      requeue: results.of([name, 'requeue']),
      requeue_after: results.of([name, 'requeue_after']),
    };
    const errors = this.#reconciles.errors.of([name]);
    const { terminal, panic, timeout } = this.#reconciles.failures;
    const failures = { terminal: terminal.of([name]), panic: panic.of([name]), timeout: timeout.of([name]) };
    for (const one of [...Object.values(outcomes), errors, ...Object.values(failures)]) one.add(0);
    const durations = this.#reconciles.durations.of([name]);
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
    for (const code of ['200', '500']) this.#webhooks.requests.add([path, code], 0);
  }

  begin(path: string): (code: number, durationMs: number) => void {
    const count = (by: number): void => void this.#inFlight.set(path, (this.#inFlight.get(path) ?? 0) + by);
    count(1);
    return (code, durationMs) => {
      count(-1);
      this.#webhooks.requests.add([path, String(code)]);
      this.#webhooks.latency.observe([path], durationMs / 1000);
    };
  }

  panicked(kind: string): void {
    this.#webhooks.panics[kind]?.add([]);
  }

  /** Certificate files were read: for `onRead` of {@link CertificateFiles}. */
  readonly certificateRead = (ok: boolean): void => {
    this.#certificates.reads.add([]);
    if (!ok) this.#certificates.errors.add([]);
  };
}

function depthsOf(queue: string, { depths }: QueueState): (readonly [readonly string[], number])[] {
  const shown = depths.size === 0 ? [[0, 0] as const] : [...depths];
  return shown.map(([priority, depth]) => [[queue, queue, String(priority)], depth] as const);
}
