/** What of a keyboard event says which key it was. */
export interface Stroke {
  readonly key: string;
  readonly ctrlKey?: boolean;
  readonly metaKey?: boolean;
  readonly altKey?: boolean;
  readonly shiftKey?: boolean;
}

/** A stroke as keys are written: `mod+k`, `G`, `shift+Enter`. Shift is not said of a key that is another one with it. */
export function nameOf(stroke: Stroke): string {
  const key = stroke.key === ' ' ? 'Space' : stroke.key;
  const printable = key.length === 1;
  return [
    (stroke.ctrlKey || stroke.metaKey) && 'mod+',
    stroke.altKey && 'alt+',
    stroke.shiftKey && !printable && 'shift+',
    printable && (stroke.ctrlKey || stroke.metaKey) ? key.toLowerCase() : key,
  ]
    .filter(Boolean)
    .join('');
}

/** Whether a key, as it is written, does what it does as long as it is held down: those do that move. */
export function goesOn(keys: string): boolean {
  return /^(shift\+)?(Arrow(Up|Down|Left|Right)|Page(Up|Down))$|^[hjkl+-]$/.test(keys);
}

/** How long a first key waits for its second one. */
export const PATIENCE_MS = 1200;

/** Reads strokes one by one and finds the sequence that they end: `g p` is two of them. */
export class KeySequences {
  #before = '';
  #at = 0;

  /** The written sequence that this stroke ends, of those that there are; or `pending` when it may begin one. */
  read(stroke: Stroke, sequences: readonly string[], nowMs: number): string | 'pending' | undefined {
    const name = nameOf(stroke);
    const before = nowMs - this.#at < PATIENCE_MS ? this.#before : '';
    this.#before = '';
    const both = before === '' ? name : `${before} ${name}`;
    const found = [both, name].find((one) => sequences.includes(one));
    if (found !== undefined) return found;
    if (!sequences.some((one) => one.startsWith(`${name} `))) return undefined;
    this.#before = name;
    this.#at = nowMs;
    return 'pending';
  }
}
