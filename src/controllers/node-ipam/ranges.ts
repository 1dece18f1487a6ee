import { type Cidr, formatCidr, type IpAddress, parseCidr } from 'nekube/apimachinery';

/** The ranges of equal size that a larger one is made of, given to nodes one after the other. */
export class Ranges {
  readonly #of: Cidr;
  readonly #size: number;
  readonly #count: bigint;
  readonly #used = new Set<bigint>();
  #next = 0n;

  /** @throws RangeError for a size that is larger than the whole, or than an address has bits */
  constructor(of: Cidr, size: number) {
    if (size < of.prefixLength || size > of.addressBits)
      throw new RangeError(`A range /${size} is no part of ${formatCidr(of)}`);
    this.#of = of;
    this.#size = size;
    this.#count = 1n << BigInt(size - of.prefixLength);
  }

  /** A range that nobody has; undefined: there is none. One that was given back comes when all others had their turn. */
  take(): string | undefined {
    for (let tried = 0n; tried < this.#count; tried++) {
      const index = (this.#next + tried) % this.#count;
      if (this.#used.has(index)) continue;
      this.#used.add(index);
      this.#next = index + 1n;
      return this.#textOf(index);
    }
    return undefined;
  }

  /** Says that somebody has a range. What is no part of this is nobody's business here. */
  occupy(range: string): void {
    for (const index of this.#indexesOf(range)) this.#used.add(index);
  }

  release(range: string): void {
    for (const index of this.#indexesOf(range)) this.#used.delete(index);
  }

  #textOf(index: bigint): string {
    const value = valueOf(this.#of.network) + (index << BigInt(this.#of.addressBits - this.#size));
    const network = { ...this.#of.network, bytes: bytesOf(value) };
    return formatCidr({ ...this.#of, address: network, network, prefixLength: this.#size });
  }

  *#indexesOf(range: string): Iterable<bigint> {
    const cidr = parseCidr(range);
    if (cidr === undefined || cidr.addressBits !== this.#of.addressBits) return;
    const shift = BigInt(cidr.addressBits - this.#size);
    const first = (valueOf(cidr.network) - valueOf(this.#of.network)) >> shift;
    const length = cidr.prefixLength >= this.#size ? 1n : 1n << BigInt(this.#size - cidr.prefixLength);
    for (let index = first; index < first + length; index++) if (index >= 0n && index < this.#count) yield index;
  }
}

function valueOf({ bytes }: IpAddress): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function bytesOf(value: bigint): number[] {
  return Array.from({ length: 16 }, (_, at) => Number((value >> BigInt(8 * (15 - at))) & 0xffn));
}
