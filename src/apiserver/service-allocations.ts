import { allocateServiceCreate, allocateServiceUpdate, MemoryServiceAllocator, releaseService } from 'nekube/api';
import type { KubeObject } from 'nekube/apimachinery';
import type { Finish, WriteHooks } from './registry/store.ts';

/** Cluster IPs and node ports of services, taken and given back around their writes. */
export class ServiceAllocations implements WriteHooks {
  readonly #allocator: MemoryServiceAllocator;

  /** @param cidr the range of cluster IPs, one for each family with a comma between */
  constructor(cidr: string) {
    this.#allocator = new MemoryServiceAllocator({ clusterCidrs: cidr.split(','), random: Math.random });
  }

  /** Marks what a service that was stored before has. */
  mark(service: KubeObject): void {
    const { clusterIPs = [], ports = [], healthCheckNodePort = 0 } = service.spec;
    const nodePorts = [...ports.map((port: { nodePort?: number }) => port.nodePort ?? 0), healthCheckNodePort];
    this.#allocator.mark(
      clusterIPs.filter((ip: string) => ip !== '' && ip !== 'None'),
      nodePorts.filter((port) => port > 0),
    );
  }

  async begin(service: KubeObject, old: KubeObject | undefined, dryRun: boolean): Promise<Finish> {
    const allocation =
      old === undefined
        ? await allocateServiceCreate(service, this.#allocator, dryRun)
        : await allocateServiceUpdate(service, old, this.#allocator, dryRun);
    return (committed) => (committed ? allocation.commit() : allocation.revert());
  }

  afterDelete(service: KubeObject): Promise<void> {
    return releaseService(service, this.#allocator);
  }
}
