import type { KubeObject } from 'nekube/apimachinery';
import type { NeededTime } from './needed-time.ts';
import type { RightsUsed } from './rights-used.ts';
import type { AuditOptions, AuditResult } from './audit-result.ts';

/** What an audit of all kinds of an operator needs; `budgetMs` is for all of them together. */
export interface KindsOptions extends Omit<AuditOptions, 'sample' | 'alsoProbed'> {
  /** Resources that it works on; of several of a kind the first. What has none gets one by its schema. */
  readonly samples: readonly KubeObject[];
  /** These alone, as in `shops.shop.example`, whether it watches them or not; absent: all that are defined or have a sample, and that it watches. */
  readonly kinds?: readonly string[];
  /** Gets, when it is known which kinds are probed, how long all that is tried probably takes, whatever the budget. */
  readonly onPlan?: (needed: NeededTime) => void;
}

/** A kind that an operator was probed with, and what came of it. */
export interface ProbedKind {
  /** As in `shops.shop.example`. */
  readonly kind: string;
  /** The resource that was made again and again. */
  readonly sample: KubeObject;
  /** The sample was made by the schema. */
  readonly isMade: boolean;
  /** A resource of another kind that is there meanwhile, since the operator watches this one only then. */
  readonly beside?: KubeObject;
  readonly tookMs: number;
  readonly result: AuditResult;
}

/** A kind that an operator was not probed with. */
export interface UnprobedKind {
  readonly kind: string;
  /** Whether the operator asked for any of it. */
  readonly isAskedFor: boolean;
  /** What came between; absent: nobody wanted it. */
  readonly why?: string;
  /** It was for want of time. */
  readonly isCutOff?: boolean;
}

/** What came out of an audit of all kinds, each on a control plane of its own. */
export interface KindsResult extends RightsUsed, Pick<AuditResult, 'denied' | 'clusterRoles'> {
  /** At least one, in the order in which they were probed. */
  readonly kinds: readonly ProbedKind[];
  readonly unprobed: readonly UnprobedKind[];
  /** How long all that is tried was thought to take; absent: the kinds were given by an earlier run. */
  readonly needed?: NeededTime;
}
