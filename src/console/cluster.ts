import {
  type Client,
  type Impersonation,
  impersonationHeaders,
  isConnectionError,
  isNoMatchError,
  newClient,
  type Transport,
} from 'nekube/client';
import { errorText, isStatusError, type JsonObject, newFailure, StatusError } from 'nekube/apimachinery';
import type { Person } from './sessions.ts';

/** Who the console is in logs, and which manager a write without one is of. */
export const USER_AGENT = 'nekube-console';

const REVIEW = {
  method: 'POST',
  path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
  headers: { 'content-type': 'application/json', accept: 'application/json' },
  body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }),
} as const;

/** The cluster that a console is of, as one user after another. */
export class Cluster {
  readonly transport: Transport;
  readonly #client: Client;

  constructor(transport: Transport) {
    this.transport = transport;
    this.#client = newClient(transport, { userAgent: USER_AGENT, fieldManager: USER_AGENT });
  }

  /** A client that acts as a user. */
  clientOf(as: Impersonation | undefined): Client {
    return as === undefined ? this.#client : this.#client.with({ impersonate: as });
  }

  /** The headers of a request of a user's. */
  headersOf(as: Impersonation | undefined): Record<string, string | readonly string[]> {
    return { 'user-agent': USER_AGENT, ...impersonationHeaders(as) };
  }

  /**
   * Asks the cluster who somebody is. Clusters before 1.28 do not say; then it is who the console was told.
   *
   * @throws StatusError when the cluster refuses, or does not answer
   */
  async whoIs(as: Impersonation | undefined): Promise<Person> {
    const told = as === undefined ? {} : { as };
    try {
      const review = (await this.clientOf(as).raw(REVIEW)) as JsonObject;
      const user = (review.status as JsonObject | undefined)?.userInfo as JsonObject | undefined;
      return { username: String(user?.username ?? ''), groups: (user?.groups ?? []) as string[], ...told };
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return { username: as?.user ?? '', groups: as?.groups ?? [], ...told };
      throw clusterFailure(error);
    }
  }

  /** The version that the cluster says it has; empty when it says none. */
  async gitVersion(as: Impersonation | undefined): Promise<string> {
    try {
      const version = await this.clientOf(as).raw({ method: 'GET', path: '/version', headers: {} });
      return String((version as JsonObject).gitVersion ?? '');
    } catch {
      return '';
    }
  }
}

/** What is said of a cluster that does not answer. */
export function unreachable(cause: unknown): StatusError {
  const { status } = newFailure(503, 'ServiceUnavailable', `the cluster does not answer: ${errorText(cause)}`);
  return new StatusError(status, { cause });
}

/**
 * A failure of a request to the cluster as pages are told: that there is no answer, or no such kind; and not that somebody
 * is not signed in when it is the console's credential that is refused.
 */
export function clusterFailure(error: unknown): unknown {
  if (isConnectionError(error)) return unreachable(error);
  if (isNoMatchError(error)) return newFailure(404, 'NotFound', error.message);
  if (isStatusError(error, 'Unauthorized')) return credentialRefused();
  if (isStatusError(error) && error.status.code === 500 && UNFIT.test(error.message)) return invalid(error);
  return error;
}

/** What an API server says of a configuration that does not fit its kind, as if that were a failure of its own. */
const UNFIT = /^failed to (create typed patch object|convert new object)/;

function invalid({ status }: StatusError): StatusError {
  return new StatusError({ ...status, code: 422, reason: 'Invalid' });
}

/** To a page 401 is that its own session has ended. */
export function credentialRefused(): StatusError {
  return newFailure(502, 'Unknown', "the cluster does not take the console's credential");
}
