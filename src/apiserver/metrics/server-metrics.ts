import { addProcessMetrics, type Counter, type Histogram, Metrics } from 'nekube/metrics';
import type { FlowControl } from '../flowcontrol/flow-control.ts';

const REQUEST_LABELS = ['component', 'dry_run', 'group', 'resource', 'scope', 'subresource', 'verb', 'version'];
const FLOW_LABELS = ['flow_schema', 'priority_level'];
const DURATIONS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

/** What is counted of the requests of a flow. */
export interface FlowCounts {
  executing: number;
  waiting: number;
  readonly dispatched: ReturnType<Counter['of']>;
}

/** What the server counts, with the names of kube-apiserver's metrics. */
export class ServerMetrics {
  readonly #metrics = new Metrics();
  readonly requests: Counter;
  readonly durations: Histogram;
  readonly auditEvents: Counter;
  readonly auditLevels: Counter;
  readonly auditErrors: Counter;
  readonly auditRejections: Counter;
  readonly dispatched: Counter;
  readonly rejected: Counter;
  /** Requests that are being served now. */
  readonly inFlight = { mutating: 0, readOnly: 0 };
  readonly #flows = new Map<string, Map<string, FlowCounts & { readonly labels: readonly string[] }>>();

  constructor() {
    const metrics = this.#metrics;
    this.requests = metrics.counter({
      name: 'apiserver_request_total',
      help: '[STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
      labels: ['code', ...REQUEST_LABELS],
    });
    this.durations = metrics.histogram(
      {
        name: 'apiserver_request_duration_seconds',
        help: '[STABLE] Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.',
        labels: REQUEST_LABELS,
      },
      DURATIONS,
    );
    metrics.gauge(
      {
        name: 'apiserver_current_inflight_requests',
        help: '[STABLE] Number of requests that are being served, per request kind.',
        labels: ['request_kind'],
      },
      () => Object.entries(this.inFlight).map(([kind, count]) => [[kind], count] as const),
    );
    this.auditEvents = metrics.counter({
      name: 'apiserver_audit_event_total',
      help: '[ALPHA] Counter of audit events generated and sent to the audit backend.',
      labels: [],
    });
    this.auditLevels = metrics.counter({
      name: 'apiserver_audit_level_total',
      help: '[ALPHA] Counter of policy levels for audit events (1 per request).',
      labels: ['level'],
    });
    this.auditErrors = metrics.counter({
      name: 'apiserver_audit_error_total',
      help: '[ALPHA] Counter of audit events that failed to be audited properly. Plugin identifies the plugin affected by the error.',
      labels: ['plugin'],
    });
    this.auditRejections = metrics.counter({
      name: 'apiserver_audit_requests_rejected_total',
      help: '[ALPHA] Counter of apiserver requests rejected due to an error in audit logging backend.',
      labels: [],
    });
    for (const counter of [this.auditEvents, this.auditRejections]) counter.add([], 0);
    this.dispatched = metrics.counter({
      name: 'apiserver_flowcontrol_dispatched_requests_total',
      help: '[BETA] Number of requests executed by API Priority and Fairness subsystem',
      labels: FLOW_LABELS,
    });
    this.rejected = metrics.counter({
      name: 'apiserver_flowcontrol_rejected_requests_total',
      help: '[BETA] Number of requests rejected by API Priority and Fairness subsystem',
      labels: [...FLOW_LABELS, 'reason'],
    });
    addProcessMetrics(metrics, Date.now() / 1000);
  }

  /** Also shows how the priority levels are filled. */
  watchFlowControl(control: FlowControl): void {
    const flows = (name: string, help: string, read: (flow: { executing: number; waiting: number }) => number): void =>
      this.#metrics.gauge({ name: `apiserver_flowcontrol_${name}`, help: `[BETA] ${help}`, labels: FLOW_LABELS }, () =>
        [...this.#flows.values()]
          .flatMap((levels) => [...levels.values()])
          .map((flow) => [flow.labels, read(flow)] as const),
      );
    const executing =
      'requests in initial (for a WATCH) or any (for a non-WATCH) execution stage in the API Priority and Fairness subsystem';
    flows('current_executing_requests', `Number of ${executing}`, (flow) => flow.executing);
    flows(
      'current_executing_seats',
      'Concurrency (number of seats) occupied by the currently executing (initial stage for a WATCH, any stage otherwise) requests in the API Priority and Fairness subsystem',
      (flow) => flow.executing,
    );
    flows(
      'current_inqueue_requests',
      'Number of requests currently pending in queues of the API Priority and Fairness subsystem',
      (flow) => flow.waiting,
    );
    this.#metrics.gauge(
      {
        name: 'apiserver_flowcontrol_nominal_limit_seats',
        help: '[BETA] Nominal number of execution seats configured for each priority level',
        labels: ['priority_level'],
      },
      () => control.levels().map(({ name, config }) => [[name], config.nominal] as const),
    );
  }

  /** The counts of a flow, to be kept by whoever serves it. */
  flow(schema: string, level: string): FlowCounts {
    let levels = this.#flows.get(schema);
    if (levels === undefined) this.#flows.set(schema, (levels = new Map()));
    let flow = levels.get(level);
    if (flow === undefined) {
      const labels = [schema, level];
      flow = { labels, executing: 0, waiting: 0, dispatched: this.dispatched.of(labels) };
      levels.set(level, flow);
    }
    return flow;
  }

  /** All of it, in the text format of Prometheus. */
  text(): string {
    return this.#metrics.text();
  }
}
