import { errorText, type JsonObject, type JsonValue } from 'nekube/apimachinery';
import { withBackoff } from '../webhooks/backoff.ts';
import type { WebhookClient } from '../webhooks/client.ts';
import { ExpiringCache } from '../webhooks/expiring-cache.ts';
import type { WebhookTarget } from '../webhooks/target.ts';
import type { AuthorizationAttributes, Authorizer, Decision } from './authorizer.ts';
import { type RuleResolver, unlistable } from './rule-resolver.ts';

/** A webhook that is asked who may do what: kube-apiserver's `--authorization-webhook-…` flags. */
export interface AuthorizationWebhook {
  readonly target: WebhookTarget;
  /** The version of the reviews that it gets, default v1beta1. */
  readonly version?: 'v1' | 'v1beta1';
  /** How long its answers hold, in milliseconds: what it allows (default 5 minutes), and what it does not (30 seconds). */
  readonly authorizedTtlMs?: number;
  readonly unauthorizedTtlMs?: number;
}

/** What the authorizer calls with. */
export interface WebhookDeps {
  readonly client: WebhookClient;
  readonly now: () => Date;
}

const TIMEOUT_MS = 30_000;
const MOST_ANSWERS = 8192;
/** Questions longer than this are not remembered. */
const LONGEST_REMEMBERED = 10_000;

/** Asks a webhook by SubjectAccessReviews. What goes wrong is no opinion, with an error. */
export function webhookAuthorizer(
  webhook: AuthorizationWebhook,
  { client, now }: WebhookDeps,
): Authorizer & RuleResolver {
  const { target, version = 'v1beta1', authorizedTtlMs = 5 * 60_000, unauthorizedTtlMs = 30_000 } = webhook;
  const answers = new ExpiringCache<Decision>(MOST_ANSWERS, now);
  const ask = async (spec: JsonObject): Promise<Decision> => {
    const review = { kind: 'SubjectAccessReview', apiVersion: `authorization.k8s.io/${version}`, metadata: {}, spec };
    const body: JsonObject = { ...review, status: { allowed: false } };
    return decisionOf(await withBackoff(() => client.post(target, body, { timeoutMs: TIMEOUT_MS })));
  };
  return {
    ...unlistable('webhook authorizer does not support user rule resolution'),
    async authorize(attributes) {
      const spec = specOf(attributes, version);
      const key = JSON.stringify(spec);
      const known = answers.get(key);
      if (known !== undefined) return known;
      try {
        const decision = await ask(spec);
        const ttlMs = decision.decision === 'allow' ? authorizedTtlMs : unauthorizedTtlMs;
        if (lengthOf(attributes) < LONGEST_REMEMBERED) answers.set(key, decision, ttlMs);
        return decision;
      } catch (error) {
        return { decision: 'no-opinion', reason: '', error: errorText(error) };
      }
    },
  };
}

/** How long what the user chooses of a question is. */
function lengthOf(attributes: AuthorizationAttributes): number {
  const { namespace, verb, apiGroup, apiVersion, resource, subresource, name, path } = attributes;
  return [namespace, verb, apiGroup, apiVersion, resource, subresource, name, path].join('').length;
}

function decisionOf({ status }: JsonObject): Decision {
  const { allowed, denied, reason } = (status ?? {}) as { allowed?: boolean; denied?: boolean; reason?: string };
  const why = typeof reason === 'string' ? reason : '';
  if (denied === true && allowed === true)
    return {
      decision: 'deny',
      reason: why,
      error: 'webhook subject access review returned both allow and deny response',
    };
  return { decision: denied === true ? 'deny' : allowed === true ? 'allow' : 'no-opinion', reason: why };
}

/** The spec of the review; empty fields are left out, and groups have another name in the older version. */
function specOf(attributes: AuthorizationAttributes, version: 'v1' | 'v1beta1'): JsonObject {
  const { user, resourceRequest, path, verb } = attributes;
  const groups = user.groups.length > 0 && { [version === 'v1' ? 'groups' : 'group']: [...user.groups] };
  return {
    ...(resourceRequest
      ? { resourceAttributes: resourceOf(attributes) }
      : { nonResourceAttributes: given({ path, verb }) }),
    ...given({ user: user.name }),
    ...groups,
    ...(user.extra && { extra: structuredClone(user.extra) as unknown as JsonValue }),
    ...given({ uid: user.uid ?? '' }),
  };
}

function resourceOf(attributes: AuthorizationAttributes): JsonObject {
  const { namespace, verb, apiGroup, apiVersion, resource, subresource, name } = attributes;
  const { fieldSelector, labelSelector } = attributes;
  const fields = fieldSelector?.requirements.map(({ field, operator, value }) => {
    return { key: field, operator: operator === '=' ? 'In' : 'NotIn', values: [value] };
  });
  const labels = labelSelector?.requirements.flatMap(({ key, operator, values }) => {
    const known = LABEL_OPERATORS[operator];
    return known === undefined ? [] : [{ key, operator: known, ...(values.length > 0 && { values: [...values] }) }];
  });
  return {
    ...given({ namespace, verb, group: apiGroup, version: apiVersion, resource, subresource, name }),
    ...(fields && fields.length > 0 && { fieldSelector: { requirements: fields } }),
    ...(labels && labels.length > 0 && { labelSelector: { requirements: labels } }),
  };
}

const LABEL_OPERATORS: Readonly<Record<string, string>> = {
  in: 'In',
  '=': 'In',
  '==': 'In',
  notin: 'NotIn',
  '!=': 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
};

function given(fields: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, text]) => text !== ''));
}
