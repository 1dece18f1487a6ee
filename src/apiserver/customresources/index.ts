/**
 * Custom resources: what CustomResourceDefinitions define, served as the built-in resources are.
 *
 * Here names are accepted and definitions established, objects are pruned, defaulted and validated by their schema,
 * and removed with their definition. What it does not do yet: CEL rules, formats, patterns, conversion webhooks.
 */
import { type OpenApiV3Document, type ServedGroup, storageVersionHash } from 'nekube/api';
import { formatTime, type KubeObject } from 'nekube/apimachinery';
import type { Storage } from 'nekube/storage';
import type { CustomGroup, Resources } from '../registry/resources.ts';
import type { ServedResource } from '../registry/served.ts';
import type { Store } from '../registry/store.ts';
import { compareVersions, type Condition, type Definition, hasCondition, withCondition } from './definition.ts';
import { documentOf } from './openapi.ts';
import { serveDefinition } from './served.ts';

/** What custom resources are served with. */
export interface CustomResourcesOptions {
  readonly resources: Resources;
  readonly storage: Storage;
  readonly store: Store;
  readonly now: () => Date;
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
  #documents: ReadonlyMap<string, OpenApiV3Document> = new Map();
  #busy = Promise.resolve();

  constructor(options: CustomResourcesOptions) {
    this.#options = options;
    this.#definitions = options.resources.builtin('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
  }

  /** Serves what is defined already, and goes on until the signal is aborted. */
  async start(signal: AbortSignal): Promise<void> {
    const { storage, log } = this.#options;
    const { revision } = await storage.range(this.#definitions.keyPrefix);
    await this.#reconcile();
    storage.watch({
      prefix: this.#definitions.keyPrefix,
      after: revision,
      signal,
      onEvents: () => {
        this.#busy = this.#busy
          .then(() => this.#reconcile())
          .catch((error: Error) => log(`custom resources: ${error.message}`));
      },
      onError: (error) => {
        if (!signal.aborted) log(`custom resources: ${error.message}`);
      },
    });
  }

  /** OpenAPI documents of the custom resources by path. */
  documents(): ReadonlyMap<string, OpenApiV3Document> {
    return this.#documents;
  }

  async #reconcile(): Promise<void> {
    const definitions = await this.#list();
    for (const definition of definitions) {
      if (definition.metadata.deletionTimestamp) continue;
      await this.#acceptNames(definition, definitions);
    }
    const current = await this.#list();
    this.#serve(current.filter((definition) => hasCondition(definition, 'Established')));
    for (const definition of current) if (definition.metadata.deletionTimestamp) await this.#finalize(definition);
  }

  async #list(): Promise<Definition[]> {
    const { storage, store } = this.#options;
    const { entries } = await storage.range(this.#definitions.keyPrefix);
    return entries.map((entry) => store.decode(this.#definitions, entry) as Definition);
  }

  /** Says whether the names are free; a definition whose names are is established. */
  async #acceptNames(definition: Definition, all: readonly Definition[]): Promise<void> {
    const taken = all.filter(
      (other) => other !== definition && other.spec.group === definition.spec.group && other.status?.acceptedNames,
    );
    const conflict = conflictOf(definition, taken);
    const time = formatTime(this.#options.now());
    const accepted: Condition = conflict ?? {
      type: 'NamesAccepted',
      status: 'True',
      lastTransitionTime: time,
      reason: 'NoConflicts',
      message: 'no conflicts found',
    };
    let conditions = withCondition(definition.status?.conditions, { ...accepted, lastTransitionTime: time });
    if (conflict === undefined) conditions = withCondition(conditions, established(time));
    else if (!hasCondition(definition, 'Established')) conditions = withCondition(conditions, notEstablished(time));
    const acceptedNames =
      conflict === undefined ? definition.spec.names : (definition.status?.acceptedNames ?? { plural: '', kind: '' });
    const status = { ...definition.status, conditions, acceptedNames };
    if (sameStatus(definition.status, status)) return;
    await this.#writeStatus(definition, status);
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
    await store.update(resource, '', definition.metadata.name!, transform, {
      dryRun: false,
      context: { now: now(), user: { name: 'system:apiserver', groups: ['system:masters'] } },
      warn: () => {},
      rules: { ...rules, validateUpdate: () => [] },
      validate: () => {},
    });
  }

  #serve(definitions: readonly Definition[]): void {
    const names = new Set(definitions.map((d) => d.metadata.name!));
    for (const name of this.#served.keys()) if (!names.has(name)) this.#served.delete(name);
    const groups = new Map<string, Definition[]>();
    for (const definition of definitions) {
      const { group } = definition.spec;
      groups.set(group, [...(groups.get(group) ?? []), definition]);
    }
    const documents = new Map<string, OpenApiV3Document>();
    const custom: CustomGroup[] = [...groups].map(([group, members]) => {
      const resources = members.flatMap((definition) => this.#resourcesOf(definition));
      const shown = discoveryOf(group, members);
      for (const { version } of shown.versions)
        documents.set(`apis/${group}/${version}`, documentOf(group, version, members));
      return { group: shown, resources };
    });
    this.#documents = documents;
    this.#options.resources.setCustom(custom);
  }

  #resourcesOf(definition: Definition): readonly ServedResource[] {
    const name = definition.metadata.name!;
    const key = `${definition.metadata.uid} ${definition.metadata.generation}`;
    const known = this.#served.get(name);
    if (known?.key === key) return known.resources;
    const resources = serveDefinition(definition, this.#options.now);
    this.#served.set(name, { key, resources });
    return resources;
  }

  /** Deletes the objects of a definition that is being deleted; when there are none, the definition may go. */
  async #finalize(definition: Definition): Promise<void> {
    if (!definition.metadata.finalizers?.includes(FINALIZER)) return;
    const { storage } = this.#options;
    const prefix = `/registry/${definition.spec.group}/${definition.spec.names.plural}/`;
    const { entries } = await storage.range(prefix);
    for (const entry of entries) await storage.write({ key: entry.key, value: null, expect: entry.modRevision });
    const { entries: left } = await storage.range(prefix, { limit: 1 });
    if (left.length > 0) return;
    await this.#update(definition, '', (object) => {
      object.metadata.finalizers = object.metadata.finalizers!.filter((finalizer) => finalizer !== FINALIZER);
    });
  }
}

function established(time: string): Condition {
  return {
    type: 'Established',
    status: 'True',
    lastTransitionTime: time,
    reason: 'InitialNamesAccepted',
    message: 'the initial names have been accepted',
  };
}

function notEstablished(time: string): Condition {
  return {
    type: 'Established',
    status: 'False',
    lastTransitionTime: time,
    reason: 'NotAccepted',
    message: 'not all names are accepted',
  };
}

/** The first of a definition's names that another of its group has; undefined if there is none. */
function conflictOf(
  definition: Definition,
  others: readonly Definition[],
): (Omit<Condition, 'lastTransitionTime'> & { lastTransitionTime: string }) | undefined {
  const { names } = definition.spec;
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const { status } of others) {
    const { plural, singular, shortNames = [], kind, listKind } = status.acceptedNames!;
    for (const name of [plural, singular, ...shortNames]) if (name) resources.add(name);
    for (const name of [kind, listKind]) if (name) kinds.add(name);
  }
  const refuse = (reason: string, name: string, taken: string) => ({
    type: 'NamesAccepted',
    status: 'False' as const,
    lastTransitionTime: '',
    reason,
    message: `"${name}" is already in use`.replace('""', `"${taken}"`),
  });
  if (resources.has(names.plural)) return refuse('PluralConflict', names.plural, names.plural);
  if (names.singular && resources.has(names.singular))
    return refuse('SingularConflict', names.singular, names.singular);
  const short = names.shortNames?.find((name) => resources.has(name));
  if (short) return refuse('ShortNamesConflict', short, short);
  if (kinds.has(names.kind)) return refuse('KindConflict', names.kind, names.kind);
  if (names.listKind && kinds.has(names.listKind)) return refuse('ListKindConflict', names.listKind, names.listKind);
  return undefined;
}

function sameStatus(a: Definition['status'] | undefined, b: Definition['status']): boolean {
  const bare = (status: Definition['status'] | undefined) =>
    JSON.stringify([status?.conditions?.map((c) => [c.type, c.status, c.reason, c.message]), status?.acceptedNames]);
  return bare(a) === bare(b);
}

/** A group as discovery shows it: versions by stability, resources by name. */
function discoveryOf(group: string, definitions: readonly Definition[]): ServedGroup {
  const served = definitions.flatMap((d) => d.spec.versions.filter((v) => v.served).map((v) => v.name));
  const versions = [...new Set(served)].sort(compareVersions);
  return {
    group,
    versions: versions.map((version) => ({
      version,
      resources: definitions
        .filter((d) => d.spec.versions.some((v) => v.name === version && v.served))
        .sort((a, b) => (a.spec.names.plural < b.spec.names.plural ? -1 : 1))
        .map((definition) => discoveredResource(definition, version)),
    })),
  };
}

function discoveredResource(
  definition: Definition,
  version: string,
): ServedGroup['versions'][number]['resources'][number] {
  const { group, names, scope, versions } = definition.spec;
  const { status, scale } = versions.find((v) => v.name === version)?.subresources ?? {};
  const storage = versions.find((v) => v.storage)?.name ?? version;
  const responseKind = { group, version, kind: names.kind };
  const verbs = ['get', 'patch', 'update'];
  const subresources = [
    ...(status ? [{ subresource: 'status', responseKind, verbs }] : []),
    ...(scale
      ? [{ subresource: 'scale', responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, verbs }]
      : []),
  ];
  return {
    resource: names.plural,
    responseKind,
    scope,
    singularResource: names.singular ?? names.kind.toLowerCase(),
    verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
    ...(names.shortNames?.length && { shortNames: names.shortNames }),
    ...(names.categories?.length && { categories: names.categories }),
    ...(subresources.length > 0 && { subresources }),
    storageVersionHash: storageVersionHash({ group, version: storage, kind: names.kind }),
  };
}
