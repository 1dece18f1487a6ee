import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { type Client, sleep } from 'nekube/client';
import { installDefinitions } from './install.ts';
import type { Manifest } from './manifests.ts';
import { patienceOf } from './waiting.ts';

/** Says that a definition is there for tests only, and goes with the last of them. */
const MADE = 'envtest.nekube.dev/made';
/** Says that a test uses it: one for each environment. */
const USED = 'used-by.envtest.nekube.dev/';
const MOST_TRIES = 5;
/** How long a definition that is being removed is waited for, at least, since its objects go first; and that it changes no more. */
const GOING_MS = 10_000;
const POLL_MS = 20;
const DEFINITION = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };

/**
 * Definitions in a cluster that others use too. Those that were there stay; those that a test makes are marked, each
 * environment that uses one marks it as well, and the last of these that ends removes it.
 */
export class SharedDefinitions {
  readonly #client: Client;
  readonly #mark: string;
  readonly #used: string[] = [];

  /** @param id of the environment */
  constructor(client: Client, id: string) {
    this.#client = client;
    this.#mark = `${USED}${id}`;
  }

  async define(definitions: readonly Manifest[]): Promise<void> {
    // what is there and is nobody's test's stays as it is, or it would be taken for ours
    const manifests = await Promise.all(
      definitions.map(async ({ object, place }) => {
        const live = await this.#live(object.metadata.name ?? '');
        return { object: live === undefined || isMade(live) ? withMark(object) : object, place };
      }),
    );
    await installDefinitions(this.#client, manifests, () => {});
    for (const manifest of manifests) if (isMade(manifest.object)) await this.#use(manifest);
  }

  /** Marks it; the last of those who used it may have removed it just now. */
  async #use(manifest: Manifest): Promise<void> {
    const name = manifest.object.metadata.name ?? '';
    for (let tries = 1; ; tries++) {
      try {
        await this.#annotate(name, '');
        return void this.#used.push(name);
      } catch (error) {
        if (!isStatusError(error, 'NotFound') || tries === MOST_TRIES) throw error;
        await installDefinitions(this.#client, [manifest], () => {});
      }
    }
  }

  /** Removes what nobody uses any more. */
  async release(): Promise<void> {
    const names = this.#used.splice(0);
    for (const name of names) await this.#release(name);
  }

  /** The definition may change between the look at it and its end: somebody begins to use it, or the server writes its status. */
  async #release(name: string): Promise<void> {
    try {
      let live = await this.#annotate(name, null);
      // each conflict is somebody else's success, so that it is tried by time: as many may end at once as like
      const deadline = performance.now() + Math.max(GOING_MS, patienceOf());
      while (!isUsed(live)) {
        const preconditions = { resourceVersion: live.metadata.resourceVersion ?? '' };
        try {
          return void (await this.#client.delete(DEFINITION, { name }, { preconditions }));
        } catch (error) {
          if (!isStatusError(error, 'Conflict') || performance.now() > deadline) throw error;
          live = await this.#client.get(DEFINITION, { name });
        }
      }
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  }

  #annotate(name: string, value: string | null): Promise<KubeObject> {
    const patch = { metadata: { annotations: { [this.#mark]: value } } };
    return this.#client.patch(DEFINITION, { name }, { merge: patch as never });
  }

  /** One that is going is waited for, as it would take the objects of a test with it. */
  async #live(name: string): Promise<KubeObject | undefined> {
    const deadline = performance.now() + Math.max(GOING_MS, patienceOf());
    try {
      for (;;) {
        const live = await this.#client.get(DEFINITION, { name });
        if (live.metadata.deletionTimestamp === undefined || performance.now() > deadline) return live;
        await sleep(POLL_MS);
      }
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return undefined;
      throw error;
    }
  }
}

function withMark(object: KubeObject): KubeObject {
  const annotations = { ...object.metadata.annotations, [MADE]: 'true' };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function isUsed({ metadata }: KubeObject): boolean {
  return Object.keys(metadata.annotations ?? {}).some((key) => key.startsWith(USED));
}

function isMade({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[MADE] !== undefined;
}
