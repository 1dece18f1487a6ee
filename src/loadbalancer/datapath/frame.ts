import { asm, layout } from 'nekube/bpf';

const { add, at, jne, jne32, load, mov, r1, r10, r2, store, storeImm } = asm;
type Register = asm.Register;
type Code = asm.Code;

/** Nothing. */
type None = Record<never, layout.Layout>;

/**
 * A function's stack as a struct that ends at r10, so that what it holds has names. Its phases, of which only one at a time is in
 * use, have the same bytes: what one has written means nothing to the others.
 *
 * @throws RangeError it is larger than the 512 bytes that there are
 */
export function frame<
  const F extends layout.Fields,
  const A extends layout.Fields = None,
  const B extends layout.Fields = None,
  const C extends layout.Fields = None,
  const D extends layout.Fields = None,
>(
  fields: F,
  ...phases: readonly [A?, B?, C?, D?]
): { readonly at: layout.Places<F> & layout.Places<A & B & C & D>; readonly size: number } {
  const whole = layout.struct('frame', fields);
  const structs = phases.map((phase) => layout.struct('phase', phase ?? {}));
  const size = whole.size + Math.max(0, ...structs.map((one) => one.size));
  if (size > 512) throw new RangeError(`A frame of ${size} bytes must fit in 512`);
  const at = Object.assign({}, whole.within(-whole.size), ...structs.map((one) => one.within(-size)));
  return { at, size };
}

/** dst = the address of what is at the offset in the frame. */
export function addressOf(dst: Register, offset: number): Code {
  return [mov(dst, r10), add(dst, offset)];
}

/** A place in a frame. */
export interface Field {
  readonly offset: number;
}

/** A part of memory. */
interface Range {
  readonly base: Register;
  readonly offset: number;
}

/** Copies bytes, in pieces of the size at most; both must be aligned to it, where the machine or the verifier asks for that. */
export function copy(to: Range, from: Range, length: number, scratch: Register, piece: 2 | 4 = 4): Code {
  const code: Code[] = [];
  for (let done = 0; done < length; ) {
    const size = length - done >= piece ? piece : 2;
    const width = size === 4 ? 'u32' : 'u16';
    code.push(
      load(scratch, from.base, at(from.offset + done, width)),
      store(to.base, at(to.offset + done, width), scratch),
    );
    done += size;
  }
  return code;
}

/** Copies a field of the frame into another of as many bytes. Uses r2. */
export function copyField(to: Field, from: Field, length: number): Code {
  return copy(inFrame(to), inFrame(from), length, r2);
}

/** A field of the frame, as a part of memory. */
export function inFrame({ offset }: Field): Range {
  return { base: r10, offset };
}

/** Writes bytes that are known when the program is made, whole words of four, into the frame. */
export function writeConstant(to: number, bytes: Uint8Array): Code {
  return wordsOf(bytes).map((word, i) => storeImm(r10, at(to + 4 * i, 'u32'), word));
}

/** Goes to a label if two parts of memory differ, of whole words of four bytes. Uses r1 and r2. */
export function ifDiffer(a: Range, b: Range, length: number, then: string): Code {
  return Array.from({ length: length / 4 }, (_, i) => [
    load(r1, a.base, at(a.offset + 4 * i, 'u32')),
    load(r2, b.base, at(b.offset + 4 * i, 'u32')),
    jne(r1, r2, then),
  ]);
}

/** Goes to a label if a part of the frame is other than these bytes, whole words of four. Uses r1. */
export function ifNot(offset: number, bytes: Uint8Array, then: string): Code {
  return wordsOf(bytes).map((word, i) => [load(r1, r10, at(offset + 4 * i, 'u32')), jne32(r1, word, then)]);
}

/** Words of four bytes as the machine loads them, with a sign. */
export function wordsOf(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(4 * i, true));
}

/** Writes zeros, in pieces as large as the offset allows; the length must be of whole words of four bytes. */
export function clear(base: Register, offset: number, length: number): Code {
  const code: Code[] = [];
  for (let at_ = offset; at_ < offset + length; ) {
    const isWide = at_ % 8 === 0 && at_ + 8 <= offset + length;
    code.push(storeImm(base, at(at_, isWide ? 'u64' : 'u32'), 0));
    at_ += isWide ? 8 : 4;
  }
  return code;
}
