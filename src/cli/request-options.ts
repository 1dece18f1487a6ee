import type { ServerOptions } from 'nekube/apiserver';
import type { RequestFlags } from './request-flags.ts';

/** What the flags that bound requests say to the server. */
export function requestOptions(
  flags: RequestFlags,
): Pick<ServerOptions, 'inFlight' | 'priorityAndFairness' | 'requestTimeoutMs'> {
  return {
    inFlight: { reading: flags.maxRequestsInflight, mutating: flags.maxMutatingRequestsInflight },
    priorityAndFairness: flags.enablePriorityAndFairness,
    requestTimeoutMs: flags.requestTimeout,
  };
}
