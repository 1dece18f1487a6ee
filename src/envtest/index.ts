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
export { type Level, UnsupportedAtLevelError } from './level.ts';
export { start } from './start.ts';
export type { TestClock } from './test-clock.ts';
