import { type LabelSelector, namespacedName, parseLabelSelector, parseQuantity } from 'nekube/apimachinery';
import type { ObjectKey, ObjectStore } from 'nekube/client';
import type { Logger } from 'nekube/controller';
import { messageOf } from '../pods/pod-control.ts';
import type { Autoscaler } from './autoscaler.ts';
import { DOWN_STABILIZED, type Limited, limitedByRules, ScaleHistory } from './history.ts';
import { lookAt, MetricError, type MetricContext } from './metric.ts';
import { MetricsClient } from './metrics-client.ts';
import type { MeasuredPod } from './pod-groups.ts';
import type { Tolerances } from './replicas.ts';
import { Round, type RoundParts } from './round.ts';
import { type Scale, ScaleTarget } from './scale.ts';
import { TargetSelectors } from './target-selectors.ts';

/** What the reconciler works with. */
export interface AutoscalerParts extends RoundParts {
  readonly autoscalers: ObjectStore<Autoscaler>;
  readonly pods: ObjectStore<MeasuredPod>;
  readonly downscaleStabilizationMs: number;
  readonly fieldManager: string;
}

const DEFAULT_TOLERANCE = 0.1;
/** What the condition `AbleToScale` says where nothing holds a recommendation back. */
const READY = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' };

/** What all metrics together ask for. */
interface Desired {
  readonly replicas: number;
  readonly metric: string;
  readonly statuses: readonly object[];
  /** What is wrong with some metrics. */
  readonly error?: string;
}

/** Thrown when nothing can be said of how many replicas there should be. */
class NotComputable extends Error {
  readonly statuses: readonly object[] | undefined;

  constructor(message: string, statuses?: readonly object[]) {
    super(message);
    this.statuses = statuses;
  }
}

/** Scales what autoscalers are for, by the metrics that they name. */
export class AutoscalerReconciler {
  readonly #parts: AutoscalerParts;
  readonly #metrics: MetricsClient;
  readonly #histories = new Map<string, ScaleHistory>();
  readonly #selectors = new TargetSelectors();

  constructor(parts: AutoscalerParts) {
    this.#parts = parts;
    this.#metrics = new MetricsClient(parts.client);
  }

  /** @returns whether the autoscaler is there, and is to be looked at again */
  async reconcile(key: ObjectKey, log: Logger): Promise<boolean> {
    const autoscaler = this.#parts.autoscalers.get(key);
    const text = namespacedName(key);
    if (autoscaler === undefined) {
      this.#histories.delete(text);
      this.#selectors.forget(key);
      return false;
    }
    const round = new Round(this.#parts, autoscaler);
    try {
      await this.#run(round, text);
    } catch (error) {
      // its conditions and events say so, each time
      log.info('Cannot autoscale', { error });
    }
    return true;
  }

  async #run(round: Round, key: string): Promise<void> {
    const { spec } = round.autoscaler;
    const found = await this.#scaleOf(round);
    if (found === undefined) return round.writeStatus();
    const { target, scale } = found;
    round.condition(
      'AbleToScale',
      'True',
      'SucceededGetScale',
      "the HPA controller was able to get the target's current scale",
    );
    const current = scale.spec.replicas ?? 0;
    const history = this.#historyOf(key);
    history.begin(current, round.now);
    const { minReplicas: min = 1, maxReplicas: max } = spec;
    const outside = outsideOf(current, min, max);
    if (current === 0) {
      const message = 'scaling is disabled since the replica count of the target is zero';
      round.condition('ScalingActive', 'False', 'ScalingDisabled', message);
      return round.finish(current, current, []);
    }
    if (outside !== undefined) return this.#rescale(round, { ...found, current, history, ...outside, statuses: [] });
    const desired = await this.#desired(round, scale).catch((error: unknown) => {
      if (error instanceof NotComputable) return error;
      throw error;
    });
    if (desired instanceof NotComputable) return round.giveUp(current, desired.message, desired.statuses);
    const { replicas, statuses, metric, error } = desired;
    const why = replicas > current ? `${metric} above target` : 'All metrics below target';
    const limited = normalize(round, history, { replicas, current, min, max });
    if (limited === current) await round.finish(current, current, statuses);
    else await this.#rescale(round, { target, scale, current, history, replicas: limited, why, statuses });
    if (error !== undefined) throw new Error(error);
  }

  #historyOf(key: string): ScaleHistory {
    const history = this.#histories.get(key) ?? new ScaleHistory(this.#parts.downscaleStabilizationMs);
    this.#histories.set(key, history);
    return history;
  }

  async #scaleOf(round: Round): Promise<{ readonly target: ScaleTarget; readonly scale: Scale } | undefined> {
    const { client, fieldManager } = this.#parts;
    const { spec, metadata } = round.autoscaler;
    try {
      const target = await ScaleTarget.of(client, spec.scaleTargetRef, {
        namespace: metadata.namespace!,
        fieldManager,
      });
      return { target, scale: await target.read() };
    } catch (error) {
      const text = messageOf(error);
      round.tell('Warning', 'FailedGetScale', text);
      const message = `the HPA controller was unable to get the target's current scale: ${text}`;
      round.condition('AbleToScale', 'False', 'FailedGetScale', message);
      return undefined;
    }
  }

  /** @throws NotComputable */
  async #desired(round: Round, scale: Scale): Promise<Desired> {
    const { autoscaler } = round;
    const { namespace } = autoscaler.metadata;
    const selector = this.#selectorOf(round, scale.status.selector ?? '');
    const context: MetricContext = {
      metrics: this.#metrics,
      namespace: namespace!,
      selector,
      pods: this.#parts.pods.list(namespace).filter(({ metadata }) => selector.matches(metadata.labels)),
      specReplicas: scale.spec.replicas ?? 0,
      statusReplicas: scale.status.replicas ?? 0,
      tolerances: tolerancesOf(autoscaler),
      now: round.now,
    };
    const specs = autoscaler.spec.metrics ?? [];
    const statuses: object[] = [];
    const failures: MetricError[] = [];
    let best = { replicas: 0, name: '' };
    for (const spec of specs) {
      try {
        const { status, ...result } = await lookAt(spec, context);
        statuses.push(status);
        if (best.replicas === 0 || result.replicas > best.replicas) best = result;
      } catch (error) {
        if (!(error instanceof MetricError)) throw error;
        round.tell('Warning', error.reason, error.told);
        statuses.push({ type: '' });
        failures.push(error);
      }
    }
    const [first] = failures;
    const told = `invalid metrics (${failures.length} invalid out of ${specs.length}), first error is: ${first?.message}`;
    if (first !== undefined && (failures.length >= specs.length || best.replicas < context.specReplicas)) {
      const message = `the HPA was unable to compute the replica count: ${first.told}`;
      round.condition('ScalingActive', 'False', first.reason, message);
      throw new NotComputable(told, statuses);
    }
    const message = `the HPA was able to successfully calculate a replica count from ${best.name}`;
    round.condition('ScalingActive', 'True', 'ValidMetricFound', message);
    return { replicas: best.replicas, metric: best.name, statuses, ...(first && { error: told }) };
  }

  /** @throws NotComputable for a target without a selector, or whose pods others scale, too */
  #selectorOf(round: Round, text: string): LabelSelector {
    const refuse = (eventReason: string, told: string, reason = eventReason, message = told): NotComputable => {
      round.tell('Warning', eventReason, told);
      round.condition('ScalingActive', 'False', reason, message);
      return new NotComputable(told);
    };
    if (text === '')
      throw refuse(
        'SelectorRequired',
        'selector is required',
        'InvalidSelector',
        "the HPA target's scale is missing a selector",
      );
    let selector: LabelSelector;
    try {
      selector = parseLabelSelector(text);
    } catch (error) {
      const told = `couldn't convert selector into a corresponding internal selector object: ${messageOf(error)}`;
      throw refuse('InvalidSelector', told);
    }
    const { namespace = '', name = '' } = round.autoscaler.metadata;
    this.#selectors.set({ namespace, name }, selector);
    const others = this.#selectors.ofSamePods(namespace, selector, this.#parts.pods.list(namespace));
    if (others.length > 1) {
      const list = others.map((other) => `{${other} ${namespace}}`).join(' ');
      throw refuse('AmbiguousSelector', `pods by selector ${text} are controlled by multiple HPAs: [${list}]`);
    }
    return selector;
  }

  async #rescale(round: Round, to: Rescale): Promise<void> {
    const { target, scale, current, replicas, why, history, statuses } = to;
    try {
      await target.write(scale, replicas);
    } catch (error) {
      const text = messageOf(error);
      round.tell('Warning', 'FailedRescale', `New size: ${replicas}; reason: ${why}; error: ${text}`);
      const message = `the HPA controller was unable to update the target scale: ${text}`;
      round.condition('AbleToScale', 'False', 'FailedUpdateScale', message);
      await round.finish(current, round.autoscaler.status?.desiredReplicas ?? 0, statuses);
      throw error;
    }
    const message = `the HPA controller was able to update the target scale to ${replicas}`;
    round.condition('AbleToScale', 'True', 'SucceededRescale', message);
    round.tell('Normal', 'SuccessfulRescale', `New size: ${replicas}; reason: ${why}`);
    const { behavior } = round.autoscaler.spec;
    if (behavior) history.scaled(behavior, current, replicas, round.now);
    await round.finish(current, replicas, statuses, true);
  }
}

/** What is to be scaled, to how many, and why. */
interface Rescale {
  readonly target: ScaleTarget;
  readonly scale: Scale;
  readonly current: number;
  readonly replicas: number;
  readonly why: string;
  readonly history: ScaleHistory;
  readonly statuses: readonly object[];
}

/** What there is beyond what there may be needs no metric. */
function outsideOf(
  current: number,
  min: number,
  max: number,
): { readonly replicas: number; readonly why: string } | undefined {
  if (current > max) return { replicas: max, why: 'Current number of replicas above Spec.MaxReplicas' };
  if (current < min) return { replicas: min, why: 'Current number of replicas below Spec.MinReplicas' };
  return undefined;
}

/** As near to what is recommended as history, behavior and bounds let it be; says so in the conditions. */
function normalize(
  round: Round,
  history: ScaleHistory,
  {
    replicas,
    ...limits
  }: { readonly replicas: number; readonly current: number; readonly min: number; readonly max: number },
): number {
  const { behavior } = round.autoscaler.spec;
  const { now } = round;
  const stabilized: Limited = behavior
    ? history.stabilizedBy(behavior, limits.current, replicas, now)
    : { replicas: history.stabilized(replicas, now), ...DOWN_STABILIZED };
  const { reason, message } = stabilized.replicas === replicas ? READY : stabilized;
  round.condition('AbleToScale', 'True', reason, message);
  const limited = behavior
    ? history.limitedBy(behavior, stabilized.replicas, limits, now)
    : limitedByRules(stabilized.replicas, limits);
  const isLimited = limited.replicas !== stabilized.replicas;
  round.condition('ScalingLimited', isLimited ? 'True' : 'False', limited.reason, limited.message);
  return limited.replicas;
}

function tolerancesOf({ spec: { behavior } }: Autoscaler): Tolerances {
  const of = (text: string | undefined): number =>
    text === undefined ? DEFAULT_TOLERANCE : Number(parseQuantity(String(text)).scaledValue(-9)) / 1e9;
  return { scaleDown: of(behavior?.scaleDown?.tolerance), scaleUp: of(behavior?.scaleUp?.tolerance) };
}
