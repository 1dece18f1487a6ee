/**
 * xDS, Envoy's protocol of configuration: its messages as JSON and as bytes, snapshots of resources, the server that gives
 * them to Envoys, and a client.
 *
 * What it does not do: it knows neither gateways nor Kubernetes, and starts no Envoy. Resources come from who calls.
 */
export { anyOf, decode, encode, encodeAs, enumNumber, type Message, type MessageName, typeUrl } from './codec/codec.ts';
export { ResourceError } from './codec/resource-error.ts';
export type { Any, Base64, Double, Duration, Empty, Int64, Json, Struct, Timestamp } from './json-types.ts';
export type { Messages } from './messages/index.ts';
export { Resource, type ResourceMessage } from './resources/resource.ts';
export { RESOURCE_TYPES, type ResourceType, resourceType } from './resources/resource-types.ts';
export { type ResourceKey, Snapshot, type SnapshotChanges } from './resources/snapshot.ts';
export { type AdsEvents, AdsServer, type AdsServerOptions } from './server/ads-server.ts';
export type { Refusal } from './server/node-record.ts';
export { NodeStatus, type Progress, type ResourceStatus } from './server/node-status.ts';
export type { Node } from './server/request.ts';
export { AdsClient, type AdsClientOptions, type Received, type ReceivedResource } from './client/ads-client.ts';
export { collect, type Collected, type CollectOptions, follow, type Heard } from './client/collect.ts';
export { configDump, readConfigDump } from './client/config-dump.ts';
export { redact } from './codec/redact.ts';
export type { Protocol } from './server/session.ts';
