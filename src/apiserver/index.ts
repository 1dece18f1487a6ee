/**
 * The API server: Kubernetes' HTTP API over a storage, with TLS, authentication, admission, server-side apply, watch,
 * discovery and OpenAPI, equal to kube-apiserver's.
 *
 * What it does not do: it runs no controllers and no nodes, and it opens no storage; it is handed one.
 */
export { loadOrCreatePki, type Pki, type PkiOptions } from 'nekube/pki';
export type { InProcessConnection } from './in-process/connection.ts';
export type { InProcessRequest, InProcessResponse } from './in-process/messages.ts';
export { ObjectJudge, type Verdict } from './object-judge.ts';
export { observeBody } from './body.ts';
export type { RequestContext } from './context.ts';
export type { Filter, Handler } from './pipeline.ts';
export { breakOff } from './respond.ts';
export { type RunningServer, startServer } from './server.ts';
export type { PodReach, ServerOptions } from './server-options.ts';
export { type KubeletOptions, PREFERRED_ADDRESS_TYPES } from './connect/node-connection.ts';
export { AUTHORIZATION_MODES, type AuthorizationMode } from './authorization/modes.ts';
export { parseAdmissionConfiguration, type PluginConfigurations } from './admission/configuration.ts';
export { type PluginSelection, selectionProblems } from './admission/selection.ts';
export type { AuthorizationWebhook } from './authorization/webhook.ts';
export type { FrontProxy } from './authentication/client-certificates.ts';
export { type TokenKey, tokenKeysOf } from './service-accounts/keys.ts';
export type { ServiceAccountOptions } from './service-accounts/tokens.ts';
export type { TokenWebhook } from './authentication/token-webhook.ts';
export type { WebhookAddress, WebhookAnswer, WebhookCalled, WebhookDispatch, WebhookTarget } from './webhooks/index.ts';
export type { StaticToken } from './authentication/authentication.ts';
export type { UserInfo } from './user.ts';
export { KUBERNETES_VERSION, serverVersion } from './version.ts';
export type { AuditLogOptions, AuditMode } from './audit/log.ts';
export { type AuditPolicy } from './audit/policy.ts';
export { parseAuditPolicy } from './audit/policy-file.ts';
