import type { Writable } from 'node:stream';
import type { CommandLine } from 'nekube/nodeserver';
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
  /** How a command is run beside it, with its variables and folder; absent where there is no process. */
  readonly beside?: (argv: readonly string[]) => CommandLine;
  /** Sends a signal to its first process. */
  signal(name: string): void;
  /** Ends it at once, with all that it started. */
  kill(): void;
}
