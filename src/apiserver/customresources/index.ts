/**
 * Custom resources: what CustomResourceDefinitions define, served as the built-in resources are.
 *
 * Here names are accepted and definitions established, objects are pruned, defaulted and validated by their schema,
 * and removed with their definition.
 */
import {
  builtinOpenApiV2,
  type CustomSwagger,
  type OpenApiV2,
  type OpenApiV3Document,
  openApiV2With,
} from 'nekube/api';
import { formatTime, jsonEqual, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import type { Storage } from 'nekube/storage';
import type { Informer } from '../registry/informer.ts';
import type { CustomGroup, Resources } from '../registry/resources.ts';
import type { ServedResource } from '../registry/served.ts';
import type { Store } from '../registry/store.ts';
import { systemWrite } from '../system-objects.ts';
import { settledStatus, withCondition } from './conditions.ts';
import { type Definition, hasCondition } from './definition.ts';
import { discoveryOf } from './discovery.ts';
import type { NewCondition } from './naming.ts';
import { removeObjects } from './removal.ts';
import { documentOf } from './openapi.ts';
import { swaggerOf } from './openapi-v2.ts';
import { serveDefinition } from './served.ts';
import type { WebhookClient } from '../webhooks/index.ts';

/** What custom resources are served with. */
export interface CustomResourcesOptions {
  readonly resources: Resources;
  readonly storage: Storage;
  readonly store: Store;
  /** Of the definitions, started. */
  readonly definitions: Pick<Informer, 'onChange'>;
  readonly now: () => Date;
  /** Calls the webhooks of conversion. */
  readonly webhooks: Pick<WebhookClient, 'post'>;
  /** Gets a line where a definition could not be brought into its state. */
  readonly log: (line: string) => void;
}

const FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';
const MANAGER = 'kube-apiserver';

/** Follows the definitions and keeps what is served in step with them. */
export class CustomResources {
  readonly #options: CustomResourcesOptions;
  readonly #definitions: ServedResource;
  /** What each definition serves, by its name; made again only when its spec changes. */
  readonly #served = new Map<string, { readonly key: string; readonly resources: readonly ServedResource[] }>();
  /** What was read of each definition, by its key; read again only when it was written since. */
  #known: ReadonlyMap<string, { readonly revision: number; readonly definition: Definition }> = new Map();
  #documents: ReadonlyMap<string, OpenApiV3Document> = new Map();
  #swagger: OpenApiV2 = builtinOpenApiV2();
  #established: readonly Definition[] = [];
  /** Definitions whose objects are waited for to go. */
  readonly #waiting = new Map<string, AbortController>();
  #signal = new AbortController().signal;
  #busy = Promise.resolve();
  /** Whether a turn is to come that will see what is there then. */
  #isDue = false;

  constructor(options: CustomResourcesOptions) {
    this.#options = options;
    this.#definitions = options.resources.builtin('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
  }

  /** Serves what is defined already, and goes on until the signal is aborted. */
  async start(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    const first = this.#reconcile();
    this.#busy = first.catch(() => {});
    this.#options.definitions.onChange(() => this.#enqueue());
    await first;
  }

  /** OpenAPI documents of the custom resources by path. */
  documents(): ReadonlyMap<string, OpenApiV3Document> {
    return this.#documents;
  }

  /** The Swagger document (OpenAPI v2) of the built-in kinds and the custom resources. */
  swagger(): OpenApiV2 {
    return this.#swagger;
  }

  /** What custom resources have in the Swagger document. */
  swaggerPart(): CustomSwagger {
    return swaggerOf(this.#established);
  }

  async #reconcile(): Promise<void> {
    this.#isDue = false;
    const definitions = await this.#list();
    const groups = byGroup(definitions);
    for (const definition of definitions) {
      if (definition.metadata.deletionTimestamp) continue;
      await this.#settle(definition, groups.get(definition.spec.group)!);
    }
    const current = await this.#list();
    this.#serve(current.filter((definition) => hasCondition(definition, 'Established')));
    for (const definition of current) if (definition.metadata.deletionTimestamp) await this.#finalize(definition);
  }

  async #list(): Promise<Definition[]> {
    const { storage, store } = this.#options;
    const { entries } = await storage.range(this.#definitions.keyPrefix);
    const known = entries.map((entry) => {
      const before = this.#known.get(entry.key);
      if (before?.revision === entry.modRevision) return [entry.key, before] as const;
      const definition = store.decode(this.#definitions, entry) as Definition;
      return [entry.key, { revision: entry.modRevision, definition }] as const;
    });
    this.#known = new Map(known);
    return known.map(([, { definition }]) => definition);
  }

  /** Brings the status of a definition to what its names and annotations, and those of its group, come to. */
  async #settle(definition: Definition, group: readonly Definition[]): Promise<void> {
    const others = group.filter((other) => other !== definition);
    const status = settledStatus(definition, others, formatTime(this.#options.now()));
    if (sameStatus(definition.status, status)) return;
    await this.#writeStatus(definition, status);
    // what is accepted counts for those that come after
    definition.status = status;
  }

  async #writeStatus(definition: Definition, status: Definition['status']): Promise<void> {
    await this.#update(definition, 'status', (current) => {
      current.status = { ...(current as Definition).status, ...status };
    });
  }

  async #update(definition: Definition, subresource: string, change: (object: KubeObject) => void): Promise<void> {
    const { store, now } = this.#options;
    const resource = this.#definitions;
    const rules = subresource === '' ? resource.rules : resource.rules.subresources![subresource]!;
    const transform = (current: KubeObject | undefined): KubeObject => {
      const object = structuredClone(current!);
      change(object);
      return resource.fieldManager(subresource).update(current, object, MANAGER);
    };
    const options = systemWrite(now(), { ...rules, validateUpdate: () => [] });
    await store.update(resource, '', definition.metadata.name!, transform, options);
  }

  #serve(definitions: readonly Definition[]): void {
    const names = new Set(definitions.map((d) => d.metadata.name!));
    for (const name of this.#served.keys()) if (!names.has(name)) this.#served.delete(name);
    const documents = new Map<string, OpenApiV3Document>();
    const custom: CustomGroup[] = [...byGroup(definitions)].map(([group, members]) => {
      const resources = members.flatMap((definition) => this.#resourcesOf(definition));
      const shown = discoveryOf(group, members);
      for (const { version } of shown.versions)
        documents.set(`apis/${group}/${version}`, documentOf(group, version, members));
      return { group: shown, resources };
    });
    this.#documents = documents;
    this.#established = definitions;
    this.#swagger = definitions.length === 0 ? builtinOpenApiV2() : openApiV2With(() => swaggerOf(definitions));
    this.#options.resources.setCustom(custom);
  }

  #resourcesOf(definition: Definition): readonly ServedResource[] {
    const name = definition.metadata.name!;
    const key = `${definition.metadata.uid} ${definition.metadata.generation} ${hasCondition(definition, 'Terminating')}`;
    const known = this.#served.get(name);
    if (known?.key === key) return known.resources;
    const resources = serveDefinition(definition, this.#options);
    this.#served.set(name, { key, resources });
    return resources;
  }

  /** Deletes the objects of a definition that is being deleted; when there are none, the definition may go. */
  async #finalize(definition: Definition): Promise<void> {
    if (!definition.metadata.finalizers?.includes(FINALIZER)) return;
    const name = definition.metadata.name!;
    await this.#writeStatus(definition, this.#terminating(definition, IN_PROGRESS));
    const [resource] = hasCondition(definition, 'Established') ? serveDefinition(definition, this.#options) : [];
    if (resource !== undefined && (await removeObjects(resource, this.#options)) > 0)
      return this.#await(name, resource);
    this.#waiting.get(name)?.abort();
    this.#waiting.delete(name);
    await this.#update(definition, '', (object) => {
      object.metadata.finalizers = object.metadata.finalizers!.filter((finalizer) => finalizer !== FINALIZER);
    });
  }

  #terminating(definition: Definition, condition: NewCondition): Definition['status'] {
    const time = formatTime(this.#options.now());
    return { ...definition.status, conditions: withCondition(definition.status?.conditions, condition, time) };
  }

  /** Goes on when objects of the definition are gone. */
  async #await(name: string, resource: ServedResource): Promise<void> {
    if (this.#waiting.has(name)) return;
    const { storage } = this.#options;
    const waiting = new AbortController();
    this.#waiting.set(name, waiting);
    const { revision } = await storage.range(resource.keyPrefix, { limit: 1 });
    const stop = () => {
      waiting.abort();
      if (this.#waiting.get(name) === waiting) this.#waiting.delete(name);
    };
    storage.watch({
      prefix: resource.keyPrefix,
      after: revision,
      signal: AbortSignal.any([waiting.signal, this.#signal]),
      onEvents: (events) => {
        if (events.some(({ entry }) => entry === undefined)) this.#enqueue();
      },
      onError: stop,
    });
  }

  #enqueue(): void {
    if (this.#signal.aborted || this.#isDue) return;
    this.#isDue = true;
    this.#busy = this.#busy
      .then(() => this.#reconcile())
      .catch((error: Error) => this.#options.log(`custom resources: ${error.message}`));
  }
}

function byGroup(definitions: readonly Definition[]): ReadonlyMap<string, readonly Definition[]> {
  const groups = new Map<string, Definition[]>();
  for (const definition of definitions) {
    const members = groups.get(definition.spec.group);
    if (members === undefined) groups.set(definition.spec.group, [definition]);
    else members.push(definition);
  }
  return groups;
}

const IN_PROGRESS: NewCondition = {
  type: 'Terminating',
  status: 'True',
  reason: 'InstanceDeletionInProgress',
  message: 'CustomResource deletion is in progress',
};

function sameStatus(a: Definition['status'] | undefined, b: Definition['status']): boolean {
  const conditions = (status: Definition['status'] | undefined) =>
    (status?.conditions ?? []).map((c) => [c.type, c.status, c.reason, c.message]);
  const bare = (status: Definition['status'] | undefined) =>
    [conditions(status), status?.acceptedNames ?? null] as unknown as JsonValue;
  return jsonEqual(bare(a), bare(b));
}
