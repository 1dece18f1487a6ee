import { native } from './native.ts';

const open = new Map<number, string>();

/**
 * A file descriptor of the kernel's: a map, a program, a link, types. It is open until it is closed: what it is to the kernel
 * lives on if something else holds it, as a pin or a link.
 */
export class Descriptor {
  readonly #fd: number;
  #isOpen = true;

  constructor(fd: number, what: string) {
    this.#fd = fd;
    open.set(fd, what);
  }

  /** @throws TypeError it is closed. */
  get fd(): number {
    if (!this.#isOpen) throw new TypeError(`File descriptor ${this.#fd} was closed`);
    return this.#fd;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Closes it; a second time does nothing. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    open.delete(this.#fd);
    native().close(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** What of this process's is open, for tests that look for leaks: `map svc4`, `program lb4`. */
export function openDescriptors(): string[] {
  return [...open.values()];
}
