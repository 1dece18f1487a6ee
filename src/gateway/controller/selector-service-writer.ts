import type { KubeObject } from 'nekube/apimachinery';
import { isStatusError } from 'nekube/apimachinery';
import type { Client, ObjectStore } from 'nekube/client';
import type { GatewayModel } from '../model/index.ts';
import type { XBackend } from '../translate/index.ts';
import { keyOf } from './watched-objects.ts';
import { type SelectorService, selectorChange, selectorLabels, selectorServiceOf } from './selector-service.ts';

const SERVICE = { apiVersion: 'v1', kind: 'Service' } as const;

/** Makes a Service for each XBackend of pods that a gateway uses, and removes it when none does any longer. */
export class SelectorServiceWriter {
  readonly #client: Client;
  readonly #backends: ObjectStore<KubeObject>;
  #of: GatewayModel['backends'] | undefined;
  /** Undefined until the first translation: then nothing is known to be unused. */
  #used: ReadonlySet<string> | undefined;

  constructor(client: Client, backends: ObjectStore<KubeObject>) {
    this.#client = client;
    this.#backends = backends;
  }

  /** Takes over what is used now; gives the keys of those of which that changed. */
  update({ backends }: GatewayModel): string[] {
    if (backends === this.#of) return [];
    this.#of = backends;
    const used = new Set<string>();
    for (const { source, endpoints } of backends.values()) {
      if (source.kind === 'XBackend' && endpoints !== undefined) used.add(`${source.namespace}/${source.name}`);
    }
    const before = this.#used;
    this.#used = used;
    if (before === undefined) return this.#backends.list().map(keyOf);
    return [...[...used].filter((key) => !before.has(key)), ...[...before].filter((key) => !used.has(key))];
  }

  /** Makes what one XBackend needs, or removes what it needs no longer. */
  async write(key: string, signal: AbortSignal): Promise<void> {
    const [namespace = '', name = ''] = key.split('/');
    const backend = this.#backends.get({ namespace, name }) as (XBackend & KubeObject) | undefined;
    // what was made of one that is gone goes with it
    if (backend === undefined || this.#used === undefined) return;
    const wanted = this.#used.has(key) ? selectorServiceOf(backend) : undefined;
    const [found, ...more] = await this.#made(namespace, name, backend.metadata.uid ?? '', signal);
    const superfluous = wanted === undefined && found !== undefined ? [found, ...more] : more;
    for (const one of superfluous) await this.#remove(one, signal);
    if (wanted === undefined) return;
    if (found === undefined) {
      await this.#client.create<KubeObject>(wanted as never, { signal });
      return;
    }
    const merge = selectorChange(found, wanted);
    if (merge === undefined) return;
    await this.#client.patch(SERVICE, { namespace, name: found.metadata.name! }, { merge } as never, { signal });
  }

  /** Asked of the server: what was just made may not be in a cache yet. */
  async #made(namespace: string, name: string, uid: string, signal: AbortSignal): Promise<SelectorService[]> {
    const labelSelector = Object.entries(selectorLabels(name))
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    const { items } = await this.#client.list(SERVICE, { namespace, labelSelector, signal });
    const owned = (items as unknown as SelectorService[]).filter(({ metadata }) =>
      metadata.ownerReferences?.some((owner) => owner.uid === uid),
    );
    return owned.sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1));
  }

  async #remove({ metadata: { namespace, name = '' } }: SelectorService, signal: AbortSignal): Promise<void> {
    const key = { ...(namespace === undefined ? {} : { namespace }), name };
    await this.#client.delete(SERVICE, key, { signal }).catch((error: unknown) => {
      if (!isStatusError(error, 'NotFound')) throw error;
    });
  }
}
