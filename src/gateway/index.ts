/**
 * Gateway API on a real Envoy, and on none: resources of a cluster are translated into a routing model, and a data plane
 * serves it.
 *
 * What it does not do: it is no API server, and reaches the cluster by a client like any other controller. What the routing
 * model cannot say no data plane does.
 */
export type * from './model/index.ts';
export { concealed } from './model/conceal.ts';
export { PrivateText } from './model/private-text.ts';
export { parseRequestFile, type RequestHead, type RequestHeadOptions, requestHeadOf } from './matching/index.ts';
export {
  type Answer,
  type Candidate,
  explain,
  type Explanation,
  type GatewayExplanation,
  printExplanation,
  type Step,
  type Target,
} from './explain/index.ts';
export {
  type Channel,
  CHANNELS,
  CONTROLLER_NAME,
  GATEWAY_CLASS,
  gatewayDefinitions,
  type Installed,
  installGatewayApi,
  type InstallOptions,
} from './install/index.ts';
export { EnvoyDataPlane, type EnvoyDataPlaneOptions } from './envoy/index.ts';
export { EmbeddedDataPlane, type EmbeddedDataPlaneOptions } from './dataplane/index.ts';
export {
  KNOWN_FEATURES,
  readObjects,
  type Resource,
  type Snapshot,
  type SnapshotKind,
  SNAPSHOT_KINDS,
  snapshotOf,
  translate,
  type Translation,
  Translator,
} from './translate/index.ts';
/** What is said of objects; `withPlaneState` adds what the data plane says. */
export type * from './statuses/index.ts';
export { importObjects, type GatewayNames, type Imported, type ImportFinding } from './import/index.ts';
export { isBadNews, isUnsettled, withPlaneState } from './statuses/index.ts';
export { type EnvoyResources, ResourceBuilder, type ResourceOptions, ResourceSet } from './envoy/index.ts';
export {
  type AddressBook,
  type Addresses,
  type AddressRange,
  type AddressWish,
  canListenOn,
  type GivenAddresses,
  BalancedAddresses,
  OwnAddresses,
  parseAddressRange,
  SharedAddresses,
} from './addresses/index.ts';
export { addGatewayController, type GatewayControllerOptions, servedKinds } from './controller/index.ts';
