import type { Client } from './client.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import { isNoMatchError } from './errors.ts';
import type { Kind } from './kinds.ts';

const AGAIN_MS = 50;

/**
 * Waits until a kind is served, as one whose definition has just been made.
 *
 * @param options `longestMs`: when it is given up (a minute)
 * @throws NoMatchError: it is not served by then
 */
export async function untilServed(
  client: Pick<Client, 'served'>,
  kind: Kind,
  {
    clock = systemClock,
    longestMs = 60_000,
    signal,
  }: { readonly clock?: Clock; readonly longestMs?: number; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const deadline = clock.elapsed() + longestMs;
  for (;;) {
    try {
      await client.served(kind);
      return;
    } catch (error) {
      if (!isNoMatchError(error) || clock.elapsed() > deadline) throw error;
      await sleep(AGAIN_MS, clock, signal);
    }
  }
}
