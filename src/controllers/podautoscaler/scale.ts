import { isStatusError, type JsonValue, type KubeObject, parseApiVersion } from 'nekube/apimachinery';
import { type Client, discoverResources, isNoMatchError, type ServedKind } from 'nekube/client';
import type { CrossReference } from './autoscaler.ts';

/** How many replicas something has and shall have. */
export interface Scale extends KubeObject {
  spec: { replicas?: number };
  status: { replicas?: number; selector?: string };
}

const MOST_TRIES = 5;

/** The part `scale` of an object, of whatever kind. */
export class ScaleTarget {
  readonly #client: Client;
  readonly #path: string;
  readonly #fieldManager: string;

  private constructor(client: Client, path: string, fieldManager: string) {
    this.#client = client;
    this.#path = path;
    this.#fieldManager = fieldManager;
  }

  /** @throws Error for a kind that is not served */
  static async of(
    client: Client,
    { apiVersion = 'v1', kind, name }: CrossReference,
    { namespace, fieldManager }: { readonly namespace: string; readonly fieldManager: string },
  ): Promise<ScaleTarget> {
    const { apiVersion: version, resource } = await servedAs(client, { apiVersion, kind });
    const root = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
    return new ScaleTarget(client, `${root}/namespaces/${namespace}/${resource}/${name}/scale`, fieldManager);
  }

  async read(): Promise<Scale> {
    const headers = { accept: 'application/json' };
    return (await this.#client.raw({ method: 'GET', path: this.#path, headers })) as unknown as Scale;
  }

  /** Writes how many replicas there shall be, again on what somebody else wrote meanwhile. */
  async write(scale: Scale, replicas: number): Promise<void> {
    let latest = scale;
    for (let tries = 1; ; tries++) {
      try {
        await this.#client.raw({
          method: 'PUT',
          path: `${this.#path}?fieldManager=${this.#fieldManager}`,
          headers: { accept: 'application/json', 'content-type': 'application/json' },
          body: JSON.stringify({ ...latest, spec: { ...latest.spec, replicas } } as unknown as JsonValue),
        });
        return;
      } catch (error) {
        if (!isStatusError(error, 'Conflict') || tries === MOST_TRIES) throw error;
        latest = await this.read();
      }
    }
  }
}

/** In the version that is asked for, or in another of the group. */
async function servedAs(
  client: Client,
  kind: { readonly apiVersion: string; readonly kind: string },
): Promise<ServedKind> {
  try {
    return await client.served(kind);
  } catch (error) {
    if (!isNoMatchError(error)) throw error;
    const group = parseApiVersion(kind.apiVersion)?.group ?? '';
    const all = await discoverResources(client);
    const found = all.find((one) => one.kind === kind.kind && one.group === group);
    if (found !== undefined) return found;
    throw new Error(`no matches for kind ${JSON.stringify(kind.kind)} in group ${JSON.stringify(group)}`, {
      cause: error,
    });
  }
}
