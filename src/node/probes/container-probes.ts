import type { Clock } from 'nekube/client';
import type { Container, Probe } from '../pod/container.ts';
import type { Outcome } from './outcome.ts';
import { Thresholds } from './thresholds.ts';

/** What is found out about a container. */
export type ProbeKind = 'startup' | 'liveness' | 'readiness';

/** What probes of a container need. */
export interface ProbesOptions {
  readonly container: Container;
  readonly clock: Clock;
  readonly run: (probe: Probe) => Promise<Outcome>;
  /** Is told what a probe has found, each time that it is enough to say so. */
  readonly found: (kind: ProbeKind, result: 'passed' | 'failed') => void;
  /** Is told what went wrong, in the words of an event. */
  readonly tell: (reason: 'Unhealthy' | 'ProbeWarning', message: string) => void;
}

const NAMES: Readonly<Record<ProbeKind, string>> = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' };
/**
 * A container that has just begun is looked at so soon, so that one that is up in a moment does not wait for a whole period.
 * Only a success counts then.
 */
const EARLY_MS = [50, 100, 200, 400, 800, 1600, 3200];

/**
 * Looks at one run of a container: first whether it has started, and then, again and again, whether it lives and is ready.
 * A probe of its start or life that fails for good is not made again.
 */
export class ContainerProbes {
  readonly #options: ProbesOptions;
  readonly #cancels = new Map<ProbeKind, () => void>();
  #isStopped = false;

  constructor(options: ProbesOptions) {
    this.#options = options;
    if (options.container.startupProbe === undefined) this.#begin();
    else this.#watch('startup', options.container.startupProbe);
  }

  /** The pod is on its way out: only whether it is ready still counts. */
  terminating(): void {
    for (const kind of ['startup', 'liveness'] as const) this.#cancel(kind);
  }

  /** The run has ended. */
  stop(): void {
    this.#isStopped = true;
    for (const kind of this.#cancels.keys()) this.#cancel(kind);
  }

  #begin(): void {
    const { livenessProbe, readinessProbe } = this.#options.container;
    if (livenessProbe !== undefined) this.#watch('liveness', livenessProbe);
    if (readinessProbe !== undefined) this.#watch('readiness', readinessProbe);
  }

  #watch(kind: ProbeKind, probe: Probe): void {
    const { periodSeconds = 10, initialDelaySeconds = 0 } = probe;
    const [delayMs, periodMs] = [initialDelaySeconds * 1000, periodSeconds * 1000];
    const early = kind === 'liveness' ? [] : EARLY_MS.filter((ms) => ms < periodMs).map((ms) => ms + delayMs);
    const first = kind === 'liveness' ? delayMs : delayMs + periodMs;
    this.#next({ kind, probe, early, dueMs: first, passedMs: 0, thresholds: new Thresholds(probe), hasPassed: false });
  }

  #next(watch: Watch): void {
    if (this.#isStopped) return;
    const { clock } = this.#options;
    const atMs = watch.hasPassed ? watch.dueMs : (watch.early.shift() ?? watch.dueMs);
    const isEarly = atMs < watch.dueMs;
    const cancel = clock.after(Math.max(0, atMs - watch.passedMs), () => {
      watch.passedMs = atMs;
      if (!isEarly) watch.dueMs += (watch.probe.periodSeconds ?? 10) * 1000;
      void this.#look(watch, isEarly);
    });
    this.#cancels.set(watch.kind, cancel);
  }

  async #look(watch: Watch, isEarly: boolean): Promise<void> {
    const { kind, probe, thresholds } = watch;
    const isCancelled = (): boolean => this.#isStopped || !this.#cancels.has(kind);
    const { result, output } = await this.#options.run(probe);
    if (isCancelled()) return;
    const finding = result === 'failure' ? 'failed' : 'passed';
    if (isEarly && finding === 'failed') return this.#next(watch);
    if (result === 'failure') this.#options.tell('Unhealthy', `${NAMES[kind]} probe failed: ${output}`);
    if (result === 'warning') this.#options.tell('ProbeWarning', `${NAMES[kind]} probe warning: ${output}`);
    watch.hasPassed ||= finding === 'passed';
    const verdict = thresholds.count(finding);
    if (verdict !== undefined) this.#options.found(kind, verdict);
    if (kind === 'startup' && verdict === 'passed') {
      this.#cancels.delete(kind);
      return this.#begin();
    }
    if (kind === 'readiness' || verdict !== 'failed') this.#next(watch);
  }

  #cancel(kind: ProbeKind): void {
    this.#cancels.get(kind)?.();
    this.#cancels.delete(kind);
  }
}

/** A probe that is made again and again; times are since the run began. */
interface Watch {
  readonly kind: ProbeKind;
  readonly probe: Probe;
  readonly thresholds: Thresholds;
  readonly early: number[];
  dueMs: number;
  passedMs: number;
  hasPassed: boolean;
}
