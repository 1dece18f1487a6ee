import { type Cidr, cidrContains, formatCidr, formatIp, type IpAddress, parseCidr, parseIp } from 'nekube/apimachinery';
import { AllocationError, type IpFamily, type ServiceAllocator } from './service-allocation.ts';

/** Where cluster addresses and node ports come from. */
export interface ServiceRanges {
  /** One block a family, the default family first: `['10.0.0.0/24']`. */
  readonly clusterCidrs: readonly string[];
  /** Both ends included. Default: 30000 to 32767. */
  readonly nodePorts?: { readonly from: number; readonly to: number };
  /** A number from 0 to below 1: where the search for a free one starts. */
  random(): number;
}

/**
 * Addresses and node ports kept in memory: which are taken is known from the stored services, which are marked at
 * start.
 *
 * As in kube-apiserver the lower end of a range is kept for those who ask for a certain one; any free one comes from
 * the upper part as long as there are some.
 */
export class MemoryServiceAllocator implements ServiceAllocator {
  readonly families: readonly IpFamily[];
  readonly #blocks = new Map<IpFamily, AddressBlock>();
  readonly #ports: NumberPool;
  readonly #portText: string;
  readonly #random: () => number;

  constructor(ranges: ServiceRanges) {
    const { from, to } = ranges.nodePorts ?? { from: 30_000, to: 32_767 };
    this.#ports = new NumberPool(from, to, lowerPart(to - from + 1, { step: 32, most: 128 }));
    this.#portText = `${from}-${to}`;
    this.#random = ranges.random;
    for (const text of ranges.clusterCidrs) {
      const block = new AddressBlock(text);
      this.#blocks.set(block.family, block);
    }
    this.families = [...this.#blocks.keys()];
  }

  /** Marks what a stored service has. */
  mark(clusterIps: readonly string[], nodePorts: readonly number[]): void {
    for (const ip of clusterIps) this.#blocks.get(ip.includes(':') ? 'IPv6' : 'IPv4')?.mark(ip);
    for (const port of nodePorts) this.#ports.take(port);
  }

  allocateIp(family: IpFamily, wanted: string | undefined, _service: unknown, dryRun: boolean): string {
    const block = this.#blocks.get(family);
    if (!block) throw new AllocationError(mismatch);
    if (wanted !== undefined) return block.take(wanted, dryRun);
    return dryRun ? block.network : block.takeAny(this.#random);
  }

  releaseIp(family: IpFamily, ip: string): void {
    this.#blocks.get(family)?.release(ip);
  }

  allocatePort(wanted?: number): number {
    if (wanted === undefined) {
      const port = this.#ports.takeAny(this.#random);
      if (port === undefined) throw new AllocationError('range is full', true);
      return port;
    }
    if (!this.#ports.contains(wanted)) {
      const range = `The range of valid ports is ${this.#portText}`;
      throw new AllocationError(`provided port is not in the valid range. ${range}`);
    }
    if (!this.#ports.take(wanted)) throw new AllocationError('provided port is already allocated');
    return wanted;
  }

  releasePort(port: number): void {
    this.#ports.release(port);
  }

  hasPort(port: number): boolean {
    return this.#ports.has(port);
  }
}

const mismatch = 'the provided network does not match the current range';
/** Larger blocks are used up to this many addresses. */
const mostAddresses = 2 ** 48;

/** A block of cluster addresses. Its first address and, in IPv4, its last are never given. */
class AddressBlock {
  readonly family: IpFamily;
  readonly network: string;
  readonly #cidr: Cidr;
  readonly #pool: NumberPool;

  constructor(text: string) {
    const cidr = parseCidr(text);
    if (!cidr) throw new RangeError(`Not an address block: ${text}`);
    this.#cidr = cidr;
    this.family = cidr.network.family === 6 ? 'IPv6' : 'IPv4';
    this.network = formatIp(cidr.network);
    const size = Math.min(2 ** (cidr.addressBits - cidr.prefixLength), mostAddresses);
    const last = this.family === 'IPv4' ? size - 2 : size - 1;
    this.#pool = new NumberPool(1, last, lowerPart(last, { step: 16, most: 256 }));
  }

  /** A real write finds no block for such an address; a dry run asks a certain block, which says more. */
  take(text: string, dryRun: boolean): string {
    const ip = parseIp(text);
    const inside = ip !== undefined && cidrContains(this.#cidr, ip) && this.#pool.contains(this.#offset(ip));
    if (!inside && dryRun) {
      const range = `The range of valid IPs is ${formatCidr(this.#cidr)}`;
      throw new AllocationError(`the provided IP (${ip ? formatIp(ip) : text}) is not in the valid range. ${range}`);
    }
    if (!inside) throw new AllocationError(mismatch);
    if (!dryRun && !this.#pool.take(this.#offset(ip))) throw new AllocationError('provided IP is already allocated');
    return text;
  }

  takeAny(random: () => number): string {
    const offset = this.#pool.takeAny(random);
    if (offset === undefined) throw new AllocationError('range is full', true);
    return formatIp(this.#address(offset));
  }

  mark(text: string): void {
    const ip = parseIp(text);
    if (ip && cidrContains(this.#cidr, ip)) this.#pool.take(this.#offset(ip));
  }

  release(text: string): void {
    const ip = parseIp(text);
    if (ip && cidrContains(this.#cidr, ip)) this.#pool.release(this.#offset(ip));
  }

  #offset(ip: IpAddress): number {
    return Number(toNumber(ip) - toNumber(this.#cidr.network));
  }

  #address(offset: number): IpAddress {
    const value = toNumber(this.#cidr.network) + BigInt(offset);
    const bytes = Array.from({ length: 16 }, (_, i) => Number((value >> BigInt(8 * (15 - i))) & 0xffn));
    return { bytes, family: this.#cidr.network.family };
  }
}

function toNumber(ip: IpAddress): bigint {
  return ip.bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** Numbers from `from` to `to`, of which some are taken. */
class NumberPool {
  readonly #taken = new Set<number>();
  readonly #from: number;
  readonly #to: number;
  readonly #lower: number;

  constructor(from: number, to: number, lower: number) {
    this.#from = from;
    this.#to = to;
    this.#lower = lower;
  }

  contains(n: number): boolean {
    return n >= this.#from && n <= this.#to;
  }

  has(n: number): boolean {
    return this.#taken.has(n);
  }

  /** False when it is taken already. */
  take(n: number): boolean {
    if (this.#taken.has(n)) return false;
    this.#taken.add(n);
    return true;
  }

  /** A free one from the upper part, else from the lower; undefined when all are taken. */
  takeAny(random: () => number): number | undefined {
    const start = this.#from + this.#lower;
    return this.#search(start, this.#to, random) ?? this.#search(this.#from, start - 1, random);
  }

  release(n: number): void {
    this.#taken.delete(n);
  }

  #search(from: number, to: number, random: () => number): number | undefined {
    const size = to - from + 1;
    const start = Math.floor(random() * size);
    for (let i = 0; i < size; i++) {
      const n = from + ((start + i) % size);
      if (this.take(n)) return n;
    }
    return undefined;
  }
}

/** How many numbers at the lower end are kept for those who ask for them. */
function lowerPart(size: number, { step, most }: { step: number; most: number }): number {
  return size <= 16 ? 0 : Math.min(most, Math.max(16, Math.floor(size / step)));
}
