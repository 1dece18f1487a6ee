/** The values of `status` that the repository knows (keps/NNNN-kep-template). */
export const STATUSES = [
  'provisional',
  'implementable',
  'implemented',
  'deferred',
  'rejected',
  'withdrawn',
  'replaced',
] as const;
/** What became of a proposal. */
export type KepStatus = (typeof STATUSES)[number];

/** The values of `stage`, in the order in which a feature has them; the last three are of features that are taken away. */
export const STAGES = ['alpha', 'beta', 'stable', 'deprecated', 'disabled', 'removed'] as const;
/** How mature a feature is, or how far it is taken away. */
export type Stage = (typeof STAGES)[number];

/** A gate that turns a feature on. */
export interface FeatureGate {
  readonly name: string;
  readonly components: readonly string[];
}

/** What `see-also`, `replaces` and `superseded-by` name. */
export interface Reference {
  /** As it was written. */
  readonly text: string;
  /** The KEP that is meant, by its {@link Kep.name}; absent: none of this checkout. */
  readonly kep?: string;
  /** A page elsewhere that is meant. */
  readonly url?: string;
  /** It names something of the repository that is not there. */
  readonly isDangling?: boolean;
}

/** Who answers for the production readiness of a stage. */
export interface ReadinessApprover {
  readonly stage: Stage;
  readonly approver: string;
}

/**
 * A Kubernetes Enhancement Proposal, as its kep.yaml describes it (github.com/kubernetes/enhancements).
 *
 * What cannot be read as it is meant is absent here, and its text is in `written`: nothing is guessed, nothing is lost.
 */
export interface Kep {
  /** The name of its folder, in the form of an object's name: `127-user-namespaces`. One of a kind. */
  readonly name: string;
  /** Its folder, from the root of the checkout: `keps/sig-node/127-user-namespaces`. */
  readonly path: string;
  /** The number of the issue it is tracked by; 0 where it never got one; absent where it is no number. */
  readonly number?: number;
  readonly title: string;
  readonly owningSig: string;
  readonly participatingSigs: readonly string[];
  readonly status?: KepStatus;
  readonly stage?: Stage;
  /** Logins with `@`, or names. */
  readonly authors: readonly string[];
  readonly reviewers: readonly string[];
  readonly approvers: readonly string[];
  readonly editor?: string;
  /** By stage, as keps/prod-readiness says. */
  readonly readinessApprovers: readonly ReadinessApprover[];
  /** `2021-11-02`. */
  readonly created?: string;
  readonly updated?: string;
  /** `v1.36`. */
  readonly latestMilestone?: string;
  /** In which release each stage was reached, or shall be. */
  readonly milestones: Readonly<Partial<Record<Stage, string>>>;
  readonly featureGates: readonly FeatureGate[];
  readonly disableSupported?: boolean;
  readonly metrics: readonly string[];
  readonly seeAlso: readonly Reference[];
  readonly replaces: readonly Reference[];
  readonly supersededBy: readonly Reference[];
  /** What was written where a value is not of those that are known, by field: `{status: 'imlpemented'}`. */
  readonly written: Readonly<Record<string, string>>;
  /** Its text, from the root of the checkout; absent: it has none. */
  readonly readme?: string;
}

/** The status of a KEP as it is filtered and counted by: `invalid` where it is none that is known. */
export function statusName({ status }: Pick<Kep, 'status'>): KepStatus | 'invalid' {
  return status ?? 'invalid';
}

/** The same of its stage: `none` where it has none. */
export function stageName({ stage, written }: Pick<Kep, 'stage' | 'written'>): Stage | 'none' | 'invalid' {
  return stage ?? (written['stage'] === undefined ? 'none' : 'invalid');
}
