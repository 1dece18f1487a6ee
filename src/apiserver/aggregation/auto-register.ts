import { errorText, jsonEqual, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import type { Informer } from '../registry/informer.ts';
import type { Resources } from '../registry/resources.ts';
import { changeObject, ensureObject, removeObject, type SystemWriter } from '../system-objects.ts';
import type { ApiService } from './api-service.ts';

/** Says of an APIService that a server keeps it: `onstart`, what is built in, or `true`, of custom resources. */
const MANAGED = 'kube-aggregator.kubernetes.io/automanaged';
/** Custom resources have a low priority; versions of a group are ordered by their names. */
const PRIORITIES = { groupPriorityMinimum: 1000, versionPriority: 100 };

/** A version of a group. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/** What is to be done for an APIService that a server keeps. */
export type RegisterStep = 'create' | 'update' | 'delete' | undefined;

/** An APIService that somebody else made, or took over by removing the label, is left alone. */
export function registerStep(current: ApiService | undefined, desired: ApiService | undefined): RegisterStep {
  if (current === undefined) return desired === undefined ? undefined : 'create';
  if (current.metadata.labels?.[MANAGED] !== 'true') return undefined;
  if (desired === undefined) return 'delete';
  return jsonEqual(current.spec as unknown as JsonValue, desired.spec as unknown as JsonValue) ? undefined : 'update';
}

/** Keeps an APIService for each version of a group of custom resources. */
export class AutoRegister {
  readonly #deps: SystemWriter & { readonly resources: Resources; readonly log: (line: string) => void };
  readonly #services: Pick<Informer, 'list' | 'get' | 'onChange'>;
  readonly #now: () => Date;
  #desired: ReadonlyMap<string, ApiService> = new Map();
  /** Names that were served once, or are marked as such at the start: those are taken away again. */
  readonly #own = new Set<string>();
  #signal: AbortSignal | undefined;
  #busy = Promise.resolve();

  constructor(
    deps: SystemWriter & { readonly resources: Resources; readonly log: (line: string) => void },
    services: Pick<Informer, 'list' | 'get' | 'onChange'>,
    now: () => Date,
  ) {
    this.#deps = deps;
    this.#services = services;
    this.#now = now;
  }

  /** Goes on until the signal is aborted. Custom resources are served already, and the informer is started. */
  async start(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    for (const { metadata } of this.#services.list())
      if (metadata.labels?.[MANAGED] === 'true') this.#own.add(metadata.name!);
    this.#serve();
    await this.#sync();
    this.#deps.resources.onChange(() => {
      this.#serve();
      this.#enqueue();
    });
    this.#services.onChange(() => this.#enqueue());
  }

  #serve(): void {
    const { resources } = this.#deps;
    const custom = resources.groups().filter(({ group }) => resources.isCustomGroup(group));
    const services = custom.flatMap(({ group, versions }) =>
      versions.map(({ version }) => apiServiceOf({ group, version })),
    );
    this.#desired = new Map(services.map((service) => [service.metadata.name!, service]));
    for (const name of this.#desired.keys()) this.#own.add(name);
  }

  #enqueue(): void {
    this.#busy = this.#busy
      .then(() => (this.#signal?.aborted ? undefined : this.#sync()))
      .catch((error: unknown) => {
        if (!this.#signal?.aborted) this.#deps.log(`APIServices: ${errorText(error)}`);
      });
  }

  async #sync(): Promise<void> {
    const resource = this.#deps.resources.builtin('apiregistration.k8s.io', 'v1', 'apiservices');
    for (const name of [...this.#own]) {
      const desired = this.#desired.get(name);
      const step = registerStep(this.#services.get('', name) as ApiService | undefined, desired);
      if (step === 'create') await ensureObject(this.#deps, this.#now(), resource, structuredClone(desired!));
      if (step === 'delete') await removeObject(this.#deps, resource, name);
      if (step === 'update')
        await changeObject(this.#deps, this.#now(), resource, { name }, (live: KubeObject) => ({
          ...live,
          spec: desired!.spec,
        }));
      if (desired === undefined) this.#own.delete(name);
    }
  }
}

function apiServiceOf({ group, version }: GroupVersion): ApiService {
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: `${version}.${group}`, labels: { [MANAGED]: 'true' } },
    spec: { group, version, ...PRIORITIES },
  };
}
