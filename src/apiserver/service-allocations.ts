import {
  allocateServiceCreate,
  allocateServiceUpdate,
  ipAddressOf,
  MemoryServiceAllocator,
  releaseService,
} from 'nekube/api';
import { formatIp, type KubeObject, parseCidr } from 'nekube/apimachinery';
import type { Finish, WriteHooks } from './registry/store.ts';

/** Keeps an IPAddress object for each cluster IP (KEP-1880). */
export interface AddressRecords {
  add(address: KubeObject): Promise<void>;
  remove(ip: string): Promise<void>;
}

/** Cluster IPs and node ports of services, taken and given back around their writes. */
export class ServiceAllocations implements WriteHooks {
  readonly #allocator: MemoryServiceAllocator;
  readonly #records: AddressRecords;
  readonly #cidr: string;

  /** @param cidr the range of cluster IPs, one for each family with a comma between */
  constructor(cidr: string, records: AddressRecords) {
    this.#allocator = new MemoryServiceAllocator({ clusterCidrs: cidr.split(','), random: Math.random });
    this.#records = records;
    this.#cidr = cidr.split(',')[0]!;
  }

  /** The first address of the range, which the API's own service has. */
  get firstIp(): string {
    const { network } = parseCidr(this.#cidr)!;
    return formatIp({ ...network, bytes: [...network.bytes.slice(0, -1), network.bytes.at(-1)! + 1] });
  }

  /** Marks what a service that was stored before has. */
  mark(service: KubeObject): void {
    const { ports = [], healthCheckNodePort = 0 } = service.spec;
    const nodePorts = [...ports.map((port: { nodePort?: number }) => port.nodePort ?? 0), healthCheckNodePort];
    this.#allocator.mark(
      addressesOf(service),
      nodePorts.filter((port) => port > 0),
    );
  }

  async begin(service: KubeObject, old: KubeObject | undefined, dryRun: boolean): Promise<Finish> {
    const allocation =
      old === undefined
        ? await allocateServiceCreate(service, this.#allocator, dryRun)
        : await allocateServiceUpdate(service, old, this.#allocator, dryRun);
    return async (committed) => {
      if (!committed) return allocation.revert();
      await allocation.commit();
      await this.#record(service, old);
    };
  }

  async afterDelete(service: KubeObject): Promise<void> {
    await releaseService(service, this.#allocator);
    for (const ip of addressesOf(service)) await this.#records.remove(ip);
  }

  /** Brings the records in step with the addresses that a write took and gave back. */
  async #record(service: KubeObject, old: KubeObject | undefined): Promise<void> {
    const [before, after] = [old === undefined ? [] : addressesOf(old), addressesOf(service)];
    for (const ip of after) {
      if (!before.includes(ip)) await this.#records.add(ipAddressOf(service, ip.includes(':') ? 'IPv6' : 'IPv4', ip));
    }
    for (const ip of before) if (!after.includes(ip)) await this.#records.remove(ip);
  }
}

/** The cluster IPs of a service; none of a headless one. */
function addressesOf(service: KubeObject): string[] {
  return (service.spec?.clusterIPs ?? []).filter((ip: string) => ip !== '' && ip !== 'None');
}
