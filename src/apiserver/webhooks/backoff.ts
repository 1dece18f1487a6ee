import { setTimeout as sleep } from 'node:timers/promises';
import { isStatusError } from 'nekube/apimachinery';

const FIRST_MS = 500;
const FACTOR = 1.5;
const JITTER = 0.2;
const ATTEMPTS = 5;

const TRANSIENT = ['InternalError', 'Timeout', 'TooManyRequests', 'ServerTimeout'] as const;

/** Makes a call, again after growing pauses where it failed for a time only, as kube-apiserver's webhooks of access do. */
export async function withBackoff<T>(call: () => Promise<T>): Promise<T> {
  let pauseMs = FIRST_MS;
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt >= ATTEMPTS || !isTransient(error)) throw error;
    }
    await sleep(pauseMs * (1 + Math.random() * JITTER), undefined, { ref: false });
    pauseMs *= FACTOR;
  }
}

function isTransient(error: unknown): boolean {
  if (TRANSIENT.some((reason) => isStatusError(error, reason))) return true;
  return error instanceof Error && error.message.endsWith('connection reset by peer');
}
