import {
  AllocationError,
  allocateServiceCreate,
  allocateServiceUpdate,
  ipAddressOf,
  type IpFamily,
  MemoryServiceAllocator,
  releaseService,
  type ServiceAllocator,
} from 'nekube/api';
import { formatIp, type KubeObject, parseCidr } from 'nekube/apimachinery';
import type { Finish, WriteHooks } from './registry/write-options.ts';
import type { ServiceReservations } from './service-reservations.ts';

/** Cluster IPs and node ports of services, taken and given back around their writes. */
export class ServiceAllocations implements WriteHooks {
  readonly #memory: MemoryServiceAllocator;
  readonly #allocator: ServiceAllocator;
  readonly #reservations: ServiceReservations;
  /** The ranges of cluster IPs, as they were given. */
  readonly ranges: string;

  /** @param cidr the range of cluster IPs, one for each family with a comma between */
  constructor(cidr: string, reservations: ServiceReservations) {
    this.#memory = new MemoryServiceAllocator({ clusterCidrs: cidr.split(','), random: Math.random });
    this.#reservations = reservations;
    this.#allocator = new SharedAllocator(this.#memory, reservations);
    this.ranges = cidr;
  }

  /** The first address of the range, which the API's own service has. */
  get firstIp(): string {
    const { network } = parseCidr(this.ranges.split(',')[0]!)!;
    return formatIp({ ...network, bytes: [...network.bytes.slice(0, -1), network.bytes.at(-1)! + 1] });
  }

  /** Takes notice of what is reserved, now and later, by this and by other servers. */
  async start(signal: AbortSignal): Promise<void> {
    await this.#reservations.repair(portsOf);
    await this.#reservations.follow(this.#memory, signal);
  }

  /** Marks what a service that was stored before has. */
  mark(service: KubeObject): void {
    this.#memory.mark(addressesOf(service), portsOf(service));
  }

  async begin(service: KubeObject, old: KubeObject | undefined, dryRun: boolean): Promise<Finish> {
    const allocation =
      old === undefined
        ? await allocateServiceCreate(service, this.#allocator, dryRun)
        : await allocateServiceUpdate(service, old, this.#allocator, dryRun);
    return (committed) => (committed ? allocation.commit() : allocation.revert());
  }

  async afterDelete(service: KubeObject): Promise<void> {
    await releaseService(service, this.#allocator);
  }
}

/**
 * The allocator of servers that share a storage: what this one believes to be free is had once it is reserved there;
 * if another was faster it is another one, or refused if it had to be this.
 */
class SharedAllocator implements ServiceAllocator {
  readonly #memory: MemoryServiceAllocator;
  readonly #reservations: ServiceReservations;

  constructor(memory: MemoryServiceAllocator, reservations: ServiceReservations) {
    this.#memory = memory;
    this.#reservations = reservations;
  }

  get families(): readonly IpFamily[] {
    return this.#memory.families;
  }

  async allocateIp(
    family: IpFamily,
    wanted: string | undefined,
    service: KubeObject,
    dryRun: boolean,
  ): Promise<string> {
    for (;;) {
      const ip = this.#memory.allocateIp(family, wanted, service, dryRun);
      if (dryRun || (await this.#reservations.reserveIp(ipAddressOf(service, family, ip)))) return ip;
      // it stays taken here until storage tells that it is free
      if (wanted !== undefined) throw new AllocationError('provided IP is already allocated');
    }
  }

  async releaseIp(family: IpFamily, ip: string): Promise<void> {
    await this.#reservations.releaseIp(ip);
    this.#memory.releaseIp(family, ip);
  }

  async allocatePort(wanted?: number): Promise<number> {
    for (;;) {
      const port = this.#memory.allocatePort(wanted);
      if (await this.#reservations.reservePort(port)) return port;
      if (wanted !== undefined) throw new AllocationError('provided port is already allocated');
    }
  }

  async releasePort(port: number): Promise<void> {
    await this.#reservations.releasePort(port);
    this.#memory.releasePort(port);
  }

  hasPort(port: number): boolean {
    return this.#memory.hasPort(port);
  }
}

/** The cluster IPs of a service; none of a headless one. */
function addressesOf(service: KubeObject): string[] {
  return (service.spec?.clusterIPs ?? []).filter((ip: string) => ip !== '' && ip !== 'None');
}

/** The node ports of a service, that of its health check too. */
function portsOf(service: KubeObject): number[] {
  const { ports = [], healthCheckNodePort = 0 } = service.spec;
  const nodePorts = [...ports.map((port: { nodePort?: number }) => port.nodePort ?? 0), healthCheckNodePort];
  return nodePorts.filter((port) => port > 0);
}
