/** At most so many seconds are asked for. */
const MAX_SECONDS = 32;

/**
 * How long rejected clients are asked to stay away from a priority level: doubled when many were rejected lately, and
 * one second less when few were, as kube-apiserver does it.
 */
export class RetryAfter {
  #seconds = 1;
  #raisedAt = 0;
  #second = 0;
  #count = 0;
  #history: { readonly second: number; readonly count: number }[] = [];

  /** Takes notice of a rejection, and says what to tell the client. @param now in milliseconds */
  reject(now: number): number {
    const second = Math.floor(now / 1000);
    if (second === this.#second) {
      this.#count++;
      return this.#seconds;
    }
    this.#history.push({ second: this.#second, count: this.#count });
    const reach = Math.min(2 * this.#seconds, MAX_SECONDS);
    this.#history = this.#history.filter((entry) => this.#second - entry.second <= reach);
    this.#second = second;
    this.#count = 1;
    this.#adjust(second);
    return this.#seconds;
  }

  #adjust(now: number): void {
    const seconds = this.#seconds;
    const recent = this.#history.filter(({ second }) => now - second <= seconds && second < now);
    const rejected = recent.reduce((sum, { count }) => sum + count, 0);
    if (now - this.#raisedAt >= seconds && rejected >= 3 * seconds) {
      this.#seconds = Math.min(2 * seconds, MAX_SECONDS);
      this.#raisedAt = now;
    } else if (rejected < seconds && seconds > 1) this.#seconds--;
  }
}
