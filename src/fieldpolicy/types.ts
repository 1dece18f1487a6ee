import type { KubeObject, LabelSelectorObject } from 'nekube/apimachinery';

/** The API of policies. */
export const API_VERSION = 'ownership.nekube.dev/v1alpha1';

/** What policies can decide, the strictest first: of policies that are equal otherwise, the stricter is asked first. */
export const DECISIONS = ['Fail', 'Ask', 'Yield', 'Lease', 'Share', 'Force'] as const;

/** What a policy decides; `Lease` and `Ask` become one of the others, by the time or by a person. */
export type PolicyDecision = (typeof DECISIONS)[number];

/** A FieldPolicy, for its namespace, or a ClusterFieldPolicy, for all. */
export interface FieldPolicy extends KubeObject {
  readonly kind: 'FieldPolicy' | 'ClusterFieldPolicy';
  readonly spec: FieldPolicySpec;
  readonly status?: PolicyStatus;
}

/** A condition, as all objects of Kubernetes have them. */
export interface PolicyCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

/** What the server that heeds a policy says about it. */
export interface PolicyStatus {
  /** `Accepted`: false with reason `Malformed` if it cannot be evaluated and decides fail for what it may be about. */
  readonly conditions?: readonly PolicyCondition[];
  /** What it has decided so far: one for each decision. */
  readonly decisions?: readonly DecisionCount[];
}

/** How often a policy has decided something for a field in conflict; dry runs do not count. */
export interface DecisionCount {
  readonly decision: 'Fail' | 'Ask' | 'Yield' | 'Share' | 'Force';
  /** Fields. */
  readonly count: number;
  readonly lastTime: string;
}

/** Which conflicts, and what becomes of them. */
export interface FieldPolicySpec {
  /** The highest that matches decides; default 0. */
  readonly priority?: number;
  readonly match: PolicyMatch;
  /**
   * CEL; absent: true. `self` is the object if the apply took everything, `oldSelf` the live object, `path` the field in
   * conflict, `manager` who applies, `other.name`, `.operation`, `.subresource` who owns it, `user.name`, `.groups`.
   */
  readonly condition?: string;
  readonly decision: PolicyDecision;
  /** For `Lease`. */
  readonly lease?: { readonly durationSeconds: number; readonly whileHeld?: 'Yield' | 'Fail' };
  /** For `Ask`. */
  readonly ask?: { readonly ttlSeconds?: number };
}

/** All that is stated must hold; lists hold if one of their entries does. Names may have `*` for any text. */
export interface PolicyMatch {
  /** Kinds of objects. */
  readonly resources: readonly { readonly group: string; readonly kinds: readonly string[] }[];
  /** Of a ClusterFieldPolicy only. */
  readonly namespaces?: readonly string[];
  readonly labelSelector?: LabelSelectorObject;
  /** Patterns of paths; what is below a path that matches, matches too. Absent: all fields. */
  readonly fields?: readonly string[];
  /** Who applies. */
  readonly managers?: readonly string[];
  /** Who owns the field. */
  readonly otherManagers?: readonly OtherManager[];
  /** The age of the other's claim, by the time of its entry. */
  readonly claimAge?: { readonly atLeastSeconds?: number; readonly atMostSeconds?: number };
  /** The part of the object that is applied to; `''` is the object itself. Absent: any. */
  readonly subresources?: readonly string[];
  /** Who is authenticated, not which manager they name. */
  readonly users?: readonly string[];
  readonly groups?: readonly string[];
  /** When the apply happens. */
  readonly window?: CalendarWindow;
}

/** Managers that own a field in conflict. */
export interface OtherManager {
  readonly name: string;
  readonly operation?: 'Apply' | 'Update';
  readonly subresource?: string;
}

/** Hours of days of the week. */
export interface CalendarWindow {
  /** IANA name; default UTC. */
  readonly timeZone?: string;
  /** Absent: every day. The day on which the window begins. */
  readonly days?: readonly ('Mon' | 'Tue' | 'Wed' | 'Thu' | 'Fri' | 'Sat' | 'Sun')[];
  /** `HH:MM`, included; default 00:00. */
  readonly from?: string;
  /** `HH:MM`, excluded; before `from`: on the next day; default 24:00. */
  readonly to?: string;
}

/** An apply that waits for a person to decide its conflicts. */
export interface ApplyConflict extends KubeObject {
  readonly kind: 'ApplyConflict';
  readonly spec: ApplyConflictSpec;
}

/** What was applied, what is in conflict, and what was decided. */
export interface ApplyConflictSpec {
  readonly objectRef: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly uid: string;
    readonly subresource?: string;
  };
  readonly manager: string;
  readonly user?: string;
  /** The policy that asks. */
  readonly policy: string;
  /** The applied configuration, as JSON. */
  readonly configuration: string;
  readonly conflicts: readonly {
    readonly path: string;
    readonly manager: string;
    readonly live?: string;
    readonly applied?: string;
  }[];
  readonly expirationTime: string;
  /** By path; a person's. */
  readonly decisions?: readonly { readonly path: string; readonly decision: 'Force' | 'Fail' | 'Share' | 'Yield' }[];
}
