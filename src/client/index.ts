/**
 * One client for any cluster: kubeconfig, requests and their errors, watches that go on, and informers that keep objects
 * in step with the server.
 *
 * What it does not do: it starts no server (`nekube/envtest`), reconciles nothing (`nekube/controller`), and prints nothing.
 */
export { newClient } from './api-client.ts';
export { builtinKind } from './builtin-kinds.ts';
export {
  type ClientNodeCluster,
  type ClientNodeConfig,
  type ClientNodeContext,
  type ClientNodeUser,
  fromClientNode,
} from './client-node.ts';
export { fromClientNodeObject } from './client-node-objects.ts';
export { type Clock, sleep, systemClock } from './clock.ts';
export { FakeClock } from './fake-clock.ts';
export type {
  ApplyOptions,
  Client,
  ClientOptions,
  DeleteOptions,
  Impersonation,
  ListOptions,
  RequestOptions,
  Selection,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts';
export { connect, type ConnectOptions, findConfig } from './connect/connect.ts';
export type { Env } from './connect/proxy-env.ts';
export { transportFor, type TransportOptions } from './connect/transport-for.ts';
export { ResourceNames } from './discovery/resource-names.ts';
export { discoverResources, type ServedResource } from './discovery/served-resource.ts';
export { ConnectionError, isBrokenConnection, isConnectionError, isNoMatchError, NoMatchError } from './errors.ts';
export { follow, type FollowedEvent, type FollowOptions } from './follow.ts';
export { HandlerError } from './handler-queue.ts';
export { newInformer } from './informer.ts';
export { impersonationHeaders } from './impersonation.ts';
export { InformerSet, type InformerSetOptions } from './informer-set.ts';
export type { IndexFunction, Informer, InformerOptions, ObjectHandler, ObjectStore } from './informer-types.ts';
export type { EmbeddedObject, Kind, ObjectKey, ObjectList, PartialObject, ServedKind } from './kinds.ts';
export { type ClusterConfig, clusterConfigOf, type ContextChoice } from './kubeconfig/cluster-config.ts';
export { inClusterConfig, type InClusterOptions } from './kubeconfig/in-cluster.ts';
export {
  type ClusterEntry,
  type ContextEntry,
  type EntryPlace,
  type ExecConfig,
  type Kubeconfig,
  mergeKubeconfigs,
  type PemSource,
  type UserEntry,
} from './kubeconfig/kubeconfig.ts';
export { loadKubeconfig, type LoadOptions } from './kubeconfig/load.ts';
export { parseKubeconfig } from './kubeconfig/parse.ts';
// whole, so that others can add to KnownObjects by way of this door
export * from './known-objects.ts';
export { linesOf } from './lines.ts';
export { listAll } from './list-all.ts';
export { MutationError } from './mutation-detector.ts';
export type {
  ApplyConfiguration,
  DeepPartial,
  JsonPatchOperation,
  MergePatch,
  Patch,
  StrategicDirectives,
  StrategicMergePatch,
  WholeListDirective,
} from './patches.ts';
export { RateLimiter } from './rate-limiter.ts';
export { Reflector, type ReflectorOptions, type ReflectorTarget } from './reflector.ts';
export { each } from './each.ts';
export { compareResourceVersions } from './resource-version.ts';
export { stripManagedFields } from './strip-managed-fields.ts';
export type { Transport, TransportRequest, TransportResponse } from './transport.ts';
export { untilServed } from './until-served.ts';
export { VeryShortWatchError } from './watch-errors.ts';
// what objects are made of, for those who know this door only
export type {
  JsonObject,
  JsonValue,
  KubeObject,
  ManagedFieldsEntry,
  ObjectMeta,
  OwnerReference,
} from 'nekube/apimachinery';
