/**
 * Tests of controllers at three levels with one interface: `fake` (the API server in this process, no sockets), `envtest`
 * (the same server, real connections) and `cluster` (any cluster, by its kubeconfig).
 *
 * What it does not do: it is no test runner and no assertion library, and it pretends nothing: each level has a real API server.
 */
export {
  ASSETS_VERSION,
  AssetsError,
  type AssetsFolder,
  ensureAssets,
  type EnsureOptions,
  installAssets,
  type InstallOptions,
  type Place,
  platformName,
  readVersion,
  removeAssets,
} from './assets/index.ts';
export type { TestUser } from './certificates.ts';
export type { Environment, StartOptions } from './environment.ts';
export type { Fault, FaultError, FaultOptions, Faults } from './faults.ts';
export { type Level, UnsupportedAtLevelError } from './level.ts';
export { ManifestError } from './manifests.ts';
export type { PastClient } from './past.ts';
export type { EventRecorder, RecordedEvent } from './recorder.ts';
export type { LoggedRequest, RequestLog } from './request-log.ts';
export type { RequestMatch } from './request-match.ts';
export type { Snapshot } from './snapshots.ts';
export { start } from './start.ts';
export type { TestClock } from './test-clock.ts';
export { consistently, eventually, patienceOf, type WaitOptions } from './waiting.ts';
export type { WebhookAddress } from 'nekube/apiserver';
export type {
  CalledWebhook,
  WebhookHandler,
  WebhookHost,
  WebhookRequest,
  WebhookResponse,
  WebhookService,
  WebhookServices,
  WebhookServing,
} from './webhook-host.ts';
