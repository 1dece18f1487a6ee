import { type CelValue, ListValue } from './value.ts';

/**
 * The list that a comprehension adds to, one element at a time. Each longer list shares the elements of the shorter one,
 * so that adding costs the same however long it is; only the newest can grow in place, others are copied.
 */
export class GrowingList extends ListValue {
  readonly #elements: CelValue[];
  readonly size: number;

  constructor(elements: CelValue[] = []) {
    super();
    this.#elements = elements;
    this.size = elements.length;
  }

  get(index: number): CelValue {
    return this.#elements[index]!;
  }

  override concat(other: ListValue): ListValue {
    const isNewest = this.#elements.length === this.size;
    const elements = isNewest ? this.#elements : this.#elements.slice(0, this.size);
    for (const element of other) elements.push(element);
    return new GrowingList(elements);
  }
}
