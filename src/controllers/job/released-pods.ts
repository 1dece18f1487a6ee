/** The pods of Jobs whose finalizer was removed while the cache still shows it: they must not be counted again. By UIDs. */
export class ReleasedPods {
  readonly #byJob = new Map<string, Set<string>>();

  /** The finalizers of these pods go. */
  expect(job: string, pods: readonly string[]): void {
    const known = this.#byJob.get(job) ?? new Set();
    for (const pod of pods) known.add(pod);
    this.#byJob.set(job, known);
  }

  /** The cache shows it, or it did not go. */
  observed(job: string, pod: string): void {
    const known = this.#byJob.get(job);
    known?.delete(pod);
    if (known?.size === 0) this.#byJob.delete(job);
  }

  /** The pods of a Job whose finalizers went unseen. */
  of(job: string): ReadonlySet<string> {
    return this.#byJob.get(job) ?? NONE;
  }

  /** The Job is gone. */
  forget(job: string): void {
    this.#byJob.delete(job);
  }
}

const NONE: ReadonlySet<string> = new Set();
