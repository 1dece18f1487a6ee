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

/**
 * How long a message may be. Definitions take 32,768 characters, and refuse a whole status for one that is longer; an object has
 * several, and all of it must fit in what storages take.
 */
const MOST_CHARACTERS = 8192;

/** Makes the condition of a verdict on an object of this generation. */
export function condition(type: string, verdict: Verdict, generation: number | undefined): Condition {
  const { status, reason } = verdict;
  const message = shortened(verdict.message);
  return generation === undefined
    ? { type, status, reason, message }
    : { type, status, reason, message, observedGeneration: generation };
}

/** A verdict that all is well; its reason is mostly the condition's own type. */
export function yes(reason: string, message: string): Verdict {
  return { status: 'True', reason, message };
}

/** A verdict that it is not, and what to do. */
export function no(reason: string, message: string): Verdict {
  return { status: 'False', reason, message };
}

/** Its beginning, with how much there is beyond. */
function shortened(message: string): string {
  if (message.length <= MOST_CHARACTERS) return message;
  // half of a character is none
  const kept = message.slice(0, MOST_CHARACTERS - 60).replace(/[\ud800-\udbff]$/, '');
  return `${kept}… and ${message.length - kept.length} characters more: mend these first`;
}
