import type { Struct } from '../layout/struct.ts';
import type { Builder } from './builder.ts';
import { View } from './view.ts';
import type { Value } from './value.ts';

/**
 * The packet as a program sees it, from when it was asked for until its bounds change: then all that was read of its place is
 * worth nothing, and using it is an error here already, and not only for the verifier.
 */
export class PacketView {
  readonly #builder: Builder;
  readonly #data: Value<'u64'>;
  readonly #end: Value<'u64'>;
  readonly #epoch: number;
  #checked = 0;

  constructor(builder: Builder, data: Value<'u64'>, end: Value<'u64'>, epoch: number) {
    this.#builder = builder;
    this.#data = data;
    this.#end = end;
    this.#epoch = epoch;
  }

  /** Makes sure that so many bytes are there; otherwise does something that ends the program. */
  require(bytes: number, otherwise: () => void): this {
    this.#refuseStale();
    const behind = this.#data.add(bytes);
    this.#builder.if(behind.gt(this.#end), otherwise);
    this.#checked = Math.max(this.#checked, bytes);
    return this;
  }

  /** A header at a constant offset; `require` must have seen to its bytes. */
  at<F>(struct: Struct<F>, offset: number): View<F> {
    this.#refuseStale();
    if (offset + struct.size > this.#checked)
      throw new TypeError(
        `${struct.name} ends at ${offset + struct.size}, but only ${this.#checked} bytes were required`,
      );
    return new View<F>(this.#builder, struct, this.#data.virtual, offset, () => this.#refuseStale());
  }

  /** How long the packet is. */
  length(): Value<'u64'> {
    this.#refuseStale();
    return this.#end.sub(this.#data);
  }

  #refuseStale(): void {
    if (this.#builder.packetEpoch !== this.#epoch)
      throw new TypeError('This packet was asked for before its bounds changed: ask for it again');
  }
}
