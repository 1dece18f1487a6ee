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

/**
 * When a request is tried again. Without a word about it that is when no endpoint has seen it, since then nothing can happen
 * twice: an endpoint that is just gone costs nobody an answer.
 */
export function retryPolicy({ retry, backendTimeoutMs }: Forward): RetryPolicy {
  const perTry = backendTimeoutMs ? { per_try_timeout: duration(backendTimeoutMs) } : {};
  if (retry === undefined) return { retry_on: UNSEEN, num_retries: 2, ...OTHER_HOST, ...perTry };
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

const UNSEEN = 'connect-failure,refused-stream';

/** `reset` is a broken connection as well as an attempt that took too long; Envoy does not tell them apart. */
function conditions({ codes, connectionErrors, backendTimeouts }: Retry): string {
  const conditions = [UNSEEN];
  if (connectionErrors || backendTimeouts) conditions.push('reset');
  if (codes.length > 0) conditions.push('retriable-status-codes');
  return conditions.join(',');
}
