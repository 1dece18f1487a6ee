import { isStatusError } from 'nekube/apimachinery';

/** A watch ended within a second and without a word: what it asked for is not to be had, or something cuts watches short. */
export class VeryShortWatchError extends Error {
  constructor(name: string) {
    super(`very short watch: ${name}: Unexpected watch close - watch lasted less than a second and no items received`);
    this.name = 'VeryShortWatchError';
  }
}

/** Whether the server no longer knows what was asked for: the history before a revision, or the rest of a list. */
export function isExpired(error: unknown): boolean {
  return isStatusError(error) && (error.status.code === 410 || ['Expired', 'Gone'].includes(error.status.reason ?? ''));
}

/** Whether the server has not come to the revision that was asked for, and will not soon: it was restored, or lags. */
export function isTooLargeResourceVersion(error: unknown): boolean {
  if (!isStatusError(error)) return false;
  const { reason, details, message = '' } = error.status;
  const causes = details?.causes ?? [];
  if (causes.some((cause) => cause.reason === 'ResourceVersionTooLarge')) return true;
  const told = [message, ...causes.map((cause) => cause.message ?? '')];
  return reason === 'Timeout' && told.some((text) => text.includes('Too large resource version'));
}

/** Whether the server asks for patience. */
export function isTooManyRequests(error: unknown): boolean {
  return isStatusError(error) && (error.status.code === 429 || error.status.reason === 'TooManyRequests');
}

/** How long the server asks to be left alone, in milliseconds; zero if it does not say. */
export function retryAfterMs(error: unknown): number {
  return isStatusError(error) ? (error.status.details?.retryAfterSeconds ?? 0) * 1000 : 0;
}
