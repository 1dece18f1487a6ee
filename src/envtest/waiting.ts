import { setTimeout as realSleep } from 'node:timers/promises';
import { FakeClock } from 'nekube/client';
import type { TestClock } from './test-clock.ts';

/** How long and how often something is tried. */
export interface WaitOptions {
  /** By the clock of the environment. Default 5000 for `eventually`, 500 for `consistently`. */
  readonly timeoutMs?: number;
  /** Default 10. */
  readonly intervalMs?: number;
  /** What is waited for, for the message. */
  readonly what?: string;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

/** Under a fake clock real time passes too, as work on sockets and in timers of the machine needs some. */
const REAL_MS_PER_TRY = 1;

/**
 * Tries until it does not throw and does not give false, and gives what it gave. Under a fake clock, time passes between
 * two tries, so that what waits for time goes on.
 *
 * @throws Error after the time, with the last failure as its cause
 */
export async function eventually<T>(
  clock: TestClock,
  attempt: () => T | Promise<T>,
  { timeoutMs = 5000, intervalMs = 10, what, signal }: WaitOptions = {},
): Promise<Exclude<T, false>> {
  const began = clock.elapsed();
  for (let tries = 1; ; tries++) {
    signal?.throwIfAborted();
    const outcome = await outcomeOf(attempt);
    if (!('failure' in outcome)) return outcome.value as Exclude<T, false>;
    if (clock.elapsed() - began >= timeoutMs) {
      const name = what === undefined ? 'It did not come about' : `There was no ${what}`;
      const last = outcome.failure;
      throw new Error(`${name} within ${timeoutMs} ms (tried ${tries} times): ${textOf(last)}`, { cause: last });
    }
    await pass(clock, intervalMs);
  }
}

/**
 * Tries again and again for a time, in which it must neither throw nor give false; gives what it gave last.
 *
 * @throws Error at the first failure, which is its cause
 */
export async function consistently<T>(
  clock: TestClock,
  attempt: () => T | Promise<T>,
  { timeoutMs = 500, intervalMs = 10, what, signal }: WaitOptions = {},
): Promise<T> {
  const began = clock.elapsed();
  for (;;) {
    signal?.throwIfAborted();
    const outcome = await outcomeOf(attempt);
    const at = Math.round(clock.elapsed() - began);
    if ('failure' in outcome) {
      const last = outcome.failure;
      throw new Error(`${what ?? 'It'} did not last: after ${at} of ${timeoutMs} ms: ${textOf(last)}`, { cause: last });
    }
    if (at >= timeoutMs) return outcome.value;
    await pass(clock, intervalMs);
  }
}

async function outcomeOf<T>(
  attempt: () => T | Promise<T>,
): Promise<{ readonly value: T } | { readonly failure: unknown }> {
  try {
    const value = await attempt();
    return value === false ? { failure: new Error('it gave false') } : { value };
  } catch (failure) {
    return { failure };
  }
}

async function pass(clock: TestClock, ms: number): Promise<void> {
  await clock.advance(ms);
  if (clock instanceof FakeClock) await realSleep(REAL_MS_PER_TRY);
}

function textOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
