/**
 * Calling webhooks: admission, conversion of custom resources, and whoever else is asked over HTTPS with one object and
 * answers with another. Behaves and fails as kube-apiserver's client does, to the text of the message.
 *
 * What it does not do: HTTP/2, and proxies.
 */
export { objectOf, type WebhookAnswer } from './answer.ts';
export {
  type ServiceResolver,
  type WebhookAddress,
  type WebhookCall,
  type WebhookCalled,
  WebhookCallError,
  WebhookClient,
  type WebhookDispatch,
} from './client.ts';
export { type ServiceSource, storedServices } from './service-resolver.ts';
export { targetOf, type WebhookCredentials, type WebhookTarget } from './target.ts';
