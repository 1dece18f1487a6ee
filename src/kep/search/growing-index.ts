import type { Kep } from '../model/kep.ts';
import { KepIndex } from './kep-index.ts';

/** A KEP with its README.md, which is empty where it has none. */
export interface KepWithText {
  readonly kep: Kep;
  readonly text: string;
}

/** An index that may still grow. */
export interface SearchIndex {
  readonly index: KepIndex;
  /** How many KEPs it does not have as they are. */
  waiting(): number;
  /** Ends when it has all KEPs as they are; what went wrong in reading one is thrown. */
  whole(): Promise<void>;
}

/**
 * An index that can be searched while it is made, and while KEPs change: at first it has what their kep.yaml says, then their texts
 * one after another, and of what changed the old one until the new one is there. It takes three milliseconds a text, and others run in between.
 */
export class GrowingIndex implements SearchIndex {
  readonly index = new KepIndex();
  readonly #read: (name: string) => KepWithText | undefined;
  /** Names of what the index does not have as it is. */
  readonly #waiting = new Set<string>();
  readonly #known = new Set<string>();
  #growing: Promise<void> | undefined;
  #isClosed = false;

  /** @param read a KEP as it is when its turn comes; undefined: there is none of that name any more */
  constructor(read: (name: string) => KepWithText | undefined) {
    this.#read = read;
  }

  waiting(): number {
    return this.#waiting.size;
  }

  async whole(): Promise<void> {
    await this.#growing;
  }

  /** Says that a KEP came, changed or went. */
  change(name: string): void {
    this.#waiting.add(name);
    if (this.#growing === undefined && !this.#isClosed) this.#begin();
  }

  /** Takes nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.clear();
  }

  #begin(): void {
    this.#growing = this.#growAll();
    // who waits for the whole is told
    this.#growing.catch(() => {});
  }

  async #growAll(): Promise<void> {
    try {
      // again for what changed behind the last one, before it was known that it is the last
      do await this.#grow();
      while (this.#waiting.size > 0 && !this.#isClosed);
    } finally {
      this.#growing = undefined;
    }
  }

  async #grow(): Promise<void> {
    // those who bring many say so at once
    await nextTurn();
    for (const name of this.#waiting) if (!this.#known.has(name)) this.#put(name, '');
    for (const name of this.#waiting) {
      await nextTurn();
      this.#waiting.delete(name);
      this.#put(name);
    }
    this.index.prepare();
  }

  #put(name: string, text?: string): void {
    const read = this.#read(name);
    this.index.remove(name);
    this.#known.delete(name);
    if (read === undefined) return;
    this.index.add(read.kep, text ?? read.text);
    this.#known.add(name);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
