import { type Client, isNoMatchError, type Kind } from 'nekube/client';
import { SNAPSHOT_KINDS, type SnapshotKind } from '../translate/index.ts';

/** The version of each group in which objects are read. */
const VERSIONS: Readonly<Record<string, string>> = {
  '': 'v1',
  'discovery.k8s.io': 'discovery.k8s.io/v1',
  'gateway.networking.k8s.io': 'gateway.networking.k8s.io/v1',
  'gateway.networking.x-k8s.io': 'gateway.networking.x-k8s.io/v1alpha1',
  'certificates.k8s.io': 'certificates.k8s.io/v1beta1',
  'gateway.nekube.dev': 'gateway.nekube.dev/v1alpha1',
};

/** Without these there is nothing to do. */
const NEEDED: readonly SnapshotKind[] = ['gatewayClasses', 'gateways', 'httpRoutes', 'services', 'endpointSlices'];

/** The kind of a part of a snapshot. */
export function kindOfPart(part: SnapshotKind): Kind {
  const { group, kind } = SNAPSHOT_KINDS[part];
  return { apiVersion: VERSIONS[group]!, kind };
}

/** The parts of a snapshot that this cluster has. @throws NoMatchError it has no Gateway API */
export async function servedParts(client: Client): Promise<readonly SnapshotKind[]> {
  const parts = Object.keys(SNAPSHOT_KINDS) as SnapshotKind[];
  const served = await Promise.all(parts.map(async (part) => ({ part, is: await isServed(client, part) })));
  return served.filter(({ is }) => is).map(({ part }) => part);
}

async function isServed(client: Client, part: SnapshotKind): Promise<boolean> {
  try {
    await client.served(kindOfPart(part));
    return true;
  } catch (error) {
    if (!isNoMatchError(error) || NEEDED.includes(part)) throw error;
    return false;
  }
}
