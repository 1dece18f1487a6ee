import type { PrivateText } from '../model/index.ts';
import type { PolicyKind } from './crds.ts';
import type { BackendObjectRef, ObjectRef } from './spec.ts';

/** What could not be had, and why. */
export interface Problem {
  readonly problem: true;
  /** Of the condition: as in `RefNotPermitted`. */
  readonly reason: string;
  readonly message: string;
}

/** What a policy refers to, for which namespaces and grants count. Answers are compared: equal ones must be equal values. */
export interface PolicyReferences {
  /** The name of the backend in the model, which is spoken to in HTTP unless gRPC is said; it counts as referred to from then on. */
  backend(ref: BackendObjectRef, from: PolicyOrigin, speech?: 'HTTP' | 'GRPC'): string | Problem;
  /** The name of a backend that is reached by name, with TLS whose certificate must be for it. */
  hostBackend(host: { readonly name: string; readonly port: number; readonly tls: boolean }): string;
  /** The data of a Secret, decoded. */
  secret(ref: ObjectRef, from: PolicyOrigin): ReadonlyMap<string, PrivateText> | Problem;
  /** A key of a ConfigMap. */
  configMapKey(ref: ObjectRef, key: string, from: PolicyOrigin): string | Problem;
}

/** Who refers. */
export interface PolicyOrigin {
  readonly kind: PolicyKind;
  readonly namespace: string;
  readonly name: string;
}

/** Whether there is a problem instead of what was asked for. */
export function isProblem(answer: unknown): answer is Problem {
  return typeof answer === 'object' && answer !== null && 'problem' in answer && answer.problem === true;
}

/** A problem of the policy itself. */
export function invalid(message: string): Problem {
  return { problem: true, reason: 'Invalid', message };
}

/** Gathers what is wrong with a policy, and answers of references. */
export class Findings {
  readonly problems: Problem[] = [];

  /** The answer; undefined where it is a problem, which is kept. */
  take<T>(answer: T | Problem): T | undefined {
    if (!isProblem(answer)) return answer as T;
    this.problems.push(answer);
    return undefined;
  }
}
