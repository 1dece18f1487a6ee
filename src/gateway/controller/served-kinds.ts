import { isStatusError } from 'nekube/apimachinery';
import type { Client, Kind } from 'nekube/client';
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

/** The parts of a snapshot that a cluster has, each with its kind. */
export type ServedKinds = ReadonlyMap<SnapshotKind, Kind>;

/** The parts of a snapshot that a cluster has now, each with its kind in the newest version that is served. */
export async function servedKinds(client: Client): Promise<ServedKinds> {
  const parts = Object.keys(SNAPSHOT_KINDS) as SnapshotKind[];
  const versions = new Set(parts.flatMap((part) => kindsOf(part).map(({ apiVersion }) => apiVersion)));
  const served = new Map(
    await Promise.all(
      [...versions].map(async (apiVersion) => [apiVersion, await kindsIn(client, apiVersion)] as const),
    ),
  );
  return new Map(
    parts.flatMap((part) => {
      const kind = kindsOf(part).find((one) => served.get(one.apiVersion)?.has(one.kind));
      return kind === undefined ? [] : [[part, kind] as const];
    }),
  );
}

/** The kinds of a version. What the client knows of the server is not asked: it may have changed since. */
async function kindsIn(client: Client, apiVersion: string): Promise<ReadonlySet<string>> {
  const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  try {
    const { resources = [] } = (await client.raw({ method: 'GET', path, headers: {} })) as {
      resources?: { kind: string }[];
    };
    return new Set(resources.map(({ kind }) => kind));
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return new Set();
    throw error;
  }
}

/** The kind of a part in each version, the newest first. */
export function kindsOf(part: SnapshotKind): readonly Kind[] {
  const { group, kind } = SNAPSHOT_KINDS[part];
  return VERSIONS[group]!.map((version) => ({ apiVersion: group === '' ? version : `${group}/${version}`, kind }));
}

/** Kinds of gateways that a cluster has not, as one with an older Gateway API or its standard channel: nothing of them is served. */
export function absentKinds(served: ServedKinds): readonly string[] {
  const ours = Object.entries(SNAPSHOT_KINDS).filter(([, { group }]) => group.startsWith('gateway.'));
  return ours.filter(([part]) => !served.has(part as SnapshotKind)).map(([, { kind }]) => kind);
}

/** What another set of kinds has more, less, or in another version, in words; empty if both are the same. */
export function kindsChanged(before: ServedKinds, after: ServedKinds): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((part) => {
    const [old, now] = [before.get(part), after.get(part)];
    if (old?.apiVersion === now?.apiVersion) return [];
    if (now === undefined) return [`${old?.kind} is gone`];
    return [`${now.kind} is served as ${now.apiVersion}`];
  });
}

/** Whether a definition of a custom resource, by its name, is of a kind that is looked at. */
export function isLookedAt(definition: string): boolean {
  return Object.keys(VERSIONS).some((group) => group.includes('.') && definition.endsWith(`.${group}`));
}
