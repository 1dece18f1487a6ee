/** A condition of an object's status, without the time of its last transition, which who writes it knows. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  /** The generation of the object that was judged; absent where it has none. */
  readonly observedGeneration?: number;
}

/** What a condition says beside its type. */
export interface Verdict {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** Makes the condition of a verdict on an object of this generation. */
export function condition(type: string, verdict: Verdict, generation: number | undefined): Condition {
  const { status, reason, message } = verdict;
  return { type, status, reason, message, ...(generation === undefined ? {} : { observedGeneration: generation }) };
}

/** A verdict that all is well; its reason is mostly the condition's own type. */
export function yes(reason: string, message: string): Verdict {
  return { status: 'True', reason, message };
}

/** A verdict that it is not, and what to do. */
export function no(reason: string, message: string): Verdict {
  return { status: 'False', reason, message };
}
