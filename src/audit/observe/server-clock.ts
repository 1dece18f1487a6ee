import { FakeClock, systemClock } from 'nekube/client';

/** The time of a control plane: the machine's, or so much earlier that what is made now counts as old for who reads the machine's. */
export class ServerClock extends FakeClock {
  #behindMs = 0;

  /** Sets the time of day so much behind the machine's; 0: they are the same again. */
  stayBehind(ms: number): void {
    this.#behindMs = ms;
  }

  override now(): number {
    return systemClock.now() - this.#behindMs;
  }

  override elapsed(): number {
    return systemClock.elapsed();
  }

  override after(ms: number, call: () => void): () => void {
    return systemClock.after(ms, call);
  }
}
