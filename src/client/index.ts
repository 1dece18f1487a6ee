/**
 * One client for any cluster: kubeconfig, requests and their errors, watches that go on, and informers that keep objects
 * in step with the server.
 *
 * What it does not do: it starts no server (`nekube/envtest`), reconciles nothing (`nekube/controller`), and prints nothing.
 */
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
export type { IndexFunction, Informer, InformerOptions, ObjectHandler, ObjectStore } from './informer-types.ts';
export type { EmbeddedObject, Kind, ObjectKey, ObjectList, PartialObject, ServedKind } from './kinds.ts';
export type {
  ApplyConfiguration,
  DeepPartial,
  JsonPatchOperation,
  MergePatch,
  Patch,
  StrategicMergePatch,
} from './patches.ts';
export type { Transport, TransportRequest, TransportResponse } from './transport.ts';
// what objects are made of, for those who know this door only
export type {
  JsonObject,
  JsonValue,
  KubeObject,
  ManagedFieldsEntry,
  ObjectMeta,
  OwnerReference,
} from 'nekube/apimachinery';
