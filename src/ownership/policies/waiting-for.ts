import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { type Client, isNoMatchError, listAll } from 'nekube/client';
import { API_VERSION, type ApplyConflict } from 'nekube/fieldpolicy';

/** Where those of objects without a namespace are. */
const HOME = 'default';

/**
 * Finds the ApplyConflict as which an apply to an object waits for a person, as `NAMESPACE/NAME`; undefined where there is
 * none, or none that the client may see.
 */
export async function waitingFor(
  client: Client,
  { metadata }: KubeObject,
  manager: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const namespace = metadata.namespace ?? HOME;
  try {
    const kind = { apiVersion: API_VERSION, kind: 'ApplyConflict' };
    const { items } = await listAll<KubeObject>(client, kind, { namespace, signal });
    const own = (items as ApplyConflict[]).filter(
      ({ spec }) => spec.objectRef.uid === metadata.uid && spec.manager === manager,
    );
    // it is kept anew with each apply that meets other conflicts: the one that lives longest is that of now
    const [newest] = own.sort((a, b) => b.spec.expirationTime.localeCompare(a.spec.expirationTime));
    return newest && `${namespace}/${newest.metadata.name}`;
  } catch (error) {
    if (isNoMatchError(error) || isStatusError(error, 'NotFound') || isStatusError(error, 'Forbidden'))
      return undefined;
    throw error;
  }
}
