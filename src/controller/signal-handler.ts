/** The part of `process` that signals come from. */
export interface SignalSource {
  once(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  off(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  exit(code: number): unknown;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * A signal that is aborted by the first SIGTERM or SIGINT, for `manager.start(signalHandler())`. The second ends the process
 * at once, with code 1. Call it once in a program.
 */
export function signalHandler(source: SignalSource = process): AbortSignal {
  const abort = new AbortController();
  const second = (): unknown => source.exit(1);
  const first = (): void => {
    for (const name of SIGNALS) {
      source.off(name, first);
      source.once(name, second);
    }
    abort.abort(new DOMException('The process was told to end', 'AbortError'));
  };
  for (const name of SIGNALS) source.once(name, first);
  return abort.signal;
}
