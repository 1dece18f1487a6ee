/** What of this folder is published at the room's door. */
export {
  type AdmissionContext,
  type AdmissionHandler,
  type AdmissionNotes,
  type AdmissionRequest,
  type AdmissionResponse,
  allowed,
  denied,
  errored,
  type GroupVersionResource,
  patched,
  refused,
  type RequestUser,
} from './admission.ts';
export { admissionWebhook } from './admission-review.ts';
export { combined } from './combined.ts';
export {
  type ConversionContext,
  type Convert,
  type Converter,
  hubConverter,
  type HubOptions,
  type Spoke,
} from './conversion.ts';
export { conversionWebhook } from './conversion-review.ts';
export type { WebhookCall, WebhookEndpoint, WebhookReply } from './endpoint.ts';
export { CONVERT_PATH, mutatePath, validatePath } from './paths.ts';
export {
  type AdmissionDetails,
  type Defaulter,
  defaulting,
  type Validation,
  validating,
  type Validator,
} from './typed.ts';
export { type KindWebhooks, type WebhookMetrics, WebhookServer, type WebhookServerOptions } from './webhook-server.ts';
