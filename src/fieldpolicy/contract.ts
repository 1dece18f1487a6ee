import type { KubeObject } from 'nekube/apimachinery';
import type { ManagerInfo } from 'nekube/managedfields';
import type { Decision, FieldPath } from 'nekube/smd';
import type { FieldPolicy } from './types.ts';

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
  /** Why it is `fail` though the policy says otherwise: it could not be evaluated. */
  readonly reason?: string;
  /** How long an apply that asks waits for a person; of `ask` only. */
  readonly ttlSeconds?: number;
}

/** Policies in force, compiled and in their order of precedence. */
export interface PolicySet {
  /** False when no policy can be about an apply, whatever it is in conflict over: cheap, and asked of every apply. */
  concerns(target: ApplyTarget): boolean;
  /** One verdict for each conflict, in their order; undefined where no policy is about it. */
  decide(apply: ContestedApply, conflicts: readonly ContestedField[]): readonly (PolicyVerdict | undefined)[];
}

/** Makes a set of policies; each is compiled once, however often it is in a set. */
export type CompilePolicies = (policies: readonly FieldPolicy[]) => PolicySet;
