import { KIND, MAGIC } from './kinds.ts';

/** A type of BTF, as far as it is needed: to find functions by name. */
export interface BtfType {
  readonly id: number;
  readonly kind: number;
  readonly name: string;
}

/** How many bytes stand behind a type, by its kind and count. */
function extraBytes(kind: number, count: number): number {
  switch (kind) {
    case KIND.int:
    case KIND.variable:
    case KIND.declTag:
      return 4;
    case KIND.array:
      return 12;
    case KIND.struct:
    case KIND.union:
    case KIND.section:
    case KIND.enum64:
      return 12 * count;
    case KIND.enum:
    case KIND.funcProto:
      return 8 * count;
    default:
      return 0;
  }
}

/**
 * The types of BTF with a name, in the order of their ids. Ids begin at 1.
 *
 * @throws RangeError it is no BTF of a little endian machine.
 */
export function* readTypes(btf: Uint8Array): Generator<BtfType> {
  const view = new DataView(btf.buffer, btf.byteOffset, btf.length);
  if (btf.length < 24 || view.getUint16(0, true) !== MAGIC) throw new RangeError('These bytes are no BTF');
  const header = view.getUint32(4, true);
  const types = header + view.getUint32(8, true);
  const end = types + view.getUint32(12, true);
  const strings = header + view.getUint32(16, true);
  for (let at = types, id = 1; at < end; id++) {
    const info = view.getUint32(at + 4, true);
    const kind = (info >>> 24) & 0x1f;
    yield { id, kind, name: stringAt(btf, strings + view.getUint32(at, true)) };
    at += 12 + extraBytes(kind, info & 0xffff);
  }
}

function stringAt(btf: Uint8Array, at: number): string {
  return Buffer.from(btf.buffer, btf.byteOffset + at, btf.indexOf(0, at) - at).toString('latin1');
}

/** The id of a function of the kernel, or undefined. */
export function findFunction(btf: Uint8Array, name: string): number | undefined {
  for (const type of readTypes(btf)) if (type.kind === KIND.func && type.name === name) return type.id;
  return undefined;
}
