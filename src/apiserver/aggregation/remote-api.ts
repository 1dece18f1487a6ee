import { Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServedVersion } from 'nekube/api';
import { errorText } from 'nekube/apimachinery';
import type { Storage } from 'nekube/storage';
import type { Backend } from '../connect/backend.ts';
import type { Resources } from '../registry/resources.ts';
import type { PodReach } from '../server-options.ts';
import { isAvailable, type RemoteApiService, servedPath } from './api-service.ts';
import { askApi } from './ask-api.ts';
import { failedDiscovery, type Finding, PASSED, serviceFinding } from './availability.ts';
import { backendOf, type ProxyClient } from './backend-of.ts';
import { discover } from './discovered.ts';
import { NO_DOCUMENTS, readDocuments, type RemoteDocuments } from './remote-openapi.ts';
import type { ServiceLookup } from './service-lookup.ts';

/** What a remote API is followed with. */
export interface RemoteApiDeps {
  readonly lookup: ServiceLookup;
  readonly storage: Storage;
  readonly resources: Resources;
  readonly client: ProxyClient | undefined;
  readonly podNetwork: PodReach | undefined;
  /** Is told what was found, and writes it. */
  readonly found: (service: RemoteApiService, finding: Finding) => Promise<void>;
  /** What is served has changed. */
  readonly changed: () => void;
  readonly log: (line: string) => void;
}

/** It is looked at so often, if nothing is heard of its service. */
const AGAIN_MS = 30_000;
/** Connections that wait to be used again. */
const MOST_KEPT = 16;
const FIRST_RETRY_MS = 100;
/** The server is asked so often before it is said that it does not answer. */
const ATTEMPTS = 2;

/** An API that another server serves: whether it answers, and what it has. */
export class RemoteApi {
  #service: RemoteApiService;
  readonly #deps: RemoteApiDeps;
  readonly #ended = new AbortController();
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: MOST_KEPT });
  #version: ServedVersion;
  #documents: RemoteDocuments = NO_DOCUMENTS;
  #wake = new AbortController();
  #failures = 0;

  constructor(service: RemoteApiService, deps: RemoteApiDeps) {
    this.#service = service;
    this.#deps = deps;
    this.#version = { version: service.spec.version, resources: [], freshness: 'Stale' };
  }

  get service(): RemoteApiService {
    return this.#service;
  }

  /** What discovery shows of it. */
  get version(): ServedVersion {
    return this.#version;
  }

  /** What OpenAPI has of it. */
  get documents(): RemoteDocuments {
    return this.#documents;
  }

  get isAvailable(): boolean {
    return isAvailable(this.#service);
  }

  /** Takes another state of the same APIService, with the same service; one that says something else is looked at at once. */
  update(service: RemoteApiService): void {
    const isSame = JSON.stringify(service.spec) === JSON.stringify(this.#service.spec);
    this.#service = service;
    if (!isSame) this.#lookNow();
  }

  /** Where its server is now. @throws Error if that is nowhere */
  async backend(): Promise<Backend> {
    const address = await this.#deps.lookup.address(this.#service.spec.service);
    const at = this.#deps.podNetwork?.reach(address.host, address.port);
    return backendOf(this.#service, address, { client: this.#deps.client, at, agent: this.#agent });
  }

  /** Looks at it again and again, until it is ended. */
  async follow(): Promise<void> {
    const { signal } = this.#ended;
    this.#watchService(signal);
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const isWell = await this.#look().catch((error: unknown) => {
        this.#deps.log(`API ${this.#service.metadata.name}: ${errorText(error)}`);
        return false;
      });
      this.#failures = isWell ? 0 : this.#failures + 1;
      const waitMs = isWell ? AGAIN_MS : Math.min(FIRST_RETRY_MS * 2 ** this.#failures, AGAIN_MS);
      await sleep(waitMs, undefined, { signal: AbortSignal.any([signal, this.#wake.signal]), ref: false }).catch(
        () => {},
      );
    }
  }

  end(): void {
    this.#ended.abort();
    this.#agent.destroy();
  }

  /** @returns whether all is well */
  async #look(): Promise<boolean> {
    const finding = await this.#find();
    if (this.#ended.signal.aborted) return true;
    await this.#deps.found(this.#service, finding);
    if (finding.status !== 'True') return this.#stale();
    const place = await this.backend();
    const { signal } = this.#ended;
    try {
      const version = await discover(this.#service, place, signal);
      this.#serve(
        { ...version, freshness: 'Current' },
        await readDocuments(this.#documents, this.#service, { place, signal }),
      );
      return true;
    } catch {
      return this.#stale();
    }
  }

  async #find(): Promise<Finding> {
    const wanted = this.#service.spec.service;
    const { lookup } = this.#deps;
    const [service, slices] = await Promise.all([lookup.service(wanted), lookup.slices(wanted)]);
    const finding = serviceFinding(wanted, { service, slices });
    if (finding !== undefined) return finding;
    let failure = '';
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        await this.#ask();
        return PASSED;
      } catch (error) {
        failure = errorText(error);
      }
    }
    return failedDiscovery(failure);
  }

  /** @throws Error if the server does not answer well */
  async #ask(): Promise<void> {
    const place = await this.backend();
    const url = `${place.url.origin}${place.url.port === '' ? ':443' : ''}${servedPath(this.#service)}`;
    const failed = (why: string): Error => new Error(`failing or missing response from ${url}: ${why}`);
    const { code } = await askApi(place, servedPath(this.#service), { signal: this.#ended.signal }).catch(
      (error: unknown) => {
        throw failed(errorText(error));
      },
    );
    if (code < 200 || code >= 300) throw failed(`bad status from ${url}: ${code}`);
  }

  /** What a server has that does not answer is not known. */
  #stale(): false {
    this.#serve({ version: this.#service.spec.version, resources: [], freshness: 'Stale' }, this.#documents);
    return false;
  }

  #serve(version: ServedVersion, documents: RemoteDocuments): void {
    const isSame =
      JSON.stringify(version) === JSON.stringify(this.#version) && documents.stamp === this.#documents.stamp;
    if (isSame) return;
    this.#version = version;
    this.#documents = documents;
    this.#deps.changed();
  }

  #lookNow(): void {
    this.#failures = 0;
    this.#wake.abort();
  }

  /** What becomes of the service and its endpoints is a reason to look. */
  #watchService(signal: AbortSignal): void {
    const { storage, resources } = this.#deps;
    const { namespace, name } = this.#service.spec.service;
    const services = resources.builtin('', 'v1', 'services').keyPrefix;
    const slices = resources.builtin('discovery.k8s.io', 'v1', 'endpointslices').keyPrefix;
    const onEvents = (): void => this.#lookNow();
    const key = `${services}${namespace}/${name}`;
    for (const prefix of [key, `${slices}${namespace}/${name}`])
      storage.watch({ prefix, after: storage.revision, signal, onEvents, onError: () => {} });
  }
}
