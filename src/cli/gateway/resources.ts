import type { KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { GATEWAY_CLASS, KNOWN_FEATURES, type Resource, servedKinds, type Snapshot, snapshotOf } from 'nekube/gateway';
import { withCluster } from '../cluster.ts';
import { CliError, type Io } from '../io.ts';
import { readObjectFiles, type SavedObject } from '../object-files.ts';
import type { ResourceFlags } from './resource-flags.ts';

/** The resources of a command. */
export interface Resources {
  readonly snapshot: Snapshot;
  /** Those of files, by {@link identityOf}. */
  readonly saved: ReadonlyMap<string, SavedObject>;
}

/**
 * Reads what flags name. Objects of files stand before those of the cluster; the class `nekube` and namespaces are added where
 * nobody says them, since a folder of routes seldom does.
 *
 * @throws CliError for a file that cannot be read, and for an object that stands twice
 */
export async function readResources(flags: ResourceFlags, io: Io): Promise<Resources> {
  const saved = await savedObjects(flags, io);
  const isLive = flags.filename === undefined || flags.live === true;
  const live = isLive ? await objectsOfCluster(flags, io) : [];
  const objects = new Map(live.map((object) => [identityOf(object), object]));
  for (const [identity, { object }] of saved) objects.set(identity, object);
  if (!isLive) addWhatIsTakenForGranted(objects);
  const options = { supportedFeatures: KNOWN_FEATURES, addresses: addressesOf(objects.values()) };
  return { snapshot: snapshotOf(objects.values() as Iterable<Resource>, options), saved };
}

/**
 * All objects of a cluster that a snapshot may have, each with its kind.
 *
 * @throws CliError where it has no Gateways at all, unless files have what is asked about: that there is none would be half of the truth
 */
export async function objectsOfCluster(flags: ResourceFlags, io: Io): Promise<readonly KubeObject[]> {
  const isOfFiles = flags.filename !== undefined;
  return await withCluster(flags, io, (client) => listAll(client, isOfFiles, io.signal));
}

/** Kind, group, namespace and name of an object. */
export function identityOf({ apiVersion, kind, metadata }: KubeObject): string {
  const group = apiVersion?.includes('/') ? apiVersion.split('/')[0]! : '';
  return `${kind ?? ''}.${group} ${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}

const CLUSTER_SCOPED = new Set(['GatewayClass', 'Namespace', 'ClusterTrustBundle', 'CustomResourceDefinition']);

async function savedObjects(
  { filename, recursive = false, namespace = 'default' }: ResourceFlags,
  io: Io,
): Promise<Map<string, SavedObject>> {
  const saved = new Map<string, SavedObject>();
  for await (const one of readObjectFiles(filename ?? [], { recursive }, io)) {
    const { metadata } = one.object;
    const isPlaced = metadata.namespace !== undefined || CLUSTER_SCOPED.has(one.object.kind ?? '');
    const object = isPlaced ? one.object : { ...one.object, metadata: { ...metadata, namespace } };
    const identity = identityOf(object);
    const first = saved.get(identity);
    if (first !== undefined) {
      const hint = 'delete one of them, or leave out one of the files';
      throw new CliError(`${object.kind} ${metadata.name ?? ''} stands twice: in ${first.place} and in ${one.place}`, {
        hint,
      });
    }
    saved.set(identity, { ...one, object });
  }
  return saved;
}

async function listAll(client: Client, isOfFiles: boolean, signal: AbortSignal): Promise<KubeObject[]> {
  const kinds = await servedKinds(client);
  if (!isOfFiles && !kinds.has('gateways')) {
    throw new CliError('The cluster has no Gateway API', { hint: 'nekube gateway install' });
  }
  const lists = await Promise.all(
    [...kinds.values()].map(async (kind) => {
      const { items } = await client.list(kind, { signal });
      return items.map((item) => ({ ...item, ...kind }));
    }),
  );
  return lists.flat();
}

function addWhatIsTakenForGranted(objects: Map<string, KubeObject>): void {
  const add = (object: KubeObject): void => {
    const identity = identityOf(object);
    if (!objects.has(identity)) objects.set(identity, object);
  };
  add({ ...GATEWAY_CLASS });
  for (const { metadata } of [...objects.values()]) {
    const name = metadata.namespace;
    if (name === undefined) continue;
    add({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'kubernetes.io/metadata.name': name } } });
  }
}

interface StatusAddress {
  readonly value?: string;
  readonly routability?: string;
}

interface WithAddresses {
  readonly status?: { readonly addresses?: readonly StatusAddress[] };
}

/** A ClusterIP is that of the Gateway's Service, and nobody listens on it. */
function toListenOn({ value, routability }: StatusAddress): string[] {
  return value === undefined || routability === 'Cluster' ? [] : [value];
}

function addressesOf(objects: Iterable<KubeObject>): Map<string, readonly string[]> {
  const addresses = new Map<string, readonly string[]>();
  for (const object of objects) {
    if (object.kind !== 'Gateway') continue;
    const values = (object as WithAddresses).status?.addresses?.flatMap(toListenOn) ?? [];
    if (values.length > 0) addresses.set(`${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`, values);
  }
  return addresses;
}
