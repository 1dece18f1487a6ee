import {
  errorText,
  goQuote,
  isStatusError,
  newBadRequest,
  newInternalError,
  newTimeoutError,
  StatusError,
} from 'nekube/apimachinery';
import type { AdmissionAttributes } from '../../admission.ts';
import type { WebhookClient } from '../../webhooks/index.ts';
import type { Invocation, VersionedObjects } from '../match/versioned.ts';
import type { Hook } from './configurations.ts';
import { answerOf, questionOf, refusalOf, type Verdict, verdictOf } from './review.ts';

/** A webhook that could not be asked, or has not answered as one must: what `failurePolicy` is about. */
export class WebhookFailure extends Error {
  override readonly name = 'WebhookFailure';

  constructor({ webhook }: Hook, why: string, cause?: unknown) {
    super(`failed calling webhook ${goQuote(webhook.name)}: ${why}`, { cause });
  }
}

/** A request, and one that asks about it. */
export interface Asking {
  readonly hook: Hook;
  readonly attributes: AdmissionAttributes;
  readonly invocation: Invocation;
  readonly objects: VersionedObjects;
  readonly mutating: boolean;
}

/**
 * Asks a webhook, and passes its warnings and annotations on.
 *
 * @returns its verdict, which allows the request
 * @throws StatusError if it refuses, or cannot be asked in a dry run; WebhookFailure
 */
export async function askWebhook(client: WebhookClient, asking: Asking): Promise<Verdict> {
  const { hook, attributes, mutating } = asking;
  const { name } = hook.webhook;
  checkDryRun(asking);
  const verdict = await exchange(client, asking);
  for (const [key, value] of Object.entries(verdict.auditAnnotations))
    if (isAnnotationKey(`${name}/${key}`)) attributes.annotate(`${name}/${key}`, value);
  for (const warning of verdict.warnings) attributes.warn(warning);
  if (!verdict.allowed) throw refusalOf(name, verdict.status);
  return mutating ? verdict : { ...verdict, patch: '' };
}

function checkDryRun({ hook, attributes }: Asking): void {
  const { sideEffects, name } = hook.webhook;
  if (!attributes.dryRun || sideEffects === 'None' || sideEffects === 'NoneOnDryRun') return;
  if (sideEffects === undefined) throw new WebhookFailure(hook, 'Webhook SideEffects is nil');
  throw newBadRequest(`admission webhook ${goQuote(name)} does not support dry run`);
}

async function exchange(client: WebhookClient, asking: Asking): Promise<Verdict> {
  const { hook, attributes, invocation, objects, mutating } = asking;
  const { admissionReviewVersions = [], timeoutSeconds } = hook.webhook;
  const failed = (why: string) => (error: unknown) => {
    throw new WebhookFailure(hook, `${why}: ${errorText(error)}`, error);
  };
  const question = attempt(
    () => questionOf(admissionReviewVersions, attributes, invocation, objects),
    failed('could not create admission objects'),
  );
  const target = attempt(() => hook.target(), failed('could not get REST client'));
  const call = { signal: attributes.life.signal, ...(timeoutSeconds && { timeoutMs: timeoutSeconds * 1000 }) };
  const answer = await client
    .post(target, question.review, call)
    .then((object) => answerOf(question, object))
    .catch(failed('failed to call webhook'));
  return attempt(() => verdictOf(question, mutating, answer), failed('received invalid webhook response'));
}

function attempt<T>(make: () => T, failed: (error: unknown) => never): T {
  try {
    return make();
  } catch (error) {
    return failed(error);
  }
}

/** Annotations have a prefix and a name, as labels have. */
function isAnnotationKey(key: string): boolean {
  return key.split('/').length === 2;
}

/** What a failed call is answered with. */
export function failedClosed(error: unknown): StatusError {
  return isStatusError(error) ? error : newInternalError(errorText(error));
}

/** 504: whoever asked has no time left. */
export function outOfTime(): StatusError {
  return newTimeoutError('request did not complete within requested timeout', 0);
}
