import type { Place } from '../asm/memory.ts';
import type { Layout, Scalar, ScalarName, ValueOf } from './scalar.ts';
import type { Bytes } from './sequence.ts';

/** The fields of a struct in their order. */
export type Fields = Readonly<Record<string, Layout>>;

/** Names that begin with an underscore are gaps: they are in memory and not in values. */
type Visible<F> = Exclude<keyof F, `_${string}`>;

/** The value of user space of a struct. */
export type StructValue<F> = { readonly [K in Visible<F>]: ValueOf<F[K]> };

/** Where a field is, for instructions (`load(r1, r2, Ipv4.at.source)`), with its type for values of programs. */
export interface FieldPlace<N extends ScalarName = ScalarName> extends Place {
  readonly scalar: N;
}

/** Where a field is that is no number. */
export interface FieldRange {
  /** In bytes. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
}

/** The places of all fields; those of a struct within have their offsets in the whole. */
export type Places<F> = {
  readonly [K in keyof F]: F[K] extends Scalar<infer N>
    ? FieldPlace<N>
    : F[K] extends Struct<infer G>
      ? Places<G>
      : FieldRange;
};

/** A struct as C lays it out, with no gap that is not written down. */
export interface Struct<F = Fields> extends Layout<StructValue<F>> {
  readonly kind: 'struct';
  /** The name in BTF, by which bpftool shows it. */
  readonly name: string;
  readonly fields: F;
  readonly offsets: Readonly<Record<keyof F, number>>;
  /** The fields as places from the struct's start. */
  readonly at: Places<F>;
  /** The fields as places from where the struct begins `offset` bytes in. */
  within(offset: number): Places<F>;
  encode(value: StructValue<F>): Uint8Array;
  decode(bytes: Uint8Array): StructValue<F>;
}

/**
 * A struct as C lays it out.
 *
 * @throws TypeError there would be a gap: maps compare keys byte by byte, and the verifier refuses keys that are not written
 *   whole, so gaps are fields (`_gap: pad(2)`).
 */
export function struct<const F extends Fields>(name: string, fields: F): Struct<F> {
  return build(name, fields, true);
}

/** A struct without alignment, as some headers of packets are. */
export function packed<const F extends Fields>(name: string, fields: F): Struct<F> {
  return build(name, fields, false);
}

/**
 * Where values are encoded before they are copied: a view of an array's memory is ten times as much work as a copy of it, and maps
 * of ten thousand services have as many values.
 */
const SCRATCH_BYTES = 512;
const scratch = new Uint8Array(SCRATCH_BYTES);
const scratchView = new DataView(scratch.buffer);

function build<F extends Fields>(name: string, fields: F, isAligned: boolean): Struct<F> {
  const { offsets, size, align } = arrange(name, fields, isAligned);
  const visible = Object.entries(fields).filter(([key]) => !key.startsWith('_'));
  const placed = visible.map(([key, layout]) => ({ key, layout, offset: offsets[key]! }));
  const put = (view: DataView, offset: number, value: Readonly<Record<string, unknown>>): void => {
    for (const field of placed) writeField(view, offset + field.offset, name, field, value[field.key]);
  };
  const write = (view: DataView, offset: number, value: StructValue<F>): void => {
    for (let at = offset; at < offset + size; at++) view.setUint8(at, 0);
    put(view, offset, value);
  };
  const read = (view: DataView, offset: number): StructValue<F> =>
    Object.fromEntries(
      visible.map(([key, layout]) => [key, layout.read(view, offset + offsets[key]!)]),
    ) as StructValue<F>;
  const within = (offset: number): Places<F> => placesOf(fields, offsets, offset);
  return Object.freeze({
    kind: 'struct',
    name,
    fields,
    offsets: offsets as Record<keyof F, number>,
    size,
    align,
    at: within(0),
    within,
    write,
    read,
    encode(value: StructValue<F>): Uint8Array {
      if (size > SCRATCH_BYTES) {
        const bytes = new Uint8Array(size);
        put(new DataView(bytes.buffer), 0, value);
        return bytes;
      }
      write(scratchView, 0, value);
      return scratch.slice(0, size);
    },
    decode(bytes: Uint8Array): StructValue<F> {
      if (bytes.length < size) throw new RangeError(`${bytes.length} bytes must be ${size} to be read as ${name}`);
      return read(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0);
    },
  });
}

function writeField(
  view: DataView,
  at: number,
  struct: string,
  { key, layout }: { readonly key: string; readonly layout: Layout },
  value: unknown,
): void {
  if (value === undefined) throw new TypeError(`${struct}.${key} must be given`);
  try {
    layout.write(view, at, value);
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(`${struct}.${key}: ${error.message}`, { cause: error });
    throw error;
  }
}

function arrange(
  name: string,
  fields: Fields,
  isAligned: boolean,
): { offsets: Record<string, number>; size: number; align: number } {
  const offsets: Record<string, number> = {};
  let size = 0;
  let align = 1;
  for (const [key, layout] of Object.entries(fields)) {
    if (key.startsWith('_') !== ((layout as unknown as Bytes).isPadding === true))
      throw new TypeError(`${name}.${key}: gaps, and only gaps, have names that begin with "_"`);
    if (isAligned) refuseGap(name, key, size, layout.align);
    offsets[key] = size;
    size += layout.size;
    if (isAligned) align = Math.max(align, layout.align);
  }
  refuseGap(name, 'its end', size, align);
  return { offsets, size, align };
}

function refuseGap(name: string, before: string, size: number, align: number): void {
  const gap = (align - (size % align)) % align;
  if (gap > 0) throw new TypeError(`${name} has a gap of ${gap} bytes before ${before}: write pad(${gap}) there`);
}

function placesOf<F extends Fields>(fields: F, offsets: Readonly<Record<string, number>>, base: number): Places<F> {
  const places = Object.entries(fields).map(([key, layout]) => [key, placeOf(layout, base + offsets[key]!)]);
  return Object.freeze(Object.fromEntries(places)) as Places<F>;
}

function placeOf(layout: Layout, offset: number): unknown {
  if (layout.kind === 'struct') return (layout as unknown as Struct).within(offset);
  if (layout.kind !== 'scalar') return { offset, length: layout.size };
  const { width, name } = layout as unknown as Scalar;
  return { offset, size: width, scalar: name };
}
