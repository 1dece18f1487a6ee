import { compareIds, type ObjectId } from './manifest.ts';
import { compareForRemoval, STAGES, type Stage } from './order.ts';
import type { Readiness } from './readiness.ts';

/**
 * What became of an object, or in a plan would become of it.
 *
 * - `conflict`: others own fields that it states otherwise, and nothing decides that they lose them
 * - `skipped`: what it needs, its namespace or its definition, is not there because that failed
 * - `not applied`: its turn did not come
 * - `unknown`: it was sent, and no answer came
 */
export type ObjectAction =
  | 'created'
  | 'configured'
  | 'unchanged'
  | 'conflict'
  | 'failed'
  | 'skipped'
  | 'not applied'
  | 'unknown';

/** A field that an apply changes. Values are texts of JSON, masked if they are secret; undefined: not there. */
export interface FieldChange {
  readonly path: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** A field that another manager owns with another value. */
export interface ReportedConflict {
  readonly path: string;
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource: string | undefined;
  /** RFC 3339: the time of the other's entry. */
  readonly since: string | undefined;
  readonly live: string | undefined;
  readonly applied: string | undefined;
  readonly decision: 'fail' | 'yield' | 'share' | 'force';
  /** What decided: `--force-conflicts`, `policy FieldPolicy shop/replicas`; undefined: nothing. */
  readonly by: string | undefined;
}

/** What became of one object. */
export interface ObjectReport extends ObjectId {
  readonly apiVersion: string;
  /** The file and the document. */
  readonly place: string;
  readonly stage: Stage;
  readonly action: ObjectAction;
  /** Why it is so. */
  readonly reason?: string;
  readonly changes: readonly FieldChange[];
  readonly conflicts: readonly ReportedConflict[];
  readonly readiness?: Readiness & {
    /** Of its pods and events, if it is not ready. */
    readonly details?: readonly string[];
  };
}

/** What became of an object that belonged to the set and is not stated any more. */
export interface PrunedReport extends ObjectId {
  readonly action: 'pruned' | 'failed' | 'kept';
  readonly reason?: string;
}

/** How an apply ended, from the best to the worst. */
export type Outcome = 'planned' | 'applied' | 'not ready' | 'conflicts' | 'failed' | 'interrupted';

/** All that an apply did. */
export interface ApplyReport {
  readonly mode: 'apply' | 'plan';
  readonly manager: string;
  readonly outcome: Outcome;
  readonly applySet?: { readonly parent: string; readonly namespace: string; readonly id: string };
  /** In the order in which they were applied. */
  readonly objects: readonly ObjectReport[];
  readonly pruned: readonly PrunedReport[];
  /** What else is to be known, a sentence each. */
  readonly notes: readonly string[];
}

/** Sorts what came in any order, so that two runs of the same are told the same. */
export function ordered(report: ApplyReport): ApplyReport {
  const objects = [...report.objects].sort(
    (a, b) => STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage) || compareIds(a, b),
  );
  return { ...report, objects, pruned: [...report.pruned].sort(compareForRemoval), notes: [...report.notes].sort() };
}

/** How many objects have which outcome, in words: `2 created, 1 unchanged, 1 pruned`. */
export function countActions({ objects, pruned }: Pick<ApplyReport, 'objects' | 'pruned'>): string {
  const order: readonly ObjectAction[] = [
    'created',
    'configured',
    'unchanged',
    'conflict',
    'failed',
    'skipped',
    'unknown',
    'not applied',
  ];
  const counted = order.map((action): [string, number] => [
    action === 'conflict' ? 'in conflict' : action,
    objects.filter((object) => object.action === action).length,
  ]);
  const gone = pruned.filter(({ action }) => action === 'pruned').length;
  const texts = [...counted, ['pruned', gone] as const].filter(([, n]) => n > 0).map(([word, n]) => `${n} ${word}`);
  return texts.length === 0 ? 'nothing to do' : texts.join(', ');
}

/** The exit code of a program that ends with this: 0 success, 1 a negative finding, 2 an error. */
export function exitCodeOf({ outcome }: Pick<ApplyReport, 'outcome'>): 0 | 1 | 2 {
  if (outcome === 'planned' || outcome === 'applied') return 0;
  return outcome === 'conflicts' || outcome === 'not ready' ? 1 : 2;
}
