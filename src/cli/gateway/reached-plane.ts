import type { DataPlane, PlaneState, Unsupported } from 'nekube/gateway';

type Model = Parameters<DataPlane['update']>[0];
type Endpoints = Parameters<DataPlane['updateEndpoints']>[0][number];

/** Where this process reaches a port of an address that stands in the API. */
export type Reach = (ip: string, port: number) => { readonly host: string; readonly port: number };

/** A data plane beside nodes whose pods have addresses in the API alone: endpoints are where this machine has them. */
export class ReachedPlane implements DataPlane {
  readonly #plane: DataPlane;
  readonly #reach: Reach;
  readonly #made = new WeakMap<Endpoints, Endpoints>();

  constructor(plane: DataPlane, reach: Reach) {
    this.#plane = plane;
    this.#reach = reach;
  }

  get name(): string {
    return this.#plane.name;
  }

  get supportedFeatures(): readonly string[] {
    return this.#plane.supportedFeatures;
  }

  unsupported(model: Model): readonly Unsupported[] {
    return this.#plane.unsupported(model);
  }

  update(model: Model): void {
    const endpoints = new Map([...model.endpoints].map(([name, each]) => [name, this.#reached(each)]));
    this.#plane.update({ ...model, endpoints });
  }

  updateEndpoints(changed: readonly Endpoints[]): void {
    this.#plane.updateEndpoints(changed.map((each) => this.#reached(each)));
  }

  state(): PlaneState {
    return this.#plane.state();
  }

  onState(listener: () => void): () => void {
    return this.#plane.onState(listener);
  }

  close(options?: { readonly drainMs?: number }): Promise<void> {
    return this.#plane.close(options);
  }

  /** What did not change is the same object, as in every model; itself, where addresses are as they are. */
  #reached(each: Endpoints): Endpoints {
    const before = this.#made.get(each);
    if (before !== undefined) return before;
    const endpoints = each.endpoints.map((endpoint) => {
      const { host, port } = this.#reach(endpoint.address, endpoint.port);
      return host === endpoint.address && port === endpoint.port ? endpoint : { ...endpoint, address: host, port };
    });
    const isSame = endpoints.every((endpoint, index) => endpoint === each.endpoints[index]);
    const made = isSame ? each : { ...each, endpoints };
    this.#made.set(each, made);
    return made;
  }
}
