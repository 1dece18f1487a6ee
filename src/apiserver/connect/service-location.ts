import { type KubeObject, newBadRequest, newFailure, newNotFound } from 'nekube/apimachinery';
import type { Resources } from '../registry/resources.ts';
import type { Store } from '../registry/store.ts';

/** A name as paths of proxies have it: `NAME`, `NAME:PORT` or `SCHEME:NAME:PORT`. */
export interface ProxyTarget {
  readonly scheme: string;
  readonly name: string;
  readonly port: string;
}

/** Undefined for what is none. */
export function parseProxyTarget(id: string): ProxyTarget | undefined {
  const parts = id.split(':');
  if (parts.length > 3) return undefined;
  const [scheme, name, port] =
    parts.length === 3 ? (parts as [string, string, string]) : ['', parts[0]!, parts[1] ?? ''];
  return name !== '' && ['', 'http', 'https'].includes(scheme) ? { scheme, name, port } : undefined;
}

/** Where endpoints are looked for. */
export interface EndpointLookup {
  readonly store: Store;
  readonly resources: Resources;
  /** From 0 to 1: which of several endpoints is taken. */
  readonly random: () => number;
}

/** One of the addresses behind a service. */
export interface ServiceEndpoint {
  readonly ip: string;
  readonly port: number;
}

interface Subset {
  readonly addresses?: readonly { readonly ip: string; readonly targetRef?: { namespace?: string; name?: string } }[];
  readonly ports?: readonly { readonly name?: string; readonly port: number }[];
}

/**
 * One of the endpoints of a service's port, at random, that is a pod with this very address.
 *
 * @throws StatusError NotFound, or ServiceUnavailable if it has none
 */
export async function serviceEndpoint(
  lookup: EndpointLookup,
  namespace: string,
  target: ProxyTarget,
  id: string,
): Promise<ServiceEndpoint> {
  const { store, resources, random } = lookup;
  const portName = await portNameOf(lookup, namespace, target);
  // that they are missing comes out as if the service were
  const endpoints = await store.head(resources.builtin('', 'v1', 'endpoints'), namespace, target.name);
  if (endpoints === undefined) throw newNotFound({ group: '', resource: 'services' }, target.name);
  const subsets = ((endpoints as KubeObject & { subsets?: readonly Subset[] }).subsets ?? []) as readonly Subset[];
  if (subsets.length === 0) throw noEndpoints(target.name);
  for (const { addresses = [], ports = [] } of rotated(subsets, random()))
    for (const port of ports.filter((candidate) => (candidate.name ?? '') === portName))
      for (const { ip, targetRef } of rotated(addresses, random()))
        if (await isPodAddress(lookup, namespace, ip, targetRef)) return { ip, port: port.port };
  throw noEndpoints(id);
}

/** The name of the port that a number stands for. */
async function portNameOf(
  { store, resources }: EndpointLookup,
  namespace: string,
  { name, port }: ProxyTarget,
): Promise<string> {
  if (!/^[+-]?\d+$/.test(port)) return port;
  const service = await store.head(resources.builtin('', 'v1', 'services'), namespace, name);
  if (service === undefined) throw newNotFound({ group: '', resource: 'services' }, name);
  const ports = (service.spec.ports ?? []) as { readonly name?: string; readonly port: number }[];
  const found = ports.find((candidate) => Number(candidate.port) === Number(port));
  if (found === undefined) throw unavailable(`no service port ${Number(port)} found for service "${name}"`);
  return found.name ?? '';
}

async function isPodAddress(
  { store, resources }: EndpointLookup,
  namespace: string,
  ip: string,
  targetRef: { readonly namespace?: string; readonly name?: string } | undefined,
): Promise<boolean> {
  if (targetRef?.name === undefined || targetRef.namespace !== namespace) return false;
  const pod = await store.head(resources.builtin('', 'v1', 'pods'), namespace, targetRef.name);
  return ((pod?.status?.podIPs ?? []) as { readonly ip: string }[]).some((address) => address.ip === ip);
}

/** All of a list, from a place in it on. */
function rotated<T>(list: readonly T[], at: number): T[] {
  const from = Math.floor(at * list.length);
  return [...list.slice(from), ...list.slice(0, from)];
}

function noEndpoints(service: string): Error {
  return unavailable(`no endpoints available for service "${service}"`);
}

function unavailable(message: string): Error {
  return newFailure(503, 'ServiceUnavailable', message);
}

/** @throws StatusError BadRequest for a name that is none */
export function checkedTarget(id: string, what: string): ProxyTarget {
  const target = parseProxyTarget(id);
  if (target === undefined) throw newBadRequest(`invalid ${what} request "${id}"`);
  return target;
}
