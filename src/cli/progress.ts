import { Option } from 'commander';
import type { Io } from './io.ts';
import { printable } from './printable.ts';

/** How far something is that takes long: a line that is written anew on a terminal, else a line for each step. */
export interface Progress {
  /** A new step. */
  step(text: string): void;
  /** More of the step at hand; on a terminal alone. */
  detail(text: string): void;
  /** How much of the step at hand is done; elsewhere than on a terminal at every hundredth thing. */
  count(done: number, all: number): void;
  /** A diagnostic, which stays. */
  say(text: string): void;
  /** Takes the line away. */
  end(): void;
}

/** What `--progress` may be. */
export type ProgressChoice = 'auto' | 'plain' | 'none';

const CLEAR = '\r\u001b[K';
const REDRAW_MS = 200;

/** `--progress HOW`. */
export function progressOption(): Option {
  return new Option('--progress <how>', 'auto: one line on a terminal, else a line for each step')
    .choices(['auto', 'plain', 'none'])
    .default('auto');
}

/** Progress on stderr. @param ofMs how long all of it may take, where that is known */
export function progressOn(io: Io, choice: ProgressChoice, ofMs?: number): Progress {
  const say = (text: string): void => io.stderr(text);
  if (choice === 'none') return { step() {}, detail() {}, count() {}, say, end() {} };
  const began = io.elapsedMs();
  const elapsed = (): string => `${((io.elapsedMs() - began) / 1000).toFixed(1)} s`;
  if (choice === 'plain' || io.errorColumns === undefined || io.env.TERM === 'dumb')
    return plainProgress((text) => io.stderr(`${elapsed()}: ${printable(text)}\n`), say);
  return new ProgressLine(io, () => (ofMs === undefined ? elapsed() : `${elapsed()} of ${ofMs / 1000} s`));
}

/** A line for each step. */
function plainProgress(line: (text: string) => void, say: (text: string) => void): Progress {
  const count = (done: number, all: number): void => {
    if (done % 100 === 0) line(`${done} of ${all}`);
  };
  return { step: line, detail() {}, count, say, end() {} };
}

/** One line of a terminal. */
class ProgressLine implements Progress {
  readonly #io: Io;
  readonly #elapsed: () => string;
  readonly #drawing: NodeJS.Timeout;
  #step = '';
  #detail = '';

  constructor(io: Io, elapsed: () => string) {
    this.#io = io;
    this.#elapsed = elapsed;
    this.#drawing = setInterval(() => this.#draw(), REDRAW_MS).unref();
  }

  step(text: string): void {
    this.#step = text;
    this.#detail = '';
    this.#draw();
  }

  detail(text: string): void {
    this.#detail = `: ${text}`;
  }

  count(done: number, all: number): void {
    this.detail(`${done} of ${all}`);
  }

  say(text: string): void {
    this.#io.stderr(`${CLEAR}${text}`);
    this.#draw();
  }

  end(): void {
    clearInterval(this.#drawing);
    this.#io.stderr(CLEAR);
  }

  #draw(): void {
    if (this.#step === '') return;
    const line = printable(`${this.#elapsed()}: ${this.#step}${this.#detail}`);
    this.#io.stderr(`${CLEAR}${line.slice(0, this.#io.errorColumns! - 1)}`);
  }
}
