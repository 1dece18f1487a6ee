/**
 * A signal that is aborted with another, and at the latest after so many milliseconds, with a `TimeoutError`.
 *
 * Not `AbortSignal.any` of a timeout alone: Node 20 forgets a timeout that nobody else knows at its next collection of garbage,
 * and what was to end by it goes on for ever. The timeout does not keep the process from ending.
 */
export function signalWithin(signal: AbortSignal, ms: number): AbortSignal {
  const late = AbortSignal.timeout(ms);
  // who is listened to is remembered
  late.addEventListener('abort', () => {}, { once: true });
  return AbortSignal.any([signal, late]);
}
