/** Does one thing after the other, so that each begins with what the one before it has made of the board. */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve();

  /** Gives what `work` gives, which begins when all before it has ended, however it did. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}
