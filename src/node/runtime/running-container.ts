import type { Writable } from 'node:stream';
import type { Exit } from '../pod/record.ts';

/** A container that was started, be it a process or not. */
export interface RunningContainer {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Of the first process; absent where there is none. */
  readonly pid?: number;
  /** Where the container takes input, if it asked for that. */
  readonly stdin?: Writable;
  /** Resolves when it has ended, and nothing of it is left. */
  readonly exited: Promise<Exit>;
  /** Sends a signal to its first process. */
  signal(name: string): void;
  /** Ends it at once, with all that it started. */
  kill(): void;
}
