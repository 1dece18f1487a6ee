import { compareKeys } from './measure.ts';
import type { Row } from './row.ts';

export interface RowOrder {
  /** By what a row is put in order; asked once a row. */
  readonly keyOf: (row: Row) => number | string | undefined;
  readonly descending: boolean;
}

interface Place {
  readonly row: Row;
  readonly key: number | string | undefined;
  /** Rows of the same key stay in the order of their names. */
  readonly tie: string;
}

/**
 * Rows in order, of which some are shown. A change moves one row, by halving, so that 50,000 rows follow hundreds of changes a
 * second; a new filter reads all rows once, and a new order sorts them anew.
 */
export class SortedRows {
  #places: Place[] = [];
  #shown: Place[] = [];
  readonly #byId = new Map<string, Place>();
  #order: RowOrder = { keyOf: (row) => row.name, descending: false };
  #matches: (row: Row) => boolean = () => true;

  get size(): number {
    return this.#byId.size;
  }

  get shownCount(): number {
    return this.#shown.length;
  }

  /** The nth row that is shown. */
  at(index: number): Row | undefined {
    return this.#shown[index]?.row;
  }

  get(id: string): Row | undefined {
    return this.#byId.get(id)?.row;
  }

  /** Where a row is among those shown; -1 when it is not. */
  indexOf(id: string): number {
    const place = this.#byId.get(id);
    if (!place) return -1;
    const index = this.#find(this.#shown, place);
    return this.#shown[index] === place ? index : -1;
  }

  rows(): readonly Row[] {
    return this.#places.map((place) => place.row);
  }

  shownRows(): readonly Row[] {
    return this.#shown.map((place) => place.row);
  }

  sortBy(order: RowOrder): void {
    this.#order = order;
    this.#places = this.#places.map(({ row }) => this.#placeOf(row)).sort(this.#compare);
    for (const place of this.#places) this.#byId.set(place.row.id, place);
    this.#filterAll();
  }

  filterBy(matches: (row: Row) => boolean): void {
    this.#matches = matches;
    this.#filterAll();
  }

  #filterAll(): void {
    this.#shown = this.#places.filter((place) => this.#matches(place.row));
  }

  clear(): void {
    this.#byId.clear();
    this.#places = [];
    this.#shown = [];
  }

  /** Puts rows in, in place of those that they are newer states of. */
  put(rows: readonly Row[]): void {
    if (rows.length > 100) return this.#putMany(rows);
    for (const row of rows) {
      this.delete(row.id);
      const place = this.#placeOf(row);
      this.#byId.set(row.id, place);
      insert(this.#places, this.#find(this.#places, place), place);
      if (this.#matches(row)) insert(this.#shown, this.#find(this.#shown, place), place);
    }
  }

  delete(id: string): void {
    const place = this.#byId.get(id);
    if (!place) return;
    this.#byId.delete(id);
    for (const list of [this.#places, this.#shown]) {
      const index = this.#find(list, place);
      if (list[index] === place) list.splice(index, 1);
    }
  }

  #putMany(rows: readonly Row[]): void {
    for (const row of rows) this.#byId.set(row.id, this.#placeOf(row));
    this.#places = [...this.#byId.values()].sort(this.#compare);
    this.#filterAll();
  }

  #placeOf(row: Row): Place {
    return { row, key: this.#order.keyOf(row), tie: `${row.name}\n${row.namespace}\n${row.id}` };
  }

  readonly #compare = (a: Place, b: Place): number => {
    const order = compareKeys(a.key, b.key, this.#order.descending);
    return order !== 0 ? order : a.tie < b.tie ? -1 : a.tie > b.tie ? 1 : 0;
  };

  /** The first index whose place is not before `place`. */
  #find(list: readonly Place[], place: Place): number {
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(list[middle]!, place) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function insert<T>(list: T[], index: number, item: T): void {
  list.splice(index, 0, item);
}
