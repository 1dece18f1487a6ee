import { createHash, hash } from 'node:crypto';
import type { ProtoWriter } from 'nekube/protobuf';
import { LEAST_BYTES, Segments } from './segments.ts';

/** A list that was written: its elements, and their bytes. */
interface KnownList {
  /** What it is a list of; the same objects in another field are other bytes. */
  readonly field: object;
  readonly elements: readonly unknown[];
  readonly segments: Segments;
  /** A hash of each element; undefined where the list lies within another one. */
  readonly hashes: Buffer | undefined;
  /** Places of elements, made when they are not where they were. */
  places: Map<unknown, number> | undefined;
}

/** A list of the message that is being written, whose bytes have no place of their own yet. */
interface WrittenList {
  readonly field: object;
  readonly elements: readonly unknown[];
  readonly starts: Uint32Array;
  /** How many bytes there were in the writer before it and with it. */
  readonly before: number;
  readonly after: number;
  /** The list of before, and which of its elements each one is: less than 0 for those that are new. */
  readonly known: KnownList | undefined;
  readonly places: Int32Array;
  segments: Segments | undefined;
}

/** What a message was written to. */
export interface Written {
  /** The bytes, in pieces that nobody may change: of long lists some are those of an earlier message. */
  readonly pieces: readonly Buffer[];
  /** A hash of them in hexadecimal digits. */
  readonly digest: string;
}

const HASH_BYTES = 16;
/** Shorter lists are written again. */
const LEAST_ELEMENTS = 16;
/** By their first, middle and last elements: of a list that has changed, one of them is mostly what it was. */
const lists = new WeakMap<object, KnownList>();
let written: WrittenList[] | undefined;
/** How many lists are being written around what is written. */
let nesting = 0;

/**
 * Writes a message whose lists are likely to be those of an earlier one but for a few elements: what comes again, as the same
 * object, is copied.
 *
 * The hash is one of the hashes of the elements of long lists and of what is beside them, so that what comes again is not hashed again.
 */
export function writeSharing(writer: ProtoWriter, write: () => void): Written {
  const before = written;
  written = [];
  nesting = 0;
  try {
    write();
    const bytes = writer.finish();
    if (written.length === 0) return { pieces: [Buffer.from(bytes)], digest: hash('sha256', bytes, 'hex') };
    const hashes = hashesOf(outermost(written), bytes);
    for (const list of written) keep(list, hashes.get(list), bytes, written);
    return { pieces: piecesOf(bytes, written, { from: bytes.length, to: 0 }), digest: digestOf(hashes, bytes) };
  } finally {
    written = before;
  }
}

/** True when a list is to be written by {@link writeKnownList}. */
export function isShared(list: readonly unknown[]): boolean {
  return written !== undefined && list.length >= LEAST_ELEMENTS;
}

/** Writes the list of a field, which is the same object each time; `writeElement` writes one element with its tag. */
export function writeKnownList(
  writer: ProtoWriter,
  field: object,
  list: readonly unknown[],
  writeElement: (element: unknown, index: number) => void,
): void {
  const known = find(field, list);
  const before = writer.length;
  const starts = new Uint32Array(list.length + 1);
  const places = new Int32Array(list.length).fill(-1);
  // nobody reads the bytes of what is in no other list, and whose hash is known
  const isShared = nesting++ === 0 && known?.hashes !== undefined;
  let next = (known?.elements.length ?? 0) - 1;
  for (let i = list.length - 1; i >= 0; ) {
    const at = known === undefined ? -1 : placeOf(known, list, i, next);
    if (at < 0) {
      writeElement(list[i], i);
      starts[i] = writer.length - before;
      // the one before it is where it was, if this one came instead of another
      if (known !== undefined && list[i - 1] !== known.elements[next]) next--;
      i--;
      continue;
    }
    const count = copyRun(writer, known!, at, { list, starts, places, end: i, isShared });
    next = at - count;
    i -= count;
  }
  nesting--;
  written!.push({ field, elements: list, starts, before, after: writer.length, known, places, segments: undefined });
}

/** Copies the elements up to this one that stood before it then as they do now; gives how many. */
function copyRun(writer: ProtoWriter, known: KnownList, at: number, writing: Writing): number {
  const { list, starts, places, end, isShared } = writing;
  let count = 1;
  while (count <= at && count <= end && known.elements[at - count] === list[end - count]) count++;
  const first = at - count + 1;
  known.segments.write(writer, first, at, isShared);
  const { starts: knownStarts } = known.segments;
  const shift = starts[end + 1]! - knownStarts[at + 1]!;
  for (let k = 0; k < count; k++) {
    starts[end - k] = knownStarts[at - k]! + shift;
    places[end - k] = at - k;
  }
  return count;
}

interface Writing {
  readonly list: readonly unknown[];
  readonly starts: Uint32Array;
  readonly places: Int32Array;
  /** Where the run ends in the list. */
  readonly end: number;
  readonly isShared: boolean;
}

function find(field: object, list: readonly unknown[]): KnownList | undefined {
  for (const element of anchored(list)) {
    const known = lists.get(element);
    if (known?.field === field) return known;
  }
  return undefined;
}

function anchored(list: readonly unknown[]): object[] {
  const elements = [list[0], list[list.length >> 1], list.at(-1)];
  return elements.filter((element) => typeof element === 'object' && element !== null);
}

/** Where an element was, of which it is expected where: mostly it is there, or one was put in, taken out or replaced. */
function placeOf(known: KnownList, list: readonly unknown[], i: number, expected: number): number {
  const { elements } = known;
  if (elements[expected] === list[i]) return expected;
  if (expected > 0 && elements[expected - 1] === list[i]) return expected - 1;
  if (i > 0 && expected >= 0 && (list[i - 1] === elements[expected - 1] || list[i - 1] === elements[expected]))
    return -1;
  known.places ??= new Map(elements.map((one, at) => [one, at]));
  return known.places.get(list[i]) ?? -1;
}

/** The lists that lie in no other one, in the order of the bytes. */
function outermost(all: readonly WrittenList[]): WrittenList[] {
  const found: WrittenList[] = [];
  // one that holds another was finished after it
  for (const list of [...all].reverse()) {
    const last = found.at(-1);
    if (last === undefined || list.after <= last.before) found.push(list);
  }
  return found.reverse();
}

function hashesOf(all: readonly WrittenList[], bytes: Buffer): Map<WrittenList, Buffer> {
  return new Map(
    all.map((list) => {
      const hashes = Buffer.allocUnsafeSlow(list.elements.length * HASH_BYTES);
      const end = bytes.length - list.before;
      for (let i = 0; i < list.elements.length; ) {
        const count = copyHashes(list, i, hashes);
        if (count === 0) {
          const element = bytes.subarray(end - list.starts[i]!, end - list.starts[i + 1]!);
          hash('sha256', element, 'buffer').copy(hashes, i * HASH_BYTES, 0, HASH_BYTES);
        }
        i += count || 1;
      }
      return [list, hashes];
    }),
  );
}

/** Copies the hashes of this element and of those behind it that stood behind it before; gives of how many. */
function copyHashes({ places, known }: WrittenList, first: number, hashes: Buffer): number {
  const place = places[first]!;
  if (place < 0 || known?.hashes === undefined) return 0;
  let count = 1;
  while (places[first + count] === place + count) count++;
  known.hashes.copy(hashes, first * HASH_BYTES, place * HASH_BYTES, (place + count) * HASH_BYTES);
  return count;
}

/** Of what is beside the lists, and of the hashes of their elements where these stand. */
function digestOf(hashes: ReadonlyMap<WrittenList, Buffer>, bytes: Buffer): string {
  const digest = createHash('sha256');
  let at = 0;
  for (const [{ before, after }, ofElements] of [...hashes].reverse()) {
    digest.update(bytes.subarray(at, bytes.length - after)).update(ofElements);
    at = bytes.length - before;
  }
  return digest.update(bytes.subarray(at)).digest('hex');
}

/** Keeps a list for the next time. Those within it are kept already. */
function keep(list: WrittenList, hashes: Buffer | undefined, bytes: Buffer, all: readonly WrittenList[]): void {
  const { field, elements, starts, places, before, known: followed } = list;
  const copy = (from: number, to: number) => piecesOf(bytes, all, { from: before + from, to: before + to });
  list.segments = Segments.of({ starts, places, copy }, followed?.segments);
  const known: KnownList = { field, elements, segments: list.segments, hashes, places: undefined };
  // where the list was known by an element that is its middle no longer, that one would hold old bytes as long as it lives
  for (const element of anchored(followed?.elements ?? [])) if (lists.get(element) === followed) lists.delete(element);
  for (const element of anchored(elements)) lists.set(element, known);
}

/** A range of the bytes, by distances from their end. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** A range in pieces: the lists in it that are kept already and are not small as they are kept, and copies of the rest. */
function piecesOf(bytes: Buffer, all: readonly WrittenList[], { from, to }: Range): readonly Buffer[] {
  const pieces: Buffer[] = [];
  const copy = (start: number, end: number): void => {
    if (start > end) pieces.push(Buffer.from(bytes.subarray(bytes.length - start, bytes.length - end)));
  };
  let at = from;
  const within = from - to < LEAST_BYTES ? [] : all.filter((list) => isWithin(list, { from, to }));
  for (const { before, after, segments } of outermost(within).reverse()) {
    copy(at, after);
    pieces.push(...segments!.pieces);
    at = before;
  }
  copy(at, to);
  return pieces;
}

function isWithin({ segments, before, after }: WrittenList, { from, to }: Range): boolean {
  return segments !== undefined && segments.length >= LEAST_BYTES && before >= to && after <= from;
}
