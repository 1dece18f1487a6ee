import { setMaxListeners } from 'node:events';
import { errorText, isStatusError } from 'nekube/apimachinery';
import type { Client, Clock } from 'nekube/client';
import type { ApplySetChoice } from './applyset-session.ts';
import type { WaitingFor } from './await-ready.ts';
import type { ObjectWriter } from './object-writer.ts';
import { retrying } from './retry.ts';

/** How long a request that is on its way is waited for after somebody asked to end. */
const GRACE_MS = 500;

/** What an apply is told. */
export interface ApplyRunOptions {
  readonly manager: string;
  readonly writer: ObjectWriter;
  /** `plan`: nothing is written. */
  readonly mode: 'apply' | 'plan';
  /** What is labelled as members of this set, and what of it is not stated any more is removed. */
  readonly applySet?: ApplySetChoice;
  /** Waits until all is ready; a set is pruned only then. */
  readonly wait?: { readonly timeoutMs: number };
  /** So many requests at the same time. */
  readonly parallel: number;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Aborted: no other object is begun; the report says what was done and what not. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** How far it is. */
export interface Progress {
  readonly phase: 'looking' | 'applying' | 'waiting' | 'pruning';
  readonly done: number;
  readonly total: number;
  readonly waiting?: readonly WaitingFor[];
}

/** What all phases of a run have. */
export interface RunContext extends ApplyRunOptions {
  readonly client: Client;
  /** Aborted a while after `signal`: gives up what is on its way. */
  readonly hardSignal: AbortSignal;
  readonly notes: string[];
  /** Does what may be done twice until it is done. */
  retrying<T>(attempt: () => Promise<T>): Promise<T>;
}

/** The context of a run, and what ends it. */
export function newContext(client: Client, options: ApplyRunOptions): { context: RunContext; dispose: () => void } {
  const { clock, random, signal } = options;
  const hard = new AbortController();
  // as many requests as are on their way at once hear of it, and waits for other attempts of the other
  setMaxListeners(0, hard.signal, signal);
  let cancel = (): void => {};
  const begin = (): void => {
    cancel = clock.after(GRACE_MS, () => hard.abort(new Error('the answer was not waited for')));
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  const context: RunContext = {
    ...options,
    client,
    hardSignal: hard.signal,
    notes: [],
    retrying: (attempt) => retrying(attempt, { clock, random, signal }),
  };
  const dispose = (): void => {
    signal.removeEventListener('abort', begin);
    cancel();
  };
  return { context, dispose };
}

/** What went wrong, in one line, with the fields that the server names. */
export function failureText(error: unknown): string {
  const text = isStatusError(error) ? error.message : errorText(error);
  return text.replaceAll(/\s*\n\s*/g, ' ');
}
