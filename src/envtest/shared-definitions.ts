import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { installDefinitions } from './install.ts';
import type { Manifest } from './manifests.ts';

/** Says that a definition is there for tests only, and goes with the last of them. */
const MADE = 'envtest.nekube.dev/made';
/** Says that a test uses it: one for each environment. */
const USED = 'used-by.envtest.nekube.dev/';
const DEFINITION = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };

/**
 * Definitions in a cluster that others use too. Those that were there stay; those that a test makes are marked, each
 * environment that uses one marks it as well, and the last of these that ends removes it.
 */
export class SharedDefinitions {
  readonly #client: Client;
  readonly #use: string;
  readonly #used: string[] = [];

  /** @param id of the environment */
  constructor(client: Client, id: string) {
    this.#client = client;
    this.#use = `${USED}${id}`;
  }

  async define(definitions: readonly Manifest[]): Promise<void> {
    const marked = definitions.map(({ object, place }) => ({ object: withMark(object), place }));
    const known = await Promise.all(definitions.map(({ object }) => this.#live(object.metadata.name ?? '')));
    // what is there and is nobody's test's stays as it is, or it would be taken for ours
    const ours = marked.map((manifest, i) => (known[i] && !isMade(known[i]) ? definitions[i]! : manifest));
    await installDefinitions(this.#client, ours, () => {});
    for (const { object } of ours) {
      const name = object.metadata.name ?? '';
      if (isMade(object)) this.#used.push(name);
      if (isMade(object)) await this.#annotate(name, '');
    }
  }

  /** Removes what nobody uses any more. */
  async release(): Promise<void> {
    for (const name of this.#used.splice(0)) {
      try {
        const { metadata } = await this.#annotate(name, null);
        if (Object.keys(metadata.annotations ?? {}).some((key) => key.startsWith(USED))) continue;
        const preconditions = { resourceVersion: metadata.resourceVersion ?? '' };
        await this.#client.delete(DEFINITION, { name }, { preconditions });
      } catch (error) {
        // somebody else removed it, or has just begun to use it
        if (!isStatusError(error, 'NotFound') && !isStatusError(error, 'Conflict')) throw error;
      }
    }
  }

  #annotate(name: string, value: string | null): Promise<KubeObject> {
    const patch = { metadata: { annotations: { [this.#use]: value } } };
    return this.#client.patch(DEFINITION, { name }, { merge: patch as never });
  }

  async #live(name: string): Promise<KubeObject | undefined> {
    try {
      return await this.#client.get(DEFINITION, { name });
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

function isMade({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[MADE] !== undefined;
}
