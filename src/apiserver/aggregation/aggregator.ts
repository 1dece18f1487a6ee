import { type CustomSwagger, type OpenApiV2, openApiV2With, type ServedGroup } from 'nekube/api';
import { cloneJson, errorText, formatTime, isStatusError, type JsonObject, type KubeObject } from 'nekube/apimachinery';
import type { Storage } from 'nekube/storage';
import type { RequestContext } from '../context.ts';
import type { Backend } from '../connect/backend.ts';
import type { Informer } from '../registry/informer.ts';
import type { Resources } from '../registry/resources.ts';
import type { ServedResource } from '../registry/served.ts';
import type { Store } from '../registry/store.ts';
import type { PodReach } from '../server-options.ts';
import { systemWrite } from '../system-objects.ts';
import { type ApiService, isRemote, type RemoteApiService, withCondition } from './api-service.ts';
import type { Finding } from './availability.ts';
import type { ProxyClient } from './backend-of.ts';
import { mergedGroups } from './merged-groups.ts';
import { proxyToApi, sendPlainError } from './proxy.ts';
import { RemoteApi } from './remote-api.ts';
import type { ServiceLookup } from './service-lookup.ts';

/** What APIs of other servers are served with. */
export interface AggregatorOptions {
  readonly storage: Storage;
  readonly store: Store;
  readonly resources: Resources;
  /** Of APIServices. */
  readonly services: Pick<Informer, 'list' | 'onChange' | 'generation'>;
  readonly lookup: ServiceLookup;
  readonly client: ProxyClient | undefined;
  readonly podNetwork: PodReach | undefined;
  readonly now: () => Date;
  readonly log: (line: string) => void;
}

const MANAGER = 'kube-apiserver';

/** Serves what APIServices say that other servers serve: kube-aggregator's part. */
export class Aggregator {
  readonly #options: AggregatorOptions;
  readonly #resource: ServedResource;
  /** By the names of their APIServices. */
  readonly #remote = new Map<string, RemoteApi>();
  #groups: { readonly key: string; readonly groups: readonly ServedGroup[] } | undefined;
  #changes = 0;
  #closed = false;

  constructor(options: AggregatorOptions) {
    this.#options = options;
    this.#resource = options.resources.builtin('apiregistration.k8s.io', 'v1', 'apiservices');
  }

  /** Follows APIServices until the signal is aborted. The informer has been started. */
  start(signal: AbortSignal): void {
    signal.addEventListener(
      'abort',
      () => {
        this.#closed = true;
        for (const api of this.#remote.values()) api.end();
      },
      { once: true },
    );
    this.#follow();
    this.#options.services.onChange(() => this.#follow());
  }

  /** The API of another server that a version of a group is; undefined if it is none. */
  find(group: string, version: string): RemoteApi | undefined {
    return this.#remote.size === 0 ? undefined : this.#remote.get(`${version}.${group}`);
  }

  /** Whether a version of a group is served by another server. */
  hasGroup(group: string): boolean {
    return [...this.#remote.values()].some(({ service }) => (service.spec.group ?? '') === group);
  }

  /** The groups of this server and those of others. */
  groups(): readonly ServedGroup[] {
    const { resources, services } = this.#options;
    if (this.#remote.size === 0) return resources.groups();
    const key = `${resources.generation} ${services.generation} ${this.#changes}`;
    if (this.#groups?.key !== key) {
      const versionOf = ({ metadata }: KubeObject) => this.#remote.get(metadata.name!)?.version;
      this.#groups = { key, groups: mergedGroups(resources.groups(), this.#list(), versionOf) };
    }
    return this.#groups.groups;
  }

  /** Serves a request to another server's API. */
  async serve(context: RequestContext, api: RemoteApi): Promise<void> {
    if (!api.isAvailable) return sendPlainError(context, 503, 'service unavailable');
    let backend: Backend;
    try {
      backend = await api.backend();
    } catch (error) {
      this.#options.log(`API ${api.service.metadata.name}: ${errorText(error)}`);
      return sendPlainError(context, 503, 'service unavailable');
    }
    await proxyToApi(context, backend);
  }

  /** Who has an OpenAPI document of version 3 that this server has not. */
  documentOf(path: string): RemoteApi | undefined {
    return [...this.#remote.values()].find(({ documents }) => documents.index.has(path));
  }

  /** Where OpenAPI documents of version 3 are that other servers have. */
  openApiIndex(): JsonObject {
    return Object.assign({}, ...[...this.#remote.values()].map(({ documents }) => Object.fromEntries(documents.index)));
  }

  #swagger: { readonly key: string; readonly document: OpenApiV2 } | undefined;

  /** The Swagger document with what other servers tell; `own` is this one's, and `custom` what custom resources have in it. */
  swagger(own: OpenApiV2, custom: () => CustomSwagger): OpenApiV2 {
    const parts = [...this.#remote.values()]
      .map(({ documents }) => documents.swagger)
      .filter((part) => part !== undefined);
    if (parts.length === 0) return own;
    const key = `${this.#options.resources.generation} ${this.#changes}`;
    if (this.#swagger?.key !== key)
      this.#swagger = { key, document: openApiV2With(() => merged([...parts, custom()])) };
    return this.#swagger.document;
  }

  #list(): readonly ApiService[] {
    return this.#options.services.list() as readonly ApiService[];
  }

  #follow(): void {
    if (this.#closed) return;
    const wanted = new Map(
      this.#list()
        .filter(isRemote)
        .map((service) => [service.metadata.name!, service]),
    );
    for (const [name, api] of this.#remote) {
      const service = wanted.get(name);
      if (service !== undefined && isSameService(service, api.service)) continue;
      api.end();
      this.#remote.delete(name);
    }
    for (const [name, service] of wanted) {
      const known = this.#remote.get(name);
      if (known !== undefined) known.update(service);
      else this.#add(name, service);
    }
    this.#changes++;
  }

  #add(name: string, service: RemoteApiService): void {
    const { found, changed } = { found: this.#found.bind(this), changed: () => void this.#changes++ };
    const api = new RemoteApi(service, { ...this.#options, found, changed });
    this.#remote.set(name, api);
    void api.follow();
  }

  /** Writes what was found, if it says something else than what stands there. */
  async #found(service: RemoteApiService, finding: Finding): Promise<void> {
    const condition = { type: 'Available', ...finding, lastTransitionTime: formatTime(this.#options.now()) };
    const told = service.status?.conditions?.find(({ type }) => type === 'Available');
    if (told?.status === finding.status && told.reason === finding.reason && told.message === finding.message) return;
    const { store, now } = this.#options;
    const resource = this.#resource;
    const transform = (current: KubeObject | undefined): KubeObject => {
      const live = resource.fromHub(cloneJson(current!));
      const changed = cloneJson(live) as ApiService;
      const conditions = withCondition(changed.status?.conditions ?? [], condition);
      changed.status = { ...changed.status, conditions };
      return resource.toHub(resource.fieldManager('status').update(live, changed, MANAGER));
    };
    const rules = resource.rules.subresources!.status!;
    try {
      await store.update(resource, '', service.metadata.name!, transform, systemWrite(now(), rules as never));
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  }
}

function isSameService(a: RemoteApiService, b: RemoteApiService): boolean {
  const of = ({ metadata, spec: { service } }: RemoteApiService) =>
    `${metadata.uid} ${service.namespace}/${service.name}:${service.port}`;
  return of(a) === of(b);
}

/** The last one comes first where several have a name. */
function merged(parts: readonly CustomSwagger[]): CustomSwagger {
  return {
    paths: Object.assign({}, ...parts.map(({ paths }) => paths)),
    definitions: Object.assign({}, ...parts.map(({ definitions }) => definitions)),
  };
}
