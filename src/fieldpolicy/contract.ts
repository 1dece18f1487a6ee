import type { KubeObject } from 'nekube/apimachinery';
import type { ManagerInfo } from 'nekube/managedfields';
import type { Decision, FieldPath } from 'nekube/smd';
import type { Why } from './why.ts';

/** What tells of an apply before it is known whether it is in conflict over anything. */
export interface ApplyTarget {
  readonly group: string;
  readonly kind: string;
  /** Empty for objects of no namespace. */
  readonly namespace: string;
  /** The part of the object that is applied to; `''` is the object itself. */
  readonly subresource: string;
  readonly manager: string;
}

/** An apply that is in conflict, as policies see it. */
export interface ContestedApply extends ApplyTarget {
  /** Who is authenticated; undefined where only the server knows that. */
  readonly user?: { readonly name: string; readonly groups: readonly string[] };
  /** The object before. */
  readonly live: KubeObject;
  /** The object if the apply took everything. @throws Error where it cannot be made */
  taken(): KubeObject;
  readonly now: Date;
}

/** A field in conflict, and who owns it. */
export interface ContestedField {
  readonly path: FieldPath;
  readonly owner: ManagerInfo;
  /** RFC 3339: when the owner's entry was last changed; undefined where the entry does not tell. */
  readonly time: string | undefined;
}

/** What a policy decides about one conflict. */
export interface PolicyVerdict {
  /** `Lease` has become one of these by the time; `ask` is for a person to become one. */
  readonly decision: Decision | 'ask';
  /** Which policy, as in `FieldPolicy shop/replicas` or `ClusterFieldPolicy replicas`. */
  readonly policy: string;
  /** Why it is `fail` though the policy says otherwise: it could not be evaluated, or a lease holds. */
  readonly reason?: string;
  /** The reason as data. */
  readonly why?: Why;
  /** How long an apply that asks waits for a person; of `ask` only. */
  readonly ttlSeconds?: number;
}

/** What one policy says about one conflict. */
export interface Explained {
  readonly policy: string;
  readonly priority: number;
  /** True for the first that matches. */
  readonly decides: boolean;
  /** What it decides, or would if none came before; undefined for a policy that is not about the conflict. */
  readonly verdict?: PolicyVerdict;
  /** Why it is not about the conflict: which part of it, and what that meets. */
  readonly because?: string;
}

/** Policies in force, compiled and in their order of precedence. */
export interface PolicySet {
  /** How many there are. */
  readonly size: number;
  /** False when no policy can be about an apply, whatever it is in conflict over: cheap, and asked of every apply. */
  concerns(target: ApplyTarget): boolean;
  /** One verdict for each conflict, in their order; undefined where no policy is about it. */
  decide(apply: ContestedApply, conflicts: readonly ContestedField[]): readonly (PolicyVerdict | undefined)[];
  /** True if a condition may ask for `taken`, for those who must make it beforehand. */
  needsTaken(apply: ContestedApply, conflicts: readonly ContestedField[]): boolean;
  /** What every policy says about each conflict, in their order of precedence. */
  explain(apply: ContestedApply, conflicts: readonly ContestedField[]): readonly (readonly Explained[])[];
}
