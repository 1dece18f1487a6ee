import { createHash } from 'node:crypto';
import { errorText, type JsonObject } from 'nekube/apimachinery';
import type { TokenAnswer, TokenAuthenticator } from './authentication.ts';
import { withBackoff } from '../webhooks/backoff.ts';
import type { WebhookClient } from '../webhooks/client.ts';
import { ExpiringCache } from '../webhooks/expiring-cache.ts';
import type { WebhookTarget } from '../webhooks/target.ts';

/** A webhook that is asked whose tokens are: kube-apiserver's `--authentication-token-webhook-…` flags. */
export interface TokenWebhook {
  readonly target: WebhookTarget;
  /** The version of the reviews that it gets, default v1beta1. */
  readonly version?: 'v1' | 'v1beta1';
  /** How long its answers hold, in milliseconds, default 2 minutes. */
  readonly cacheTtlMs?: number;
}

/** What the authenticator calls with. */
export interface TokenWebhookDeps {
  readonly client: WebhookClient;
  readonly now: () => Date;
  /** Whom tokens are for of which the webhook does not say it. */
  readonly audiences: () => readonly string[];
}

const TIMEOUT_MS = 10_000;
const MOST_ANSWERS = 4096;

/** Asks a webhook by TokenReviews. Tokens are remembered by their digest alone, and only those that it knows. */
export function webhookTokens(webhook: TokenWebhook, deps: TokenWebhookDeps): TokenAuthenticator {
  const { target, version = 'v1beta1', cacheTtlMs = 2 * 60_000 } = webhook;
  const answers = new ExpiringCache<TokenAnswer>(MOST_ANSWERS, deps.now);
  return async (token, audiences) => {
    const key = createHash('sha256')
      .update(JSON.stringify([token, audiences]))
      .digest('base64');
    const known = answers.get(key);
    if (known !== undefined) return known;
    const review: JsonObject = {
      kind: 'TokenReview',
      apiVersion: `authentication.k8s.io/${version}`,
      metadata: {},
      spec: { token, audiences: [...audiences] },
      status: { user: {} },
    };
    try {
      const { status } = await withBackoff(() => deps.client.post(target, review, { timeoutMs: TIMEOUT_MS }));
      const answer = answerOf((status ?? {}) as ReviewStatus, audiences, deps.audiences());
      if (answer !== undefined && 'user' in answer) answers.set(key, answer, cacheTtlMs);
      return answer;
    } catch (error) {
      return { error: errorText(error) };
    }
  };
}

interface ReviewStatus {
  readonly authenticated?: boolean;
  readonly error?: string;
  readonly audiences?: readonly string[];
  readonly user?: {
    readonly username?: string;
    readonly uid?: string;
    readonly groups?: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
}

function answerOf(status: ReviewStatus, wanted: readonly string[], own: readonly string[]): TokenAnswer {
  const given = status.audiences?.length ? status.audiences : own;
  const audiences = wanted.filter((audience) => given.includes(audience));
  if (audiences.length === 0) return undefined;
  if (status.authenticated !== true) return status.error ? { error: status.error } : undefined;
  const { username = '', uid, groups = [], extra } = status.user ?? {};
  return { user: { name: username, groups: [...groups], ...(uid && { uid }), ...(extra && { extra }) }, audiences };
}
