import {
  type FieldError,
  type KubeObject,
  newFailure,
  newInternalError,
  newInvalid,
  Path,
  type StatusError,
  invalid,
} from 'nekube/apimachinery';
import type { Loose } from '../rule.ts';
import { chooseFamilies, fillInStored, keepsPreferredDualStack, matchClusterIps } from './service/families.ts';
import { clusterIpsOf, familiesOf, isHeadless, needsClusterIp, needsHealthCheck } from './service/facts.ts';
import { PortOperation } from './service/port-operation.ts';

/** A family of addresses as services name it. */
export type IpFamily = 'IPv4' | 'IPv6';

/** A value or its promise. */
export type Awaitable<T> = T | Promise<T>;

/**
 * Hands out cluster addresses and node ports. What it hands out stays taken until it is released; releasing what is
 * free does nothing.
 */
export interface ServiceAllocator {
  /** The families the cluster has addresses of; the first is the default. */
  readonly families: readonly IpFamily[];
  /**
   * Takes this address, or any free one. `dryRun` takes nothing, but says whether the address is in a range.
   *
   * @throws AllocationError
   */
  allocateIp(family: IpFamily, wanted: string | undefined, service: KubeObject, dryRun: boolean): Awaitable<string>;
  releaseIp(family: IpFamily, ip: string): Awaitable<void>;
  /**
   * Takes this node port, or any free one.
   *
   * @throws AllocationError
   */
  allocatePort(wanted?: number): Awaitable<number>;
  releasePort(port: number): Awaitable<void>;
  /** Whether a node port is taken. */
  hasPort(port: number): Awaitable<boolean>;
}

/** A refused address or port. The message ends the field's, such as `provided port is already allocated`. */
export class AllocationError extends Error {
  override readonly name = 'AllocationError';
  /** Nothing is wrong with the request: there are no free ones. */
  readonly full: boolean;

  constructor(message: string, full = false) {
    super(message);
    this.full = full;
  }
}

/** What an allocation has taken: kept when the object is written, given back when it is not. */
export interface Allocation {
  /** After the write: releases what the object no longer uses. */
  commit(): Promise<void>;
  /** The write failed: releases what was taken. */
  revert(): Promise<void>;
}

type Addresses = Map<IpFamily, string>;
const specPath = Path.of('spec');

/**
 * Fills in the families, addresses and node ports of a service that is to be created; it has its defaults, and is
 * validated only afterwards. A dry run fills in, but takes nothing.
 *
 * @throws StatusError `Invalid` for what the client asked for and cannot have; `InternalError` when a range is full.
 */
export async function allocateServiceCreate(
  service: KubeObject,
  allocator: ServiceAllocator,
  dryRun = false,
): Promise<Allocation> {
  matchClusterIps(service, undefined);
  chooseFamilies(service, undefined, allocator.families);
  const run = new Run(service, allocator, dryRun);
  return run.attempt(async () => {
    await run.takeClusterIps();
    if (isNodePortType(service)) await run.takeNodePorts();
    if (needsHealthCheck(service)) await run.takeHealthCheckPort();
  });
}

/**
 * The same for an update: what the client left out is taken over from the stored service, changes of type, families
 * and ports allocate and, after the write, release.
 *
 * @throws StatusError as {@link allocateServiceCreate}.
 */
export async function allocateServiceUpdate(
  service: KubeObject,
  old: KubeObject,
  allocator: ServiceAllocator,
  dryRun = false,
): Promise<Allocation> {
  fillInStored(service, old);
  matchClusterIps(service, old);
  chooseFamilies(service, old, allocator.families);
  const run = new Run(service, allocator, dryRun);
  return run.attempt(async () => {
    await run.changeClusterIps(old);
    if (isNodePortType(old) && !isNodePortType(service))
      nodePortsOf(old).forEach((port) => run.ports.releaseLater(port));
    if (isNodePortType(service)) await run.changeNodePorts(old);
    if (!needsHealthCheck(old) && needsHealthCheck(service)) await run.takeHealthCheckPort();
    if (needsHealthCheck(old) && !needsHealthCheck(service)) run.ports.releaseLater(old.spec.healthCheckNodePort ?? 0);
  });
}

/** Releases everything of a deleted service. */
export async function releaseService(service: KubeObject, allocator: ServiceAllocator): Promise<void> {
  if (needsClusterIp(service) && !isHeadless(service)) {
    for (const ip of clusterIpsOf(service)) await allocator.releaseIp(ip.includes(':') ? 'IPv6' : 'IPv4', ip);
  }
  for (const port of nodePortsOf(service)) await allocator.releasePort(port);
  const health = service.spec.healthCheckNodePort ?? 0;
  if (needsHealthCheck(service) && health > 0) await allocator.releasePort(health);
}

/** The IPAddress object that stands for a service's address in the cluster. */
export function ipAddressOf(service: KubeObject, family: IpFamily, ip: string): KubeObject {
  const { namespace, name } = service.metadata;
  return {
    kind: 'IPAddress',
    apiVersion: 'networking.k8s.io/v1',
    metadata: {
      name: ip,
      labels: {
        'ipaddress.kubernetes.io/ip-family': family,
        'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
      },
    },
    spec: { parentRef: { resource: 'services', namespace, name } },
  };
}

/** The allocations of one write. */
class Run implements Allocation {
  readonly ports: PortOperation;
  readonly #service: KubeObject;
  readonly #allocator: ServiceAllocator;
  readonly #dryRun: boolean;
  readonly #taken: Addresses = new Map();
  #unused: Addresses = new Map();

  constructor(service: KubeObject, allocator: ServiceAllocator, dryRun: boolean) {
    this.#service = service;
    this.#allocator = allocator;
    this.#dryRun = dryRun;
    this.ports = new PortOperation(allocator, dryRun);
  }

  /** Runs the steps of an allocation; a failed step gives everything back. */
  async attempt(steps: () => Promise<void>): Promise<Allocation> {
    try {
      await steps();
      return this;
    } catch (error) {
      await this.revert();
      throw error;
    }
  }

  async commit(): Promise<void> {
    await this.#release(this.#unused);
    await this.ports.commit();
  }

  async revert(): Promise<void> {
    await this.#release(this.#taken);
    await this.ports.revert();
  }

  /** Takes an address for each family, the given ones and free ones for the rest. */
  async takeClusterIps(): Promise<void> {
    const { spec } = this.#service;
    if (!needsClusterIp(this.#service) || spec.clusterIPs?.[0] === 'None') return;
    const ips: string[] = [...clusterIpsOf(this.#service)];
    const families = familiesOf(this.#service) as IpFamily[];
    for (const [i, family] of families.entries()) ips[i] = await this.#takeIp(family, ips[i]);
    spec.clusterIPs = ips;
    if (families.length > 0) spec.clusterIP = ips[0];
  }

  async changeClusterIps(old: KubeObject): Promise<void> {
    const service = this.#service;
    if (keepsPreferredDualStack(service, old)) return;
    if (!needsClusterIp(old)) return needsClusterIp(service) ? this.takeClusterIps() : undefined;
    if (clusterIpsOf(old)[0] === 'None') return;
    const [families, before] = [familiesOf(service) as IpFamily[], familiesOf(old) as IpFamily[]];
    const storedIps = clusterIpsOf(old);
    if (!needsClusterIp(service)) {
      this.#unused = new Map(before.map((family, i) => [family, storedIps[i]!]));
    } else if (before.length === 1 && families.length === 2) {
      const [first, second] = clusterIpsOf(service);
      service.spec.clusterIPs = [first!, await this.#takeIp(families[1]!, second)];
    } else if (before.length === 2 && families.length === 1) {
      this.#unused = new Map([[before[1]!, storedIps[1]!]]);
    }
  }

  /** Ports with the same number share a node port (TCP and UDP of one service), unless they name different ones. */
  async takeNodePorts(): Promise<void> {
    const ports: Loose[] = this.#service.spec.ports ?? [];
    const byPort = new Map<number, number>();
    for (const [i, port] of ports.entries()) {
      if (!port.nodePort && !allocatesNodePorts(this.#service)) continue;
      const shared = byPort.get(port.port);
      if (shared === undefined) {
        const wanted = ports.find((p) => p.port === port.port && p.nodePort)?.nodePort;
        port.nodePort = wanted === undefined ? await this.#takeAnyPort() : await this.#takePort(wanted, i);
        byPort.set(port.port, port.nodePort);
      } else if (!port.nodePort) port.nodePort = shared;
      else if (port.nodePort !== shared) await this.#takePort(port.nodePort, i);
    }
  }

  async changeNodePorts(old: KubeObject): Promise<void> {
    const stored = nodePortsOf(old);
    const [taken, seen] = [new Set<number>(), new Set<string>()];
    for (const [i, port] of ((this.#service.spec.ports ?? []) as Loose[]).entries()) {
      if (!port.nodePort && !allocatesNodePorts(this.#service)) continue;
      if (!port.nodePort) port.nodePort = await this.#takeAnyPort();
      else if (!stored.includes(port.nodePort) && !taken.has(port.nodePort)) {
        taken.add(await this.#takePort(port.nodePort, i));
      }
      const key = `${port.protocol} ${port.nodePort}`;
      if (seen.has(key)) throw newFailure(500, '', `duplicate nodePort: {${key}}`);
      seen.add(key);
    }
    const now = nodePortsOf(this.#service);
    for (const port of stored) if (!now.includes(port)) this.ports.releaseLater(port);
  }

  async takeHealthCheckPort(): Promise<void> {
    const { spec } = this.#service;
    const wanted: number = spec.healthCheckNodePort ?? 0;
    try {
      spec.healthCheckNodePort = await this.ports.allocate(wanted === 0 ? undefined : wanted);
    } catch (error) {
      const what = wanted === 0 ? 'a HealthCheck NodePort' : 'requested HealthCheck NodePort';
      throw newInternalError(`failed to allocate ${what} ${wanted}: ${allocationMessage(error)}`);
    }
  }

  async #takeIp(family: IpFamily, wanted: string | undefined): Promise<string> {
    try {
      const ip = await this.#allocator.allocateIp(family, wanted || undefined, this.#service, this.#dryRun);
      this.#taken.set(family, wanted || ip);
      return wanted || ip;
    } catch (error) {
      throw this.#refusedIp(error, wanted);
    }
  }

  #refusedIp(error: unknown, wanted: string | undefined): StatusError {
    const message = allocationMessage(error);
    if (!wanted && error instanceof AllocationError && error.full) {
      const name = this.#service.metadata.name ?? '';
      return newInternalError(`failed to allocate a serviceIP for Service "${name}": ${message}`);
    }
    const shown = this.#service.spec.clusterIPs ?? familiesOf(this.#service).map(() => '');
    const detail = wanted ? `failed to allocate IP ${wanted}: ${message}` : `failed to allocate IP: ${message}`;
    return invalidService(this.#service, [invalid(specPath.child('clusterIPs'), shown, detail)]);
  }

  async #takePort(wanted: number, i: number): Promise<number> {
    try {
      return await this.ports.allocate(wanted);
    } catch (error) {
      const path = specPath.child('ports').index(i).child('nodePort');
      throw invalidService(this.#service, [invalid(path, wanted, allocationMessage(error))]);
    }
  }

  async #takeAnyPort(): Promise<number> {
    try {
      return await this.ports.allocate();
    } catch (error) {
      throw newInternalError(`failed to allocate a nodePort: ${allocationMessage(error)}`);
    }
  }

  async #release(addresses: Addresses): Promise<void> {
    if (this.#dryRun) return;
    for (const [family, ip] of addresses) await this.#allocator.releaseIp(family, ip);
  }
}

/** The text of an AllocationError; anything else is no refusal and goes on as it is. */
function allocationMessage(error: unknown): string {
  if (error instanceof AllocationError) return error.message;
  throw error;
}

function invalidService(service: KubeObject, errors: readonly FieldError[]): StatusError {
  return newInvalid({ group: '', resource: 'Service' }, service.metadata.name ?? '', errors);
}

function isNodePortType({ spec }: KubeObject): boolean {
  return spec.type === 'NodePort' || spec.type === 'LoadBalancer';
}

function allocatesNodePorts({ spec }: KubeObject): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}

function nodePortsOf({ spec }: KubeObject): number[] {
  return (spec.ports ?? []).map((port: Loose) => port.nodePort ?? 0).filter((port: number) => port !== 0);
}
