/**
 * xDS, Envoy's protocol of configuration: its messages as JSON and as bytes.
 *
 * What it does not do: it knows neither gateways nor Kubernetes, and starts no Envoy. Resources come from who calls.
 */
export { anyOf, decode, encode, encodeAs, type Message, type MessageName, typeUrl } from './codec/codec.ts';
export { ResourceError } from './codec/resource-error.ts';
export type { Any, Base64, Double, Duration, Empty, Int64, Json, Struct, Timestamp } from './json-types.ts';
export type { Messages } from './messages/index.ts';
