import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useLeave } from '../ui/leave.ts';
import { goesOn, KeySequences } from './key-sequence.ts';
import { type Key, registered } from './registry.ts';

/** Keys of what is shown now, the topmost last; those of an open dialog hide the others. */
const layers = signal<readonly Layer[]>([]);

interface Layer {
  readonly keys: readonly Key[];
  /** Nothing below this layer gets a key. */
  readonly modal: boolean;
}

/** All keys that work now: of the topmost view first, then those that work everywhere. */
export function activeKeys(): readonly Key[] {
  const active: Key[] = [];
  for (const layer of layers.value.toReversed()) {
    active.push(...layer.keys);
    if (layer.modal) return active;
  }
  return [...active, ...registered.value.flatMap((section) => section.keys ?? [])];
}

/**
 * Keys that work while the component is there: from the moment that it is, since the next key may come before a frame is drawn, and
 * no longer. Hand in the same array each time, or one of `useMemo`.
 */
export function useKeys(keys: readonly Key[], options: { readonly modal?: boolean } = {}): void {
  const modal = options.modal ?? false;
  const own = useRef<Layer | undefined>(undefined);
  useLayoutEffect(() => {
    const [before, layer] = [own.current, { keys, modal }];
    own.current = layer;
    // a view below a dialog stays below it when its keys become others
    layers.value =
      before === undefined ? [...layers.peek(), layer] : layers.peek().map((one) => (one === before ? layer : one));
  }, [keys, modal]);
  useLeave(() => {
    layers.value = layers.peek().filter((one) => one !== own.current);
  });
}

const sequences = new KeySequences();

function typesInto(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable="true"], .cm-content')
  );
}

/** Begins to listen. */
export function followKeyboard(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    // within an editor of its own, the page is told of its frame
    const typing = typesInto(event.composedPath()[0] ?? null);
    const keys = activeKeys().filter((key) => !typing || key.inFields);
    const found = sequences.read(
      event,
      keys.map((key) => key.keys),
      event.timeStamp,
    );
    if (found === undefined || found === 'pending') return;
    // what is held down does once what it does; who holds it down a little too long does not vote twice
    if (event.repeat && !goesOn(found)) return event.preventDefault();
    for (const key of keys.filter((one) => one.keys === found)) {
      if (key.run() === false) continue;
      event.preventDefault();
      return;
    }
  });
}
