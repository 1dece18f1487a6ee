import { forbidden, notSupported, type Path, required as requiredError } from 'nekube/apimachinery';
import type { Loose, RuleContext } from '../rule.ts';
import { checkReviewVersions, checkWebhookClient } from '../webhook-client.ts';

const reviewVersions = ['v1', 'v1beta1'];

/** Checks how objects get from version to version. Paths are those of the internal form. */
export function checkConversion(conversion: Loose, path: Path, context: RuleContext): void {
  if (!conversion) return;
  const { strategy = '', webhook } = conversion;
  const { errors } = context;
  const strategies = ['None', 'Webhook'];
  if (strategy === '') errors.push(requiredError(path.child('strategy')));
  else if (!strategies.includes(strategy)) errors.push(notSupported(path.child('strategy'), strategy, strategies));
  const [clientAt, versionsAt] = [path.child('webhookClientConfig'), path.child('conversionReviewVersions')];
  if (strategy === 'Webhook') {
    if (webhook?.clientConfig) checkWebhookClient(webhook.clientConfig, clientAt, context);
    else errors.push(requiredError(clientAt, 'required when strategy is set to Webhook'));
    const lenient = isLenient(context.old?.spec?.conversion);
    checkReviewVersions({ known: reviewVersions, none: '', lenient })(
      webhook?.conversionReviewVersions,
      versionsAt,
      context,
    );
    return;
  }
  const detail = 'should not be set when strategy is not set to Webhook';
  if (webhook?.clientConfig) errors.push(forbidden(clientAt, detail));
  if (webhook?.conversionReviewVersions?.length > 0) errors.push(forbidden(versionsAt, detail));
}

/** The stored definition names no version of reviews that is known today. */
function isLenient(conversion: Loose): boolean {
  const versions: string[] = conversion?.webhook?.conversionReviewVersions ?? [];
  return versions.length > 0 && !versions.some((version) => reviewVersions.includes(version));
}
