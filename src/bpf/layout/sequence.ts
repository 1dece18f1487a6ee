import type { Layout } from './scalar.ts';

/** Bytes that are no number: addresses of hardware and of IPv6, names, what is left for later. */
export interface Bytes extends Layout<Uint8Array> {
  readonly kind: 'bytes';
  /** True for what only fills a gap: it is left out of values, and written as zeros. */
  readonly isPadding: boolean;
}

/** Several of one layout, one behind the other. */
export interface ArrayLayout<V = unknown> extends Layout<readonly V[]> {
  readonly kind: 'array';
  readonly element: Layout<V>;
  readonly length: number;
}

/** `size` bytes as they are. A shorter value is refused: what a key lacks would be zeros that nobody chose. */
export function bytes(size: number, align = 1): Bytes {
  return Object.freeze({
    kind: 'bytes',
    isPadding: false,
    size,
    align,
    write(view: DataView, offset: number, value: Uint8Array): void {
      if (value.length !== size) throw new RangeError(`${value.length} bytes must be ${size}`);
      // addresses are short: a view of them would take longer to make than to write
      for (let i = 0; i < size; i++) view.setUint8(offset + i, value[i]!);
    },
    // a copy: what is read outlives the buffer it was read from
    read: (view: DataView, offset: number): Uint8Array =>
      new Uint8Array(view.buffer, view.byteOffset + offset, size).slice(),
  });
}

/** `size` bytes that fill a gap. They have no value, and are zeros, since maps compare keys with them. */
export function pad(size: number): Bytes {
  return Object.freeze({
    kind: 'bytes',
    isPadding: true,
    size,
    align: 1,
    write: (view: DataView, offset: number) => new Uint8Array(view.buffer, view.byteOffset + offset, size).fill(0),
    read: () => new Uint8Array(size),
  });
}

/** `length` of a layout. */
export function array<V>(element: Layout<V>, length: number): ArrayLayout<V> {
  return Object.freeze({
    kind: 'array',
    element,
    length,
    size: element.size * length,
    align: element.align,
    write(view: DataView, offset: number, value: readonly V[]): void {
      if (value.length !== length) throw new RangeError(`${value.length} elements must be ${length}`);
      for (const [i, one] of value.entries()) element.write(view, offset + i * element.size, one);
    },
    read: (view: DataView, offset: number): readonly V[] =>
      Array.from({ length }, (_, i) => element.read(view, offset + i * element.size)),
  });
}
