import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { linesOf, type OwnerLine, type OwnerNode } from './owner-index.ts';

/**
 * Where one is in a tree, and what of it is folded. Keys move it, and what it is at is known at once: a key that comes before the
 * one before it is drawn means what it means after it.
 */
export class TreeCursor {
  readonly lines: ReadonlySignal<readonly OwnerLine[]>;
  /** The line that keys work on: where one went, else the object that is shown. */
  readonly current: ReadonlySignal<OwnerLine | undefined>;
  readonly #at = signal<string | undefined>(undefined);
  readonly #folded = signal<ReadonlySet<string>>(new Set());

  /**
   * @param trees read whenever a signal that it reads changes
   * @param uid the object that is shown
   */
  constructor(trees: () => readonly OwnerNode[], uid: string) {
    this.lines = computed(() => linesOf(trees(), this.#folded.value));
    this.current = computed(() => {
      const lines = this.lines.value;
      const at = this.#at.value;
      return lines.find(({ path }) => path === at) ?? lines.find(({ node }) => node.ref.uid === uid) ?? lines[0];
    });
  }

  goTo(path: string): void {
    this.#at.value = path;
  }

  fold(path: string, isFolded: boolean): void {
    const next = new Set(this.#folded.peek());
    if (isFolded) next.add(path);
    else next.delete(path);
    this.#folded.value = next;
  }

  /** Does what a key means in a tree; false: it means nothing there. */
  take(key: string): boolean {
    const current = this.current.peek();
    if (current === undefined) return false;
    const lines = this.lines.peek();
    const index = lines.indexOf(current);
    const { path, isOpen, depth } = current;
    const go = (line: OwnerLine | undefined): void => {
      // also where it stays: what is shown may become another, and one is here by choice
      this.goTo((line ?? current).path);
    };
    const keys: Readonly<Record<string, () => void>> = {
      ArrowDown: () => go(lines[index + 1]),
      j: () => go(lines[index + 1]),
      ArrowUp: () => go(lines[index - 1]),
      k: () => go(lines[index - 1]),
      ArrowRight: () => (isOpen ? go(lines[index + 1]) : this.fold(path, false)),
      ArrowLeft: () =>
        isOpen ? this.fold(path, true) : go(lines.slice(0, index).findLast((line) => line.depth === depth - 1)),
      Home: () => go(lines[0]),
      End: () => go(lines.at(-1)),
    };
    if (!Object.hasOwn(keys, key)) return false;
    keys[key]!();
    return true;
  }
}
