import type { KubeObject } from 'nekube/apimachinery';
import type { Kind, ObjectKey } from 'nekube/client';
import { fnv128 } from './fnv128.ts';

/** Which addresses a slice has. */
export type AddressType = 'IPv4' | 'IPv6' | 'FQDN';

/** What an endpoint is reached by. */
export interface EndpointPort {
  readonly name?: string;
  readonly protocol?: string;
  readonly port?: number;
  readonly appProtocol?: string;
}

/** From where an endpoint is to be used. */
export interface EndpointHints {
  readonly forZones?: readonly { readonly name: string }[];
  readonly forNodes?: readonly { readonly name: string }[];
}

/** What is behind an endpoint. */
export interface TargetRef {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly apiVersion?: string;
  readonly resourceVersion?: string;
  readonly fieldPath?: string;
}

/** One endpoint of a slice. */
export interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
  readonly hostname?: string;
  readonly targetRef?: TargetRef;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly hints?: EndpointHints;
}

/** A part of the endpoints of a Service: those of one address type and with the same ports. */
export interface EndpointSlice extends KubeObject {
  addressType: AddressType;
  endpoints?: readonly Endpoint[] | null;
  ports?: readonly EndpointPort[] | null;
}

/** EndpointSlices. */
export const ENDPOINT_SLICE: Kind<EndpointSlice> = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' };

/** The Service that a slice is of. */
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
/** Who keeps a slice. */
export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';

/** The Service that a slice is of; undefined: it does not say. */
export function serviceOf({ metadata: { namespace, labels } }: EndpointSlice): ObjectKey | undefined {
  const name = labels?.[SERVICE_NAME_LABEL];
  return name ? { namespace, name } : undefined;
}

/** Whether a slice is kept by somebody. */
export function isManagedBy({ metadata }: EndpointSlice, manager: string): boolean {
  return metadata.labels?.[MANAGED_BY_LABEL] === manager;
}

/** Hashes of ports that were asked for lately. */
const HASHES = new Map<string, string>();
const MOST_HASHES = 1000;

/** Ports in the order in which Go has them: that of the hashes of what it prints of them. */
export function sortedPorts(ports: readonly EndpointPort[]): EndpointPort[] {
  if (ports.length < 2) return [...ports];
  return ports.toSorted((a, b) => (hashOf(a) < hashOf(b) ? -1 : 1));
}

/** The pods of a Service have the same few ports, all of them. */
function hashOf(port: EndpointPort): string {
  const text = printed(port);
  const known = HASHES.get(text);
  if (known !== undefined) return known;
  if (HASHES.size >= MOST_HASHES) HASHES.clear();
  const hash = fnv128(text);
  HASHES.set(text, hash);
  return hash;
}

/** The same for slices with the same ports, in whatever order. */
export function keyOfPorts(ports: readonly EndpointPort[] | null | undefined): string {
  return JSON.stringify((ports ?? []).map(printed).toSorted());
}

function printed({ name, protocol, port, appProtocol }: EndpointPort): string {
  const shown = (value: unknown): string => (value === undefined || value === null ? '<nil>' : String(value));
  const fields = [
    `Name:(*string)${shown(name)}`,
    `Protocol:(*v1.Protocol)${shown(protocol)}`,
    `Port:(*int32)${shown(port)}`,
    `AppProtocol:(*string)${shown(appProtocol)}`,
  ];
  return `(v1.EndpointPort){${fields.join(' ')}}`;
}

/** What makes an endpoint the same one, however else it changes. */
export function keyOfEndpoint({ addresses, hostname = '', targetRef }: Endpoint): string {
  return JSON.stringify([addresses.toSorted(), hostname, targetRef?.namespace ?? '', targetRef?.name ?? '']);
}

/** Whether two endpoints of the same key are alike in all that is not a hint. */
export function isSameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return textBeyondKey(a) === textBeyondKey(b);
}

function textBeyondKey({ nodeName, zone, conditions = {}, targetRef }: Endpoint): string {
  const { ready, serving, terminating } = conditions;
  const { kind, namespace, name, uid, apiVersion, fieldPath } = targetRef ?? {};
  const target = targetRef && [kind, namespace, name, uid, apiVersion, fieldPath].map((text) => text ?? '');
  return JSON.stringify([nodeName, zone, ready, serving, terminating, target].map((value) => value ?? null));
}

/** Slices by a key of each. */
export function groupedBy(
  slices: readonly EndpointSlice[],
  keyOf: (slice: EndpointSlice) => string,
): Map<string, EndpointSlice[]> {
  const groups = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const key = keyOf(slice);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [slice]);
    else group.push(slice);
  }
  return groups;
}

/** The slice as it is to be sent: lists that are empty are null, since the real controllers write protobuf, which knows no others. */
export function withoutEmptyLists(slice: EndpointSlice): EndpointSlice {
  const { endpoints, ports } = slice;
  const orNull = <T>(list: readonly T[] | null | undefined): readonly T[] | null => (list?.length ? list : null);
  return { ...slice, ...ENDPOINT_SLICE, endpoints: orNull(endpoints), ports: orNull(ports) };
}
