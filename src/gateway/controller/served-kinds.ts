import { type Client, isNoMatchError, type Kind } from 'nekube/client';
import { SNAPSHOT_KINDS, type SnapshotKind } from '../translate/index.ts';

/** The versions of each group in which objects can be read, the newest first. They differ in nothing that is looked at. */
const VERSIONS: Readonly<Record<string, readonly string[]>> = {
  '': ['v1'],
  'discovery.k8s.io': ['v1'],
  'gateway.networking.k8s.io': ['v1', 'v1beta1', 'v1alpha3', 'v1alpha2'],
  'gateway.networking.x-k8s.io': ['v1alpha1'],
  'certificates.k8s.io': ['v1', 'v1beta1', 'v1alpha1'],
  'gateway.nekube.dev': ['v1alpha1'],
  'multicluster.x-k8s.io': ['v1beta1', 'v1alpha1'],
};

/** The parts of a snapshot that a cluster has, each with its kind in the newest version that is served. */
export async function servedKinds(client: Client): Promise<ReadonlyMap<SnapshotKind, Kind>> {
  const parts = Object.keys(SNAPSHOT_KINDS) as SnapshotKind[];
  const kinds = await Promise.all(parts.map(async (part) => [part, await newestServed(client, part)] as const));
  return new Map(kinds.flatMap(([part, kind]) => (kind === undefined ? [] : [[part, kind] as const])));
}

/** The newest version of a kind that is served; undefined where none is. */
async function newestServed(client: Client, part: SnapshotKind): Promise<Kind | undefined> {
  for (const kind of kindsOf(part)) {
    try {
      await client.served(kind);
      return kind;
    } catch (error) {
      if (!isNoMatchError(error)) throw error;
    }
  }
  return undefined;
}

/** The kind of a part in each version, the newest first. */
export function kindsOf(part: SnapshotKind): readonly Kind[] {
  const { group, kind } = SNAPSHOT_KINDS[part];
  return VERSIONS[group]!.map((version) => ({ apiVersion: group === '' ? version : `${group}/${version}`, kind }));
}
