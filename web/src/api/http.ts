import { signal } from '@preact/signals';
import { parseJson } from 'nekube/apimachinery';

/** What of a Kubernetes Status is shown. */
export interface ApiStatus {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly kind?: string;
    readonly name?: string;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  };
}

/** An answer that is not a success. `status.code` is 0 when there was none: the server is away. */
export class ApiError extends Error {
  readonly status: ApiStatus;
  constructor(status: ApiStatus) {
    super(status.message ?? status.reason ?? `HTTP ${status.code}`);
    this.status = status;
  }
  get code(): number {
    return this.status.code ?? 0;
  }
}

export function isApiError(error: unknown, code?: number): error is ApiError {
  return error instanceof ApiError && (code === undefined || error.code === code);
}

/** The token that writes carry; of the session. */
export const csrf = signal('');

/** Counts answers of 401: the session is gone. */
export const signedOut = signal(0);

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly accept?: string;
  readonly contentType?: string;
  /** A string is sent as it is, all else as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * Asks the console's server: `/console/…`, or `/k8s/…` for the API server's answers as the user who is signed in.
 * @throws ApiError an answer that is no success, or none at all.
 */
export async function request(path: string, options: RequestOptions = {}): Promise<Response> {
  const { method = 'GET', body } = options;
  const headers = new Headers({ accept: options.accept ?? 'application/json' });
  if (body !== undefined) headers.set('content-type', options.contentType ?? 'application/json');
  if (method !== 'GET') headers.set('x-nekube-csrf', csrf.peek());
  const answer = await fetch(path, {
    method,
    headers,
    body: body === undefined || typeof body === 'string' ? (body as string | undefined) : JSON.stringify(body),
    signal: options.signal,
    cache: 'no-store',
    credentials: 'same-origin',
  }).catch((error: unknown) => {
    if (options.signal?.aborted) throw error;
    throw new ApiError({ code: 0, reason: 'Unreachable', message: String((error as Error).message) });
  });
  if (answer.ok) return answer;
  if (answer.status === 401) signedOut.value++;
  throw new ApiError({ code: answer.status, ...(await statusOf(answer)) });
}

/** The same, of JSON. `T` is what the caller knows of the answer; an integer beyond 2^53 is a bigint in it. */
export async function requestJson<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const answer = await request(path, options);
  return parseJson(await answer.text()) as T;
}

async function statusOf(answer: Response): Promise<ApiStatus> {
  const text = await answer.text().catch(() => '');
  try {
    return JSON.parse(text) as ApiStatus;
  } catch {
    return { message: text.trim() || answer.statusText };
  }
}
