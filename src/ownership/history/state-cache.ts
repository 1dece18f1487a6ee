import type { HistoryStore } from './history-store.ts';
import type { ObjectState } from './object-state.ts';

/** So many states are kept in memory: those that were seen last. */
const MOST = 2000;

/** The states of objects, some of them not yet written: those that differ from what the store has by noise alone. */
export class StateCache {
  readonly #store: HistoryStore;
  readonly #states = new Map<number, ObjectState>();
  readonly #unwritten = new Set<number>();

  constructor(store: HistoryStore) {
    this.#store = store;
  }

  /** The state of an object, if it was ever seen. */
  get(id: number): ObjectState | undefined {
    const known = this.#states.get(id);
    if (known !== undefined) return known;
    const stored = this.#store.state(id);
    if (stored !== undefined) this.#states.set(id, stored);
    return stored;
  }

  /** Remembers a state, which is to be written. */
  set(id: number, state: ObjectState): void {
    this.#states.delete(id);
    this.#states.set(id, state);
    this.#unwritten.add(id);
  }

  /** What is to be written now; `all`: also what can wait. */
  take(ids: ReadonlySet<number>, all: boolean): (readonly [number, ObjectState])[] {
    const due = all ? [...this.#unwritten] : [...ids].filter((id) => this.#unwritten.has(id));
    if (this.#states.size > MOST) due.push(...this.#overflow(new Set(due)));
    const taken = due.map((id) => [id, this.#states.get(id)!] as const);
    for (const id of due) this.#unwritten.delete(id);
    this.#trim();
    return taken;
  }

  /** Those of the oldest that would be forgotten unwritten. */
  #overflow(taken: ReadonlySet<number>): number[] {
    const oldest = [...this.#states.keys()].slice(0, this.#states.size - MOST);
    return oldest.filter((id) => this.#unwritten.has(id) && !taken.has(id));
  }

  #trim(): void {
    for (const id of this.#states.keys()) {
      if (this.#states.size <= MOST) return;
      if (!this.#unwritten.has(id)) this.#states.delete(id);
    }
  }
}
