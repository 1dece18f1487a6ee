import type { KubeObject } from 'nekube/apimachinery';
import type { Configuration } from '../field-conflicts.ts';
import type { ReportedConflict } from './report.ts';

/** What an apply would do, as far as can be told before. */
export interface Outlook {
  /** Undefined: it is not there. */
  readonly live: KubeObject | undefined;
  /** What the object would be; undefined where that can only be told when it is written. */
  readonly result: KubeObject | undefined;
  readonly conflicts: readonly ReportedConflict[];
  /** True: all that keeps it from being written is for a person to decide, whom a policy wants to be asked. */
  readonly asks?: boolean;
}

/** How a configuration gets into the cluster: conflicts are found, decided, and what was decided is written. */
export interface ObjectWriter {
  /** Writes nothing. @throws StatusError, ConnectionError */
  look(configuration: Configuration, signal: AbortSignal): Promise<Outlook>;
  /**
   * Sends an apply that is to be refused as it is, for a server that keeps it until a person has decided.
   *
   * @returns what came of it, as the rest of a sentence
   * @throws StatusError, ConnectionError
   */
  ask(configuration: Configuration, live: KubeObject, signal: AbortSignal): Promise<string>;
  /**
   * Writes it, unless there are conflicts that nothing decides, which may have come about since.
   *
   * @throws StatusError, ConnectionError
   */
  write(configuration: Configuration, signal: AbortSignal): Promise<Written>;
}

/** What was written, or why it was not. */
export type Written = { readonly object: KubeObject } | { readonly refused: readonly ReportedConflict[] };

/** Whether conflicts keep an apply from being written. */
export function isRefused(conflicts: readonly ReportedConflict[]): boolean {
  return conflicts.some(({ decision }) => decision === 'fail');
}
