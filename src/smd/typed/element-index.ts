import { compareElements, type PathElement } from '../fieldpath/path-element.ts';

/** Up to here, comparing with each entry is cheaper than hashing texts. */
const linearLimit = 12;

/** A map by path element, in the order of insertion; for the items of one list. */
export class ElementIndex<T> {
  readonly elements: PathElement[] = [];
  readonly values: T[] = [];
  private places: Map<string, number> | undefined;

  /** The place of an element, negative where it is not known. */
  find(element: PathElement): number {
    if (this.places !== undefined) return this.places.get(element.text) ?? -1;
    for (let i = 0; i < this.elements.length; i++) if (compareElements(this.elements[i]!, element) === 0) return i;
    return -1;
  }

  /** The value of an element. */
  get(element: PathElement): T | undefined {
    const at = this.find(element);
    return at < 0 ? undefined : this.values[at];
  }

  /** Adds an element that {@link find} did not find. */
  add(element: PathElement, value: T): void {
    const size = this.elements.push(element);
    this.values.push(value);
    if (this.places !== undefined) this.places.set(element.text, size - 1);
    else if (size > linearLimit) this.places = new Map(this.elements.map((known, i) => [known.text, i]));
  }
}
