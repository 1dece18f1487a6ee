import { computed, type ReadonlySignal, type Signal } from '@preact/signals';

/**
 * Where one is in rows that come, go and change places: at a row, not at a place, so that what is opened is what one is at. It is known
 * before it is drawn.
 */
export class RowCursor<Row> {
  readonly rows: ReadonlySignal<readonly Row[]>;
  /** The place of the row that one is at; -1: at none, or it is not among the rows. */
  readonly index: ReadonlySignal<number>;
  readonly #ids: ReadonlySignal<readonly string[]>;
  readonly #at: Signal<string | undefined>;

  /**
   * @param idOf what tells a row from others; of two that it does not tell apart, the second is known by that
   * @param at the id of where one is, which outlives these rows
   */
  constructor(rows: ReadonlySignal<readonly Row[]>, idOf: (row: Row) => string, at: Signal<string | undefined>) {
    this.rows = rows;
    this.#at = at;
    this.#ids = computed(() => {
      const times = new Map<string, number>();
      return rows.value.map((row) => {
        const id = idOf(row);
        const time = (times.get(id) ?? 0) + 1;
        times.set(id, time);
        return time === 1 ? id : `${id} ${time}`;
      });
    });
    this.index = computed(() => (at.value === undefined ? -1 : this.#ids.value.indexOf(at.value)));
  }

  /** The row that one is at, if it is there. */
  get row(): Row | undefined {
    return this.rows.peek()[this.index.peek()];
  }

  goTo(index: number): void {
    this.#at.value = this.#ids.peek()[Math.max(0, Math.min(index, this.#ids.peek().length - 1))];
  }

  leave(): void {
    this.#at.value = undefined;
  }

  /** On, or back; from no row to the first, or the last. */
  move(steps: number): void {
    const index = this.index.peek();
    this.goTo(index >= 0 ? index + steps : steps > 0 ? 0 : this.#ids.peek().length - 1);
  }
}
