import { createHash } from 'node:crypto';
import type { KubeObject } from 'nekube/apimachinery';
import { type Client, type Clock, systemClock } from 'nekube/client';
import { type Logger, silentLogger } from '../log/logger.ts';
import type { RequestUser } from '../webhook/admission.ts';

/** Whether a request may be served; otherwise what it is answered. */
export type Access =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly status: 401 | 403 | 500; readonly text: string };

/** Decides who may ask. */
export type AccessCheck = (request: {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
}) => Promise<Access>;

/** How answers of the API server are kept. */
export interface ReviewedAccessOptions {
  readonly client: Client;
  readonly logger?: Logger;
  readonly clock?: Clock;
}

/** As controller-runtime: who somebody is holds for a minute, that they may for five, that they may not for half a one. */
const IDENTITY_MS = 60_000;
const ALLOWED_MS = 300_000;
const DENIED_MS = 30_000;
const MAX_KEPT = 1_000;

/**
 * Asks the API server who bears a token (TokenReview) and whether they may do what they ask for (SubjectAccessReview on the
 * path). Tokens are kept as digests only.
 */
export function reviewedAccess({
  client,
  logger = silentLogger,
  clock = systemClock,
}: ReviewedAccessOptions): AccessCheck {
  const identities = new Kept<RequestUser | undefined>(clock);
  const decisions = new Kept<boolean>(clock);
  return async ({ method, path, authorization }) => {
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (token === undefined) return { allowed: false, status: 401, text: 'Unauthorized\n' };
    const digest = createHash('sha256').update(token).digest('base64');
    let user: RequestUser | undefined;
    try {
      user = await identities.get(
        digest,
        () => IDENTITY_MS,
        () => reviewToken(client, token),
      );
    } catch (error) {
      logger.error(error, 'Authentication failed');
      return { allowed: false, status: 500, text: 'Authentication failed\n' };
    }
    if (user === undefined) return { allowed: false, status: 401, text: 'Unauthorized\n' };
    const attributes = { path, verb: method.toLowerCase() };
    const key = JSON.stringify([user, attributes]);
    try {
      const may = await decisions.get(
        key,
        (yes) => (yes ? ALLOWED_MS : DENIED_MS),
        () => reviewAccess(client, user, attributes),
      );
      return may
        ? { allowed: true }
        : { allowed: false, status: 403, text: `Authorization denied for user ${user.username}\n` };
    } catch (error) {
      logger.error(error, 'Authorization failed', { user: user.username });
      return { allowed: false, status: 500, text: `Authorization for user ${user.username} failed\n` };
    }
  };
}

async function reviewToken(client: Client, token: string): Promise<RequestUser | undefined> {
  const { status } = await client.create<KubeObject>({
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    metadata: {},
    spec: { token },
  });
  // a server says of a token that it does not know that it could not be checked, too
  return status?.authenticated ? (status.user as RequestUser) : undefined;
}

async function reviewAccess(
  client: Client,
  user: RequestUser,
  attributes: { path: string; verb: string },
): Promise<boolean> {
  const { username, uid, groups, extra } = user;
  const { status } = await client.create<KubeObject>({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: {},
    spec: { user: username, uid, groups, extra, nonResourceAttributes: attributes },
  });
  return status?.allowed === true;
}

/** Answers that hold for a while. */
class Kept<T> {
  readonly #values = new Map<string, { readonly value: T; readonly until: number }>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async get(key: string, lifetimeMs: (value: T) => number, ask: () => Promise<T>): Promise<T> {
    const now = this.#clock.elapsed();
    const kept = this.#values.get(key);
    if (kept !== undefined && kept.until > now) return kept.value;
    const value = await ask();
    if (this.#values.size >= MAX_KEPT) this.#values.clear();
    this.#values.set(key, { value, until: now + lifetimeMs(value) });
    return value;
  }
}
