/** How an element may be written. */
export type UpdateMode = 'any' | 'add' | 'change';

/**
 * The elements of a map, wherever it is: in the kernel, or in the memory of an interpreter. Tests that hold both to the same
 * behaviour use this, and so does code that must run without a kernel.
 */
export interface MapStore<K, V> {
  /** The element, or undefined. */
  get(key: K): V | undefined;
  /**
   * Writes an element.
   *
   * @throws BpfError `E2BIG` when the map is full, `EEXIST` or `ENOENT` by the mode.
   */
  set(key: K, value: V, mode?: UpdateMode): void;
  /** Removes an element; false if there was none. */
  delete(key: K): boolean;
  /** All elements. What is written meanwhile may be seen or not. */
  entries(): Generator<[K, V]>;
}
