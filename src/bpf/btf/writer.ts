import type { Layout, Scalar } from '../layout/scalar.ts';
import type { ArrayLayout } from '../layout/sequence.ts';
import type { Struct } from '../layout/struct.ts';
import { KIND, MAGIC } from './kinds.ts';

const HEADER_BYTES = 24;

/**
 * Writes BTF, the kernel's format of types: maps get names for what is in them, functions signatures, and instructions lines
 * of source. Equal layouts have one type.
 */
export class BtfWriter {
  readonly #words: number[] = [];
  readonly #strings = new Map<string, number>([['', 0]]);
  #stringBytes = 1;
  #types = 0;
  readonly #layouts = new Map<unknown, number>();

  /** The place of a string among the strings. */
  string(text: string): number {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    const at = this.#stringBytes;
    this.#strings.set(text, at);
    this.#stringBytes += Buffer.byteLength(text) + 1;
    return at;
  }

  /** The id of an integer's type. */
  int(name: string, size: number, isSigned = false): number {
    return this.#once(name, () => {
      this.#type(name, KIND.int, 0, size);
      this.#words.push((isSigned ? 1 << 24 : 0) | (size * 8));
    });
  }

  /** The id of a layout's type. Gaps are not named: between members, C has gaps too. */
  layout(layout: Layout): number {
    if (layout.kind === 'scalar') return this.#scalar(layout as Scalar);
    if (layout.kind === 'bytes') return this.#array(this.int('u8', 1), layout.size, `u8[${layout.size}]`);
    if (layout.kind === 'array') {
      const { element, length } = layout as ArrayLayout;
      return this.#array(this.layout(element), length, layout);
    }
    return this.#struct(layout as Struct);
  }

  /** The id of a function whose arguments and result are whole registers. */
  function(name: string, parameters: number, isGlobal: boolean): number {
    const result = this.int('u64', 8);
    const prototype = this.#once(`(${parameters})`, () => {
      this.#type('', KIND.funcProto, parameters, result);
      for (let i = 0; i < parameters; i++) this.#words.push(this.string(`a${i + 1}`), result);
    });
    return this.#once(`${name}()`, () => this.#type(name, KIND.func, isGlobal ? 1 : 0, prototype));
  }

  /** All types and strings as the kernel reads them. */
  encode(): Uint8Array {
    const typeBytes = this.#words.length * 4;
    const out = new Uint8Array(HEADER_BYTES + typeBytes + this.#stringBytes);
    const view = new DataView(out.buffer);
    view.setUint16(0, MAGIC, true);
    view.setUint8(2, 1);
    for (const [i, word] of [HEADER_BYTES, 0, typeBytes, typeBytes, this.#stringBytes].entries())
      view.setUint32(4 + i * 4, word, true);
    for (const [i, word] of this.#words.entries()) view.setUint32(HEADER_BYTES + i * 4, word, true);
    for (const [text, at] of this.#strings) out.set(Buffer.from(text), HEADER_BYTES + typeBytes + at);
    return out;
  }

  #scalar({ name, size }: Scalar): number {
    // the order of bytes is not part of BTF, so be16 is shown by its name alone
    return this.int(name, size, name.startsWith('i'));
  }

  #array(element: number, length: number, identity: unknown): number {
    const index = this.int('u32', 4);
    return this.#once(identity, () => {
      this.#type('', KIND.array, 0, 0);
      this.#words.push(element, index, length);
    });
  }

  #struct(layout: Struct): number {
    const members = Object.entries(layout.fields).filter(([name]) => !name.startsWith('_'));
    const types = members.map(([, field]) => this.layout(field));
    return this.#once(layout, () => {
      this.#type(layout.name, KIND.struct, members.length, layout.size);
      for (const [i, [name]] of members.entries())
        this.#words.push(this.string(name), types[i]!, layout.offsets[name]! * 8);
    });
  }

  #type(name: string, kind: number, count: number, sizeOrType: number): void {
    this.#words.push(this.string(name), (kind << 24) | count, sizeOrType);
  }

  #once(identity: unknown, write: () => void): number {
    const known = this.#layouts.get(identity);
    if (known !== undefined) return known;
    write();
    this.#types += 1;
    this.#layouts.set(identity, this.#types);
    return this.#types;
  }
}
