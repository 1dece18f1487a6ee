import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { ManifestError } from 'nekube/envtest';
import { type Operator, OperatorFailure } from '../observe/operator.ts';
import { LONGEST_MS } from '../observe/session.ts';
import { BUDGET_MS, Deadline } from './deadline.ts';
import type { KindsOptions, KindsResult, ProbedKind, UnprobedKind } from './kinds-result.ts';
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
 * A kind that it begins to watch only when there is a resource of another is probed after that one, beside such a resource. One that it never watches is told among
 * those that were not probed, as long as there is another.
 *
 * @throws OperatorFailure it does not start, or ends by itself, with each kind; ManifestError for what cannot be installed
 */
export async function auditKinds(operator: Operator, options: KindsOptions): Promise<KindsResult> {
  const { budgetMs = BUDGET_MS, longestMs = LONGEST_MS, signal } = options;
  const deadline = new Deadline(budgetMs, signal);
  const surveyMs = budgetMs / SURVEY_PART;
  const patience = { startMs: surveyMs, ...options, longestMs: Math.min(longestMs, surveyMs) };
  try {
    const plan = await deadline.untilAtRest(planKinds(operator, { ...patience, signal: deadline.signal }));
    return await auditPlanned(operator, options, plan, deadline);
  } finally {
    deadline.cancel();
  }
}

/** The same with kinds that are known. @throws as {@link auditKinds} */
export async function auditPlanned(
  operator: Operator,
  options: KindsOptions,
  { probe, later, leave }: KindsPlan,
  deadline: Deadline,
): Promise<KindsResult> {
  const { budgetMs: allMs = BUDGET_MS } = options;
  const kinds: ProbedKind[] = [];
  let unprobed: readonly UnprobedKind[] = leave;
  const queue = [...probe];
  const isOne = probe.length === 1 && later.length === 0;
  let failure: unknown;
  for (const [i, planned] of queue.entries()) {
    const others = [...probe, ...later].map(({ kind }) => kind).filter((kind) => kind !== planned.kind);
    const budgetMs = isOne ? allMs : Math.floor(deadline.leftMs / (queue.length - i));
    const notReached = (why: string): void => {
      unprobed = [...unprobed, { kind: planned.kind, isAskedFor: true, why }];
    };
    if (i > 0 && (deadline.isOver || budgetMs < LEAST_MS)) {
      notReached(deadline.why);
      continue;
    }
    try {
      const done = await probed(operator, { ...options, budgetMs }, planned, others);
      kinds.push(done);
      const watched = kindsWatched(done.result.trail, operator.user.name);
      const begun = later.filter(({ kind }) => watched.has(kind) && queue.every((one) => one.kind !== kind));
      queue.push(...begun.map((one) => ({ ...one, beside: withoutPlace(done.sample) })));
      unprobed = unprobed.filter(({ kind }) => begun.every((one) => one.kind !== kind));
    } catch (error) {
      // with one kind alone there is nothing else to tell
      if (queue.length === 1) throw error;
      failure ??= error;
      notReached(reasonOf(error, planned, deadline));
    }
  }
  const [first] = kinds;
  if (first === undefined) throw failure ?? new OperatorFailure(`The operator was not probed: ${nothingIn(unprobed)}`);
  const results = kinds.map(({ result }) => result);
  return {
    kinds,
    unprobed,
    denied: [...new Set(results.flatMap(({ denied }) => denied))],
    clusterRoles: first.result.clusterRoles,
    ...rightsUsed(
      results.map(({ trail }) => trail),
      operator.user.name,
    ),
  };
}

/** Probes a kind; if the server refuses a sample that was made with all that the schema allows, with what must be alone. */
async function probed(
  operator: Operator,
  options: KindsOptions,
  planned: PlannedKind,
  others: readonly string[],
): Promise<ProbedKind> {
  const { least, ...asPlanned } = planned;
  const { budgetMs = BUDGET_MS } = options;
  const began = performance.now();
  try {
    return await probedWith(operator, options, asPlanned, others);
  } catch (error) {
    if (least === undefined || !isStatusError(error)) throw error;
    const left = Math.max(0, Math.floor(budgetMs - (performance.now() - began)));
    return probedWith(operator, { ...options, budgetMs: left }, { ...asPlanned, sample: least }, others);
  }
}

async function probedWith(
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
    alsoProbed: others,
    onProgress: tell,
  });
  return { ...planned, result, tookMs: Math.round(performance.now() - began) };
}

/** A resource that may be made where its namespace is not. */
function withoutPlace({ metadata: { namespace: _, ...metadata }, ...rest }: KubeObject): KubeObject {
  return { ...rest, metadata };
}

/** Why a kind was not probed, as a sentence. @throws what is nobody's answer but a mistake */
function reasonOf(error: unknown, { isMade, beside }: PlannedKind, deadline: Deadline): string {
  if (deadline.signal.aborted) return deadline.why;
  if (error instanceof OperatorFailure) return error.message;
  if (beside !== undefined && error instanceof ManifestError)
    return `it watches it beside a ${beside.kind} alone, and that cannot be made: ${error.message}`;
  if (!isStatusError(error)) throw error;
  const of = isMade ? 'the resource that was made by its schema (--sample FILE with one)' : 'its sample';
  return `the server refuses ${of}: ${error.message}`;
}

function nothingIn(unprobed: readonly UnprobedKind[]): string {
  const told = unprobed.filter(({ why }) => why !== undefined).map(({ kind, why }) => `${kind}: ${why}`);
  return told.length === 0 ? 'nothing defines a kind, and there is no sample' : told.join('; ');
}
