import { isIP } from 'node:net';
import type { ObjectStore } from 'nekube/client';
import type { Node } from 'nekube/network';
import { type Family, familyOf } from '../maps/address.ts';
import type { NodePlace } from '../services/frontends.ts';

const ZONE = 'topology.kubernetes.io/zone';

/** Of Nodes as informers hold them, which never change: each is asked for by every backend that is on it. */
const known = new WeakMap<Node, readonly string[]>();

/** A Node's addresses, as its status has them: those within the cluster first. What is no address is left out: each Node writes its own. */
export function addressesOf(node: Node): readonly string[] {
  const found = known.get(node) ?? readAddresses(node);
  known.set(node, found);
  return found;
}

function readAddresses(node: Node): readonly string[] {
  const { addresses = [] } = (node['status'] ?? {}) as { addresses?: readonly { type: string; address: string }[] };
  const of = (wanted: string) =>
    addresses.flatMap(({ type, address }) => (type === wanted && isIP(address) !== 0 ? address : []));
  return [...of('InternalIP'), ...of('ExternalIP')];
}

/** Where a node's datapath is, by what is known of all Nodes. Its own, until it is known, has no address. */
export function placeOf(name: string, nodes: ObjectStore<Node>): NodePlace {
  const own = nodes.get({ name });
  const zone = own?.metadata.labels?.[ZONE];
  return {
    name,
    ...(zone !== undefined && { zone }),
    addresses: own === undefined ? [] : addressesOf(own),
    addressOf: (node, family) => firstOf(nodes.get({ name: node }), family as Family),
  };
}

function firstOf(node: Node | undefined, family: Family): string | undefined {
  return node && addressesOf(node).find((address) => familyOf(address) === family);
}
