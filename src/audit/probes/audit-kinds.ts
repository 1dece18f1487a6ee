import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { ManifestError } from 'nekube/envtest';
import { type Operator, OperatorFailure } from '../observe/operator.ts';
import { LONGEST_MS, QUIET_MS } from '../observe/session.ts';
import { withWords } from '../observe/words.ts';
import { kindName } from '../trail/request.ts';
import { withoutSharedWatches } from '../verdict/shared-watches.ts';
import { BUDGET_MS, Deadline } from './deadline.ts';
import type { KindsOptions, KindsResult, ProbedKind, UnprobedKind } from './kinds-result.ts';
import { neededTime } from './needed-time.ts';
import { type KindsPlan, kindsWatched, type PlannedKind, planKinds } from './plan-kinds.ts';
import { rightsUsed } from './rights-used.ts';
import { auditOperator } from './run.ts';

/** For less than this no control plane is started: nothing would come of it. */
const LEAST_MS = 2000;
/** To see which kinds it watches takes a quarter of the time at most. */
const SURVEY_PART = 4;

/**
 * Audits an operator with all kinds of resources that it works on, one after another, each on a control plane of its own, so that nothing of
 * one is seen in another; and joins the rights that it used. The time is shared: each kind gets an equal part of what is left when it begins.
 *
 * A kind that it begins to watch only when there is a resource of another is probed after that one, beside such a resource. One that it
 * never watches is told among those that were not probed, as long as there is another.
 *
 * @throws OperatorFailure it does not start, or ends by itself, with each kind; ManifestError for what cannot be installed
 */
export async function auditKinds(operator: Operator, options: KindsOptions): Promise<KindsResult> {
  const { budgetMs = BUDGET_MS, longestMs = LONGEST_MS, quietMs = QUIET_MS, signal, onPlan } = options;
  const deadline = new Deadline(budgetMs, signal);
  const surveyMs = budgetMs / SURVEY_PART;
  const patience = { startMs: surveyMs, ...options, longestMs: Math.min(longestMs, surveyMs) };
  try {
    const began = performance.now();
    const plan = await deadline.untilAtRest(planKinds(operator, { ...patience, signal: deadline.signal }));
    const needed = neededTime(plan.probe, quietMs, Math.max(LEAST_MS, performance.now() - began));
    onPlan?.(needed);
    return { ...(await auditPlanned(operator, options, plan, deadline)), needed };
  } finally {
    deadline.cancel();
  }
}

/** The same with kinds that are known. @throws as {@link auditKinds} */
export async function auditPlanned(
  operator: Operator,
  options: KindsOptions,
  plan: KindsPlan,
  deadline: Deadline,
): Promise<KindsResult> {
  return new KindsAudit(operator, options, plan, deadline).run();
}

/** Kinds that are probed one after another, and what became of each so far. */
class KindsAudit {
  readonly #operator: Operator;
  readonly #options: KindsOptions;
  readonly #plan: KindsPlan;
  readonly #deadline: Deadline;
  readonly #queue: PlannedKind[];
  readonly #probed: ProbedKind[] = [];
  readonly #unprobed: Map<string, UnprobedKind>;
  /** The first that came between: it is told where nothing else can be. */
  #failure: unknown;

  constructor(operator: Operator, options: KindsOptions, plan: KindsPlan, deadline: Deadline) {
    this.#operator = operator;
    this.#options = options;
    this.#plan = plan;
    this.#deadline = deadline;
    this.#queue = [...plan.probe];
    this.#unprobed = new Map(plan.leave.map((one) => [one.kind, one]));
  }

  async run(): Promise<KindsResult> {
    // the queue grows by kinds that are found to be watched meanwhile
    for (const [i, planned] of this.#queue.entries()) {
      const budgetMs = this.#budgetMs(this.#queue.length - i);
      const isWorthIt = i === 0 || (!this.#deadline.isOver && budgetMs >= LEAST_MS);
      if (isWorthIt) await this.#probe(planned, budgetMs);
      else this.#cutOff(planned);
    }
    return this.#result();
  }

  /** An equal part of what is left; all of it where there cannot come others. */
  #budgetMs(left: number): number {
    const { budgetMs = BUDGET_MS } = this.#options;
    const isOne = this.#plan.probe.length === 1 && this.#plan.later.length === 0;
    return isOne ? budgetMs : Math.floor(this.#deadline.leftMs / left);
  }

  async #probe(planned: PlannedKind, budgetMs: number): Promise<void> {
    const all = [...this.#plan.probe, ...this.#plan.later].map(({ kind }) => kind);
    const others = all.filter((kind) => kind !== planned.kind);
    try {
      const done = await probed(this.#operator, { ...this.#options, budgetMs }, planned, others);
      this.#probed.push(done);
      this.#queueWatched(done);
    } catch (error) {
      // with one kind alone there is nothing else to tell
      if (this.#queue.length === 1) throw error;
      this.#failure ??= error;
      if (this.#deadline.signal.aborted) this.#cutOff(planned);
      else this.#leave(planned, reasonOf(error, planned));
    }
  }

  /** Kinds that it began to watch while a resource of this one was there have their turn beside such a resource. */
  #queueWatched({ sample, result }: ProbedKind): void {
    const watched = kindsWatched(result.trail, this.#operator.user.name);
    const queued = new Set(this.#queue.map(({ kind }) => kind));
    for (const one of this.#plan.later) {
      if (!watched.has(one.kind) || queued.has(one.kind)) continue;
      this.#queue.push({ ...one, beside: withoutPlace(sample) });
      this.#unprobed.delete(one.kind);
    }
  }

  #leave({ kind }: PlannedKind, why: string): void {
    this.#unprobed.set(kind, { kind, isAskedFor: true, why });
  }

  #cutOff({ kind }: PlannedKind): void {
    this.#unprobed.set(kind, { kind, isAskedFor: true, why: this.#deadline.why, isCutOff: true });
  }

  #result(): KindsResult {
    const unprobed = [...this.#unprobed.values()];
    const [first] = this.#probed;
    if (first === undefined)
      throw this.#failure ?? new OperatorFailure(`The operator was not probed: ${nothingIn(unprobed)}`);
    const kinds = this.#probed.map((one) => withoutOthersWatches(one, this.#probed));
    const results = kinds.map(({ result }) => result);
    const trails = results.map(({ trail }) => trail);
    return {
      kinds,
      unprobed,
      denied: [...new Set(results.flatMap(({ denied }) => denied))],
      clusterRoles: first.result.clusterRoles,
      ...rightsUsed(trails, this.#operator.user.name),
    };
  }
}

/** A kind without what watches tell against it that are for another one. */
function withoutOthersWatches(one: ProbedKind, all: readonly ProbedKind[]): ProbedKind {
  const others = all.filter(({ kind }) => kind !== one.kind);
  const made = others.flatMap(({ result }) => [...result.base.values()].map(({ ref }) => kindName(ref)));
  return { ...one, result: withoutSharedWatches(one.result, new Set(made)) };
}

/** Probes a kind. */
async function probed(
  operator: Operator,
  options: KindsOptions,
  planned: PlannedKind,
  others: readonly string[],
): Promise<ProbedKind> {
  const { onProgress = () => {} } = options;
  const tell = (text: string): void => onProgress(others.length === 0 ? text : `${planned.kind}: ${text}`);
  const began = performance.now();
  const result = await auditOperator(operator, {
    ...options,
    manifests: planned.beside === undefined ? options.manifests : [...options.manifests, planned.beside],
    sample: planned.sample,
    isSampleMade: planned.isMade,
    alsoProbed: others,
    onProgress: tell,
  });
  return { ...planned, sample: result.sample, result, tookMs: Math.round(performance.now() - began) };
}

/** A resource that may be made where its namespace is not. */
function withoutPlace({ metadata: { namespace: _, ...metadata }, ...rest }: KubeObject): KubeObject {
  return { ...rest, metadata };
}

/** Why a kind was not probed, as a sentence. @throws what is nobody's answer but a mistake */
function reasonOf(error: unknown, { isMade, beside }: PlannedKind): string {
  if (error instanceof OperatorFailure) return error.message;
  if (beside !== undefined && error instanceof ManifestError)
    return `it watches it beside a ${beside.kind} alone, and that cannot be made: ${error.message}`;
  if (!isStatusError(error)) throw error;
  const of = isMade ? 'the resource that was made by its schema (--sample FILE with one)' : 'its sample';
  return `the server refuses ${of}: ${withWords(error.message)}`;
}

function nothingIn(unprobed: readonly UnprobedKind[]): string {
  const told = unprobed.filter(({ why }) => why !== undefined).map(({ kind, why }) => `${kind}: ${why}`);
  return told.length === 0 ? 'nothing defines a kind, and there is no sample' : told.join('; ');
}
