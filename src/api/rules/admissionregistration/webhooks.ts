import {
  duplicate,
  invalid,
  isFullyQualifiedName,
  jsonEqual,
  type KubeObject,
  nameIsDnsSubdomain,
  notSupported,
  required as requiredError,
} from 'nekube/apimachinery';
import { checkLabelSelector, hasInvalidLabelValue } from '../label-selector.ts';
import type { ResourceRules } from '../resource-rules.ts';
import { type Check, defined, each, faultless, fields, type Loose, oneOf, validateWith } from '../rule.ts';
import { countsGeneration, prepare } from '../strategy.ts';
import { checkReviewVersions, checkWebhookClient } from '../webhook-client.ts';
import type { PolicyExpressions } from './expressions.ts';
import { checkMatchConditions } from './match-conditions.ts';
import { checkRuleWithOperations } from './rule-with-operations.ts';
import { staticNameWarnings } from './static-name.ts';

const reviewVersions = ['v1', 'v1beta1'];
const harmless = ['None', 'NoneOnDryRun'];
const allSideEffects = ['None', 'NoneOnDryRun', 'Some', 'Unknown'];

/** What an update may keep although it is invalid, since it is stored. */
interface Kept {
  readonly matchConditions?: boolean;
  readonly sideEffects?: boolean;
  readonly reviewVersions?: boolean;
  readonly names?: boolean;
  readonly selectorValues?: boolean;
}

function checkWebhook(kept: Kept, mutating: boolean, expressions: PolicyExpressions): Check {
  const checkSelector = checkLabelSelector({ allowInvalidLabelValue: kept.selectorValues ?? false });
  return fields({
    name: faultless(isFullyQualifiedName),
    rules: each(checkRuleWithOperations),
    failurePolicy: defined(oneOf('Fail', 'Ignore')),
    matchPolicy: defined(oneOf('Equivalent', 'Exact')),
    sideEffects: checkSideEffects(kept.sideEffects ? allSideEffects : harmless),
    timeoutSeconds: defined((seconds, path, { errors }) => {
      if (seconds >= 1 && seconds <= 30) return;
      errors.push(invalid(path, seconds, 'the timeout value must be between 1 and 30 seconds'));
    }),
    namespaceSelector: checkSelector,
    objectSelector: checkSelector,
    ...(mutating && { reinvocationPolicy: defined(oneOf('IfNeeded', 'Never')) }),
    clientConfig: checkWebhookClient,
    ...(!kept.matchConditions && { matchConditions: checkMatchConditions(expressions, false) }),
    admissionReviewVersions: checkReviewVersions({
      known: reviewVersions,
      none: `must specify one of ${reviewVersions.join(', ')}`,
      lenient: kept.reviewVersions ?? false,
    }),
  });
}

function checkSideEffects(allowed: readonly string[]): Check {
  return (effects, path, { errors }) => {
    if ((effects ?? null) === null) errors.push(requiredError(path, `must specify one of ${allowed.join(', ')}`));
    else if (!allowed.includes(effects)) errors.push(notSupported(path, effects, allowed));
  };
}

const checkUniqueName: Check = ({ name }, path, { errors, object }) => {
  const webhooks: Loose[] = object.webhooks;
  const earlier = webhooks.findIndex((webhook) => webhook.name === name);
  if (name && path.toString() !== `webhooks[${earlier}]`) errors.push(duplicate(path.child('name'), name));
};

function webhookRules(mutating: boolean, expressions: PolicyExpressions): ResourceRules {
  const checks = (kept: Kept): Check =>
    fields({ webhooks: each(checkWebhook(kept, mutating, expressions), ...(kept.names ? [] : [checkUniqueName])) });
  return {
    ...prepare(countsGeneration('webhooks')),
    defaults: { '*': (configuration) => defaultWebhooks(configuration, mutating) },
    nameCheck: nameIsDnsSubdomain,
    validate: (configuration) => validateWith(checks({}), configuration),
    validateUpdate: (configuration, old) => validateWith(checks(keptOf(configuration, old)), configuration, old),
    warnings: staticNameWarnings,
    allowUnconditionalUpdate: false,
  };
}

/** Webhooks that only look. */
export const validatingWebhookRules = (expressions: PolicyExpressions): ResourceRules =>
  webhookRules(false, expressions);

/** Webhooks that change what they are asked about. */
export const mutatingWebhookRules = (expressions: PolicyExpressions): ResourceRules => webhookRules(true, expressions);

function defaultWebhooks({ webhooks }: KubeObject, mutating: boolean): void {
  for (const webhook of webhooks ?? []) {
    webhook.failurePolicy ??= 'Fail';
    webhook.matchPolicy ??= 'Equivalent';
    webhook.namespaceSelector ??= {};
    webhook.objectSelector ??= {};
    webhook.timeoutSeconds ??= 10;
    if (mutating) webhook.reinvocationPolicy ??= 'Never';
    for (const rule of webhook.rules ?? []) rule.scope ??= '*';
    if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443;
  }
}

/** Rules that came later do not hold for what was stored before them. */
function keptOf(configuration: KubeObject, old: KubeObject): Kept {
  const [now, before]: Loose[][] = [configuration.webhooks ?? [], old.webhooks ?? []];
  const conditions = (list: Loose[]) => list.map(({ matchConditions }) => matchConditions ?? []);
  const names = before!.map(({ name }) => name);
  return {
    matchConditions: jsonEqual(conditions(now!), conditions(before!)),
    sideEffects: before!.some(({ sideEffects }) => !harmless.includes(sideEffects)),
    reviewVersions: before!.some(({ admissionReviewVersions: versions }) => {
      return versions?.length > 0 && !versions.some((version: string) => reviewVersions.includes(version));
    }),
    names: new Set(names).size < names.length,
    selectorValues: before!.some(
      (w) => hasInvalidLabelValue(w.namespaceSelector) || hasInvalidLabelValue(w.objectSelector),
    ),
  };
}
