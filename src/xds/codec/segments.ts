import type { ProtoWriter } from 'nekube/protobuf';

/** Segments are cut so that they have about this many bytes, unless one element has more. */
const MOST_BYTES = 32 * 1024;
/** What is smaller is written together with what stands around it. */
export const LEAST_BYTES = 8 * 1024;

/** The elements of a list that was written, and what of them another list had. */
export interface WrittenElements {
  /** How far before the end of the list each element begins; one more than there are elements, the last is 0. */
  readonly starts: Uint32Array;
  /** Which element of the list before each of them is; less than 0 for those that are new. */
  readonly places: Int32Array;
  /** Gives the bytes between two distances from the end of the list, as pieces that nobody else changes. */
  readonly copy: (from: number, to: number) => readonly Buffer[];
}

/**
 * The bytes of a list, in segments of some elements each. A list that is another one with a few changes has those segments of it in which
 * nothing changed: of megabytes a change makes a few thousand bytes anew, and leaves as many to be collected.
 */
export class Segments {
  readonly starts: Uint32Array;
  /** The first element of each segment, and the count of elements. */
  readonly #firsts: number[] = [];
  /** The bytes of each; of one large element perhaps in several pieces. */
  readonly #pieces: (readonly Buffer[])[] = [];

  private constructor(starts: Uint32Array) {
    this.starts = starts;
  }

  /** The segments of a list, with those of a list before that are whole in it. */
  static of({ starts, places, copy }: WrittenElements, before: Segments | undefined): Segments {
    const made = new Segments(starts);
    const count = starts.length - 1;
    let fresh = 0;
    for (let at = 0; at < count; ) {
      const shared = before === undefined ? -1 : before.#sharedAt(places, at);
      if (shared < 0) {
        at++;
        continue;
      }
      made.#cut(fresh, at, copy);
      made.#add(at, before!.#pieces[shared]!);
      at += before!.#sizeOf(shared);
      fresh = at;
    }
    made.#cut(fresh, count, copy);
    made.#firsts.push(count);
    return made;
  }

  /** All bytes, in pieces. */
  get pieces(): readonly Buffer[] {
    return this.#pieces.flat();
  }

  /** How many bytes there are. */
  get length(): number {
    return this.starts[0]!;
  }

  /**
   * Writes the elements from one to another one, which it includes. With `isShared` there is only room for segments that the list which
   * is being written will share.
   */
  write(writer: ProtoWriter, first: number, last: number, isShared: boolean): void {
    for (let segment = this.#segmentOf(last); segment >= 0 && this.#firsts[segment + 1]! > first; segment--) {
      const [begin, next] = [this.#firsts[segment]!, this.#firsts[segment + 1]!];
      const end = this.starts[next]!;
      const from = this.starts[Math.max(first, begin)]! - end;
      const to = this.starts[Math.min(last + 1, next)]! - end;
      const isWhole = first <= begin && last >= next - 1;
      if (isShared && isWhole && from >= LEAST_BYTES) writer.skip(from);
      else writePart(writer, this.#pieces[segment]!, from, to);
    }
  }

  /** The segment that begins with the element which stands here, if all of its elements follow; -1: none, or a small one. */
  #sharedAt(places: Int32Array, at: number): number {
    const first = places[at]!;
    const segment = first < 0 ? -1 : this.#segmentOf(first);
    if (segment < 0 || this.#firsts[segment] !== first) return -1;
    const size = this.#sizeOf(segment);
    if (this.starts[first]! - this.starts[first + size]! < LEAST_BYTES) return -1;
    for (let i = 1; i < size; i++) if (places[at + i] !== first + i) return -1;
    return segment;
  }

  #sizeOf(segment: number): number {
    return this.#firsts[segment + 1]! - this.#firsts[segment]!;
  }

  /** By halves. */
  #segmentOf(element: number): number {
    let [low, high] = [0, this.#pieces.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#firsts[middle]! <= element) low = middle;
      else high = middle;
    }
    return low;
  }

  #add(first: number, pieces: readonly Buffer[]): void {
    this.#firsts.push(first);
    this.#pieces.push(pieces);
  }

  /** New segments of about the same size for elements that have none. */
  #cut(first: number, end: number, copy: WrittenElements['copy']): void {
    if (first === end) return;
    const total = this.starts[first]! - this.starts[end]!;
    const wanted = total / Math.ceil(total / MOST_BYTES);
    for (let at = first; at < end; ) {
      let next = at + 1;
      while (next < end && this.starts[at]! - this.starts[next]! < wanted) next++;
      this.#add(at, copy(this.starts[at]!, this.starts[next]!));
      at = next;
    }
  }
}

/** Writes the bytes between two distances from the end of pieces. */
function writePart(writer: ProtoWriter, pieces: readonly Buffer[], from: number, to: number): void {
  let behind = 0;
  for (let i = pieces.length - 1; i >= 0; i--) {
    const { length } = pieces[i]!;
    const [start, end] = [Math.min(length, from - behind), Math.max(0, to - behind)];
    if (start > end) writer.bytes(pieces[i]!.subarray(length - start, length - end));
    behind += length;
  }
}
