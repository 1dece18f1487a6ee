import type { Message } from 'nekube/xds';
import type { Forward, Retry } from '../../../model/index.ts';
import { duration } from '../messages.ts';

type RetryPolicy = Message<'envoy.config.route.v3.RetryPolicy'>;

/** Another endpoint is looked for first: the one that failed may fail again. */
const OTHER_HOST = {
  retry_host_predicate: [
    {
      name: 'envoy.retry_host_predicates.previous_hosts',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate',
      },
    },
  ],
  host_selection_retry_max_attempts: 10,
} satisfies RetryPolicy;

const UNSEEN = 'connect-failure,refused-stream';

/**
 * When a request is tried again of which nothing is said: when no endpoint has seen it, since then nothing can happen twice, and
 * an endpoint that is just gone costs nobody an answer. It stands at virtual hosts, once for all routes.
 */
export const DEFAULT_RETRY: RetryPolicy = { retry_on: UNSEEN, num_retries: 2, ...OTHER_HOST };

/** When the requests of a route are tried again; `undefined`: as by default. */
export function retryPolicy({ retry, backendTimeoutMs }: Forward): RetryPolicy | undefined {
  const perTry = backendTimeoutMs ? { per_try_timeout: duration(backendTimeoutMs) } : undefined;
  if (retry === undefined) return perTry && { ...DEFAULT_RETRY, ...perTry };
  if (retry.attempts === 0) return { num_retries: 0, ...perTry };
  return {
    retry_on: conditions(retry),
    num_retries: retry.attempts,
    ...OTHER_HOST,
    ...(retry.codes.length > 0 && { retriable_status_codes: retry.codes }),
    ...(retry.backoffMs && { retry_back_off: { base_interval: duration(retry.backoffMs) } }),
    ...perTry,
  };
}

/** `reset` is a broken connection as well as an attempt that took too long; Envoy does not tell them apart. */
function conditions({ codes, connectionErrors, backendTimeouts }: Retry): string {
  const conditions = [UNSEEN];
  if (connectionErrors || backendTimeouts) conditions.push('reset');
  if (codes.length > 0) conditions.push('retriable-status-codes');
  return conditions.join(',');
}
