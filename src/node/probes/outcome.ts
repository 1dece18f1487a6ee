/** What came of a probe, or of what a hook does. */
export interface Outcome {
  /** `warning` counts as success, and is told. */
  readonly result: 'success' | 'warning' | 'failure';
  /** What is told of it. */
  readonly output: string;
}

/** Success, of which there is nothing to tell. */
export const SUCCESS: Outcome = { result: 'success', output: '' };

/** Failure, and why. */
export function failure(output: string): Outcome {
  return { result: 'failure', output };
}
