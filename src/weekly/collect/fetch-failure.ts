import { TimeoutError } from './ending.ts';
import { AddressRefusedError } from './guarded-agent.ts';
import { TooLargeError } from './read-body.ts';

/** Why a document was not had. `HTTPError` is any other status than those that have a meaning here. */
export type FetchFailure =
  | 'AddressRefused'
  | 'BodyBroken'
  | 'CertificateInvalid'
  | 'ConnectionFailed'
  | 'HTTPError'
  | 'NameNotFound'
  | 'RedirectInsecure'
  | 'RedirectInvalid'
  | 'RedirectLoop'
  | 'Timeout'
  | 'TooLarge'
  | 'TooManyRedirects'
  | 'TooManyRequests'
  | 'URLInvalid';

/** A document that was not had. */
export interface FailedFetch {
  readonly kind: 'failed';
  readonly reason: FetchFailure;
  readonly message: string;
  /** How long its server asks to be left alone. */
  readonly retryAfterSeconds?: number;
}

/** Says why a document was not had. */
export function failed(reason: FetchFailure, message: string): FailedFetch {
  return { kind: 'failed', reason, message };
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|ERR_TLS|ERR_SSL/;

/** What an error of the network means. */
export function failureOf(thrown: unknown): FailedFetch {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const errors =
    error instanceof AggregateError ? [error, ...(error.errors as Error[])] : [error, error.cause as Error];
  const refused = errors.find((one) => one instanceof AddressRefusedError);
  if (refused !== undefined) return failed('AddressRefused', refused.message);
  if (error instanceof TooLargeError) return failed('TooLarge', error.message);
  const code = String((error as NodeJS.ErrnoException).code ?? error.name);
  const message = `${error.message || code}`.slice(0, 300);
  if (error instanceof TimeoutError || /TIMEOUT|ETIMEDOUT/.test(code)) return failed('Timeout', message);
  if (/ENOTFOUND|ENODATA|ESERVFAIL|EREFUSED|EAI_/.test(code)) return failed('NameNotFound', message);
  if (CERTIFICATE.test(code)) return failed('CertificateInvalid', message);
  if (/^Z_|^ERR_BROTLI|^ERR__ERROR|^Error$/.test(code)) return failed('BodyBroken', message);
  return failed('ConnectionFailed', message);
}
