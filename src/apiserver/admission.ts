import type { KubeObject } from 'nekube/apimachinery';
import type { Awaitable } from 'nekube/storage';
import type { ServedResource } from './registry/served.ts';
import type { UserInfo } from './user.ts';

/** One operation that is to be admitted (Kubernetes' admission.Attributes). */
export interface AdmissionAttributes {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly resource: ServedResource;
  /** Empty for the main endpoint. */
  readonly subresource: string;
  readonly namespace: string;
  /** Empty where a name is still to be generated, and for a whole collection. */
  readonly name: string;
  /** What is to be stored, in the hub version; plugins that mutate change it in place. None for DELETE. */
  readonly object?: KubeObject;
  /** What is stored; none for CREATE. */
  readonly old?: KubeObject;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** Adds a Warning header to the answer. */
  readonly warn: (text: string) => void;
}

/** A plugin of the admission chain; both halves throw a StatusError to refuse. */
export interface AdmissionPlugin {
  readonly name: string;
  /** Changes `object` before it is validated. */
  mutate?(attributes: AdmissionAttributes): Awaitable<void>;
  /** Judges the object as it will be stored. */
  validate?(attributes: AdmissionAttributes): Awaitable<void>;
}

/** All plugins, in kube-apiserver's order. */
export class AdmissionChain {
  readonly #mutating: readonly AdmissionPlugin[];
  readonly #validating: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#mutating = plugins.filter((plugin) => plugin.mutate !== undefined);
    this.#validating = plugins.filter((plugin) => plugin.validate !== undefined);
  }

  async mutate(attributes: AdmissionAttributes): Promise<void> {
    for (const plugin of this.#mutating) {
      const pending = plugin.mutate!(attributes);
      if (pending !== undefined) await pending;
    }
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    for (const plugin of this.#validating) {
      const pending = plugin.validate!(attributes);
      if (pending !== undefined) await pending;
    }
  }
}
