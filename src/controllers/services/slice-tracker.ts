import { namespacedName } from 'nekube/apimachinery';
import type { ObjectKey } from 'nekube/client';
import { type EndpointSlice, serviceOf } from './endpoint-slice.ts';

/** Stands for the generation of a slice that was deleted. */
const DELETED = -1;

/** Which generations of slices were written, so that a cache that is behind is known as such, and one's own writes too. */
export class SliceTracker {
  /** By Service, then by the uid of the slice. */
  readonly #generations = new Map<string, Map<string, number>>();

  /** Whether a slice was written here. */
  has(slice: EndpointSlice): boolean {
    return this.#of(slice)?.has(slice.metadata.uid!) ?? false;
  }

  /** Whether somebody else wrote it. */
  isForeign({ metadata, ...slice }: EndpointSlice): boolean {
    const known = this.#of({ metadata, ...slice })?.get(metadata.uid!);
    return known === undefined || (metadata.generation ?? 0) > known;
  }

  /** Whether a cache shows less of a Service than was written. */
  isBehind(service: ObjectKey, slices: readonly EndpointSlice[]): boolean {
    const known = this.#generations.get(namespacedName(service));
    if (known === undefined) return false;
    const isOlder = ({ metadata: { uid, generation = 0 } }: EndpointSlice): boolean => {
      const written = known.get(uid!);
      return written !== undefined && (written === DELETED || written > generation);
    };
    const shown = new Set(slices.map(({ metadata }) => metadata.uid!));
    return slices.some(isOlder) || [...known].some(([uid, written]) => written !== DELETED && !shown.has(uid));
  }

  /** It was written. */
  wrote(slice: EndpointSlice): void {
    this.#set(slice, slice.metadata.generation ?? 0);
  }

  /** It was deleted here. */
  deleted(slice: EndpointSlice): void {
    this.#set(slice, DELETED);
  }

  /** It is gone. @returns whether that was to be expected */
  gone(slice: EndpointSlice): boolean {
    const known = this.#of(slice);
    const written = known?.get(slice.metadata.uid!);
    known?.delete(slice.metadata.uid!);
    return written === undefined || written === DELETED;
  }

  /** The Service is gone. */
  forget(service: ObjectKey): void {
    this.#generations.delete(namespacedName(service));
  }

  #of(slice: EndpointSlice): Map<string, number> | undefined {
    return this.#generations.get(keyOfSlice(slice));
  }

  #set(slice: EndpointSlice, generation: number): void {
    const known = this.#of(slice) ?? new Map<string, number>();
    this.#generations.set(keyOfSlice(slice), known);
    known.set(slice.metadata.uid!, generation);
  }
}

function keyOfSlice(slice: EndpointSlice): string {
  return namespacedName(serviceOf(slice) ?? { namespace: slice.metadata.namespace, name: '' });
}
