import { computed, type ReadonlySignal, signal } from '@preact/signals';

/**
 * Which of some options enter takes: the first, until one goes to another. That stays chosen wherever others put it, and is no more
 * when something else is typed. It is known before it is drawn, so that quick hands choose what they mean.
 */
export class Choice<Option extends { readonly id: string }> {
  /** Its place among the options; -1: there are none. */
  readonly index: ReadonlySignal<number>;
  readonly options: ReadonlySignal<readonly Option[]>;
  readonly #typed: () => string;
  readonly #chosen = signal<{ readonly typed: string; readonly id: string } | undefined>(undefined);

  /**
   * @param typed what is typed, read from a signal
   * @param options what there is for it; it reads nothing but signals
   */
  constructor(typed: () => string, options: () => readonly Option[]) {
    this.#typed = typed;
    this.options = computed(options);
    this.index = computed(() => {
      const chosen = this.#chosen.value;
      const all = this.options.value;
      const at = chosen?.typed === typed() ? all.findIndex(({ id }) => id === chosen.id) : 0;
      return Math.min(Math.max(at, 0), all.length - 1);
    });
  }

  /** What enter takes now. */
  get option(): Option | undefined {
    return this.options.peek()[this.index.peek()];
  }

  choose(index: number): void {
    const option = this.options.peek()[index];
    if (option !== undefined) this.#chosen.value = { typed: this.#typed(), id: option.id };
  }

  /** To the next one, or the one before; from an end to the other. */
  step(by: 1 | -1): void {
    const { length } = this.options.peek();
    this.choose((this.index.peek() + by + length) % length);
  }
}
