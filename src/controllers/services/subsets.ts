import type { EndpointAddress, EndpointSubset, SubsetPort } from './endpoints.ts';
import { fnv128 } from './fnv128.ts';

/** An address as it is behind one port. */
interface Behind {
  readonly address: EndpointAddress;
  ready: boolean;
}

/** A port, and the addresses behind it by what makes them the same. */
interface PortGroup {
  /** Undefined: without a port. */
  readonly port: SubsetPort | undefined;
  readonly behind: Map<string, Behind>;
}

/**
 * The same endpoints in the one form that all have: ports with the same addresses are together, each address is there once
 * a port (not ready, if it is so anywhere), and all is in the order of Go's hashes.
 */
export function repacked(subsets: readonly EndpointSubset[]): EndpointSubset[] {
  const groups = new Map<string, PortGroup>();
  const addresses = new Map<string, EndpointAddress>();
  for (const subset of subsets) {
    const ports = subset.ports?.length ? subset.ports : [undefined];
    for (const port of ports) collect(subset, port, { groups, addresses });
  }
  const packed = new Map<string, { readonly behind: readonly Behind[]; readonly ports: SubsetPort[] }>();
  for (const { port, behind } of groups.values()) {
    const sorted = [...behind.values()].toSorted((a, b) => compareAddresses(a.address, b.address));
    const key = sorted.map(({ address, ready }) => `${printedAddress(address)} ${ready}`).join();
    const entry = packed.get(key) ?? { behind: sorted, ports: [] };
    packed.set(key, entry);
    if (port !== undefined) entry.ports.push(port);
  }
  return inOrder([...packed.values()].map(subsetOf), printedSubset);
}

/** What Go prints of a subset: the same for what is the same, but for versions of pods. */
export function printedSubset({ addresses, notReadyAddresses, ports }: EndpointSubset): string {
  const list = <T>(type: string, items: readonly T[] | undefined, print: (item: T) => string): string =>
    `([]v1.${type})${items?.length ? `[${items.map(print).join(' ')}]` : '<nil>'}`;
  const fields = [
    `Addresses:${list('EndpointAddress', addresses, printedAddress)}`,
    `NotReadyAddresses:${list('EndpointAddress', notReadyAddresses, printedAddress)}`,
    `Ports:${list('EndpointPort', ports, printedPort)}`,
  ];
  return `(v1.EndpointSubset){${fields.join(' ')}}`;
}

function collect(
  subset: EndpointSubset,
  port: SubsetPort | undefined,
  { groups, addresses }: { groups: Map<string, PortGroup>; addresses: Map<string, EndpointAddress> },
): void {
  const key = port === undefined ? '' : printedPort(port);
  const group = groups.get(key) ?? { port, behind: new Map<string, Behind>() };
  groups.set(key, group);
  const put = (address: EndpointAddress, ready: boolean): void => {
    const id = JSON.stringify([address.ip, address.targetRef?.uid ?? '']);
    const first = addresses.get(id) ?? address;
    addresses.set(id, first);
    const known = group.behind.get(id);
    if (known === undefined) group.behind.set(id, { address: first, ready });
    else if (known.ready) known.ready = ready;
  };
  for (const address of subset.addresses ?? []) put(address, true);
  for (const address of subset.notReadyAddresses ?? []) put(address, false);
}

function subsetOf({ behind, ports }: { readonly behind: readonly Behind[]; readonly ports: readonly SubsetPort[] }) {
  const those = (isReady: boolean): EndpointAddress[] =>
    behind.filter(({ ready }) => ready === isReady).map(({ address }) => address);
  const [addresses, notReadyAddresses] = [those(true), those(false)];
  return {
    ...(addresses.length > 0 && { addresses }),
    ...(notReadyAddresses.length > 0 && { notReadyAddresses }),
    ...(ports.length > 0 && { ports: inOrder(ports, (port) => `(v1.EndpointPort)${printedPort(port)}`) }),
  };
}

function inOrder<T>(items: readonly T[], print: (item: T) => string): T[] {
  if (items.length < 2) return [...items];
  const hashes = new Map(items.map((item) => [item, fnv128(print(item))]));
  return items.toSorted((a, b) => (hashes.get(a)! < hashes.get(b)! ? -1 : 1));
}

function compareAddresses(a: EndpointAddress, b: EndpointAddress): number {
  if (a.ip !== b.ip) return a.ip < b.ip ? -1 : 1;
  const [left, right] = [a.targetRef?.uid ?? '', b.targetRef?.uid ?? ''];
  return left === right ? 0 : left < right ? -1 : 1;
}

function printedPort({ name = '', port = 0, protocol = '', appProtocol }: SubsetPort): string {
  const app = `AppProtocol:(*string)${appProtocol ?? '<nil>'}`;
  return `{Name:(string)${name} Port:(int32)${port} Protocol:(v1.Protocol)${protocol} ${app}}`;
}

function printedAddress({ ip, hostname = '', nodeName, targetRef }: EndpointAddress): string {
  const { kind, namespace, name, uid, apiVersion, fieldPath } = targetRef ?? {};
  const target = [
    `Kind:(string)${kind ?? ''}`,
    `Namespace:(string)${namespace ?? ''}`,
    `Name:(string)${name ?? ''}`,
    `UID:(types.UID)${uid ?? ''}`,
    `APIVersion:(string)${apiVersion ?? ''}`,
    'ResourceVersion:(string)',
    `FieldPath:(string)${fieldPath ?? ''}`,
  ];
  const shown = targetRef ? `{${target.join(' ')}}` : '<nil>';
  const node = `NodeName:(*string)${nodeName ?? '<nil>'}`;
  return `{IP:(string)${ip} Hostname:(string)${hostname} ${node} TargetRef:(*v1.ObjectReference)${shown}}`;
}
