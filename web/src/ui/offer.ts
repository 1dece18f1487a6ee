import { computed, type ReadonlySignal, signal } from '@preact/signals';

/** How what is typed may go on. */
export interface Suggestion {
  /** What is shown, and read out. */
  readonly text: string;
  /** What stands in place of the word then. */
  readonly insert: string;
  /** Beside it, as how often there is one. */
  readonly hint?: string;
  /** More is to come after it: what that may be is offered next. */
  readonly goesOn?: boolean;
}

/** How the word from one place of a text to another may go on. */
export interface Suggestions {
  readonly from: number;
  readonly to: number;
  readonly options: readonly Suggestion[];
}

/** A text for which is asked what it may become, and where in it one types. */
export interface Asked {
  readonly text: string;
  readonly caret: number;
}

/** What is offered for a text while one types: none of it is chosen at first. It is known before it is drawn. */
export class Offer {
  readonly asked = signal<Asked | undefined>(undefined);
  /** What is offered for the text as it is; what was found for another one fits it no more. */
  readonly open: ReadonlySignal<(Asked & Suggestions) | undefined>;
  /** The place of what is chosen; -1: nothing is. */
  readonly active = signal(-1);
  readonly #found = signal<(Asked & Suggestions) | undefined>(undefined);

  constructor() {
    this.open = computed(() => {
      const [asked, found] = [this.asked.value, this.#found.value];
      return asked !== undefined && found?.text === asked.text ? found : undefined;
    });
  }

  get chosen(): Suggestion | undefined {
    return this.open.peek()?.options[this.active.peek()];
  }

  /** Asks anew: what was chosen before is chosen no more. */
  ask(text: string, caret: number): void {
    this.active.value = -1;
    this.asked.value = { text, caret };
  }

  close(): void {
    this.active.value = -1;
    this.asked.value = undefined;
    this.#found.value = undefined;
  }

  /** Shows what was found for what was asked, unless something else is asked for by now. */
  show(asked: Asked, found: Suggestions | undefined): void {
    if (asked !== this.asked.peek()) return;
    this.active.value = -1;
    this.#found.value = found && { ...asked, ...found };
  }

  /** To the next one, or the one before. One place is that of none, which is the field itself. */
  step(by: 1 | -1): void {
    const places = (this.open.peek()?.options.length ?? 0) + 1;
    this.active.value = ((this.active.peek() + 1 + by + places) % places) - 1;
  }
}
