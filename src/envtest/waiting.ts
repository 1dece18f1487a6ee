import { setTimeout as realSleep } from 'node:timers/promises';
import { FakeClock } from 'nekube/client';
import type { TestClock } from './test-clock.ts';

/** How long and how often something is tried. */
export interface WaitOptions {
  /** By the clock of the environment. Default 500 for `consistently`, and for `eventually` what `patienceOf` gives: 5000. */
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

const PATIENCE_MS = 5000;

/**
 * How long is waited where a test does not say it, in milliseconds: `NEKUBE_TEST_PATIENCE_MS`, by which a machine that is slow or
 * shared has more; else 5000. A test that passes takes no longer by it.
 *
 * @throws RangeError it is no number above zero
 */
export function patienceOf(env: NodeJS.ProcessEnv = process.env): number {
  const said = env['NEKUBE_TEST_PATIENCE_MS'] || PATIENCE_MS;
  const patience = Number(said);
  if (Number.isFinite(patience) && patience > 0) return patience;
  throw new RangeError(
    `NEKUBE_TEST_PATIENCE_MS is ${JSON.stringify(said)}: it must be a number of milliseconds, as ${PATIENCE_MS}`,
  );
}

/**
 * Tries until it does not throw and does not give false, and gives what it gave. Under a fake clock, time passes between
 * two tries, so that what waits for time goes on; an attempt that never settles ends with the time here as well, by the
 * machine's clock.
 *
 * @throws Error after the time, with the last failure as its cause
 */
export async function eventually<T>(
  clock: TestClock,
  attempt: () => T | Promise<T>,
  { timeoutMs = patienceOf(), intervalMs = 10, what, signal }: WaitOptions = {},
): Promise<Exclude<T, false>> {
  const began = clock.elapsed();
  let failed: unknown;
  for (let tries = 1; ; tries++) {
    signal?.throwIfAborted();
    const left = clock instanceof FakeClock ? timeoutMs : timeoutMs - (clock.elapsed() - began);
    const outcome = await outcomeOf(attempt, left, signal);
    if ('value' in outcome) return outcome.value as Exclude<T, false>;
    if ('unsettled' in outcome || clock.elapsed() - began >= timeoutMs) {
      const name = what === undefined ? 'It did not come about' : `There was no ${what}`;
      const why = 'unsettled' in outcome ? unsettledText(clock, failed) : textOf(outcome.failure);
      const cause = 'unsettled' in outcome ? failed : outcome.failure;
      throw new Error(`${name} within ${timeoutMs} ms (tried ${tries} times): ${why}`, { cause });
    }
    failed = outcome.failure;
    await pass(clock, intervalMs);
  }
}

/**
 * Tries again and again for a time, in which it must neither throw nor give false; gives what it gave last.
 *
 * @throws Error at the first failure, which is its cause, and for an attempt that does not settle in the time of `patienceOf`
 */
export async function consistently<T>(
  clock: TestClock,
  attempt: () => T | Promise<T>,
  { timeoutMs = 500, intervalMs = 10, what, signal }: WaitOptions = {},
): Promise<T> {
  const began = clock.elapsed();
  for (;;) {
    signal?.throwIfAborted();
    // its own time says nothing of how long one attempt may take, and may be short
    const outcome = await outcomeOf(attempt, patienceOf(), signal);
    const at = Math.round(clock.elapsed() - began);
    if (!('value' in outcome)) {
      const cause = 'unsettled' in outcome ? undefined : outcome.failure;
      const why = 'unsettled' in outcome ? unsettledText(clock) : textOf(cause);
      throw new Error(`${what ?? 'It'} did not last: after ${at} of ${timeoutMs} ms: ${why}`, { cause });
    }
    if (at >= timeoutMs) return outcome.value;
    await pass(clock, intervalMs);
  }
}

/** What came of one attempt. */
type Outcome<T> = { readonly value: T } | { readonly failure: unknown } | { readonly unsettled: true };

/**
 * Tries once, for so many milliseconds of the machine's clock: a fake one stands still meanwhile.
 *
 * @throws what the signal is aborted with
 */
async function outcomeOf<T>(
  attempt: () => T | Promise<T>,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<Outcome<T>> {
  const over = new AbortController();
  const until = AbortSignal.any([over.signal, ...(signal ? [signal] : [])]);
  const limit = realSleep(Math.max(0, limitMs), { unsettled: true } as const, { signal: until });
  try {
    return await Promise.race([settled(attempt), limit]);
  } catch {
    throw signal?.reason;
  } finally {
    over.abort();
    limit.catch(() => {});
  }
}

async function settled<T>(attempt: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    const value = await attempt();
    return value === false ? { failure: new Error('it gave false') } : { value };
  } catch (failure) {
    return { failure };
  }
}

function unsettledText(clock: TestClock, failed?: unknown): string {
  const hint = clock instanceof FakeClock ? '; while it is under way no time passes by the fake clock' : '';
  const before = failed === undefined ? '' : `; the one before failed: ${textOf(failed)}`;
  return `the attempt did not settle${hint}${before}`;
}

async function pass(clock: TestClock, ms: number): Promise<void> {
  await clock.advance(ms);
  if (clock instanceof FakeClock) await realSleep(REAL_MS_PER_TRY);
}

function textOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
