import { type KubeObject, newFailure, newNotFound } from 'nekube/apimachinery';
import type { Resources } from '../registry/resources.ts';
import type { Store } from '../registry/store.ts';
import type { Storage } from 'nekube/storage';
import { type ServiceSource, storedServices } from '../webhooks/index.ts';
import type { ServingService } from './api-service.ts';
import type { ServiceAddress } from './backend-of.ts';

/** What is looked at of an EndpointSlice. */
export interface Slice extends KubeObject {
  readonly addressType: string;
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[];
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
  }[];
}

/** Where services and their endpoints are kept. */
export interface LookupSource {
  readonly store: Store;
  readonly storage: Storage;
  readonly resources: Resources;
}

/** Services as they are stored. */
export class ServiceLookup {
  readonly #source: LookupSource;
  readonly #either: ReturnType<typeof storedServices>;
  readonly #byEndpoints: boolean;

  /** @param byEndpoints kube-apiserver's `--enable-aggregator-routing`: endpoints alone count */
  constructor(source: ServiceSource, byEndpoints: boolean) {
    this.#source = source;
    this.#either = storedServices(source);
    this.#byEndpoints = byEndpoints;
  }

  /** Undefined if there is no such service. */
  service({ namespace, name }: ServingService): Promise<KubeObject | undefined> {
    const { store, resources } = this.#source;
    return store.known(resources.builtin('', 'v1', 'services'), namespace, name);
  }

  /** Its slices of endpoints. */
  async slices({ namespace, name }: ServingService): Promise<readonly Slice[]> {
    const { store, storage, resources } = this.#source;
    const resource = resources.builtin('discovery.k8s.io', 'v1', 'endpointslices');
    const { entries } = await storage.range(`${resource.keyPrefix}${namespace}/`);
    const slices = entries.map((entry) => store.decode(resource, entry) as Slice);
    return slices.filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name);
  }

  /** An address that the service is served at now. @throws Error if there is none */
  async address(wanted: ServingService): Promise<ServiceAddress> {
    if (!this.#byEndpoints) return this.#either(wanted);
    const service = await this.service(wanted);
    if (service === undefined) throw newNotFound({ group: '', resource: 'service' }, wanted.name);
    return endpointOf(service, wanted, await this.slices(wanted), Math.random());
  }
}

/**
 * One of the ready endpoints of a service's port; the family of addresses comes first that is the service's first.
 *
 * @param random from 0 to 1, which of several
 * @throws Error, StatusError ServiceUnavailable
 */
export function endpointOf(
  service: KubeObject,
  { name, port: number }: ServingService,
  slices: readonly Slice[],
  random: number,
): ServiceAddress {
  const { type = 'ClusterIP', ports = [], ipFamilies = [] } = service.spec ?? {};
  if (!['ClusterIP', 'LoadBalancer', 'NodePort'].includes(type)) throw new Error(`unsupported service type "${type}"`);
  const port = ports.find((candidate: { readonly port: number }) => candidate.port === number);
  if (port === undefined) throw unavailable(`no service port ${number} found for service "${name}"`);
  const isFirst = ({ addressType }: Slice): boolean => addressType === ipFamilies[0];
  const ordered = [...slices.filter(isFirst), ...slices.filter((slice) => !isFirst(slice))];
  for (const { ports: served = [], endpoints = [] } of ordered) {
    const at = served.find((candidate) => (candidate.name ?? '') === (port.name ?? ''))?.port;
    const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false);
    const chosen = ready[Math.floor(random * ready.length)];
    if (at !== undefined && chosen !== undefined) return { host: chosen.addresses[0]!, port: at };
  }
  throw unavailable(`no endpoints available for service "${name}"`);
}

function unavailable(message: string): Error {
  return newFailure(503, 'ServiceUnavailable', message);
}
