import { computed, useSignal } from '@preact/signals';
import type { BlamedLine } from 'nekube/ownership';
import { useMemo, useRef } from 'preact/hooks';
import { useKeys } from '../app/keyboard.ts';
import { detailTexts as t } from './texts.ts';
import { foldedAtFirst, visibleLines } from './yaml-text.ts';

/** A line as it is shown, with its owners where those are asked for. */
export interface ShownLine {
  readonly text: string;
  readonly path: readonly unknown[];
  readonly continued: boolean;
  readonly end: number;
  readonly blamed?: BlamedLine;
}

/** Beyond so many lines a part is folded at first. */
const LONG = 400;

/** Which lines are folded, and which are so in sight. */
export function useFolds(lines: readonly ShownLine[], withBlame: boolean) {
  // by place in the text, which stays nearly the same from version to version
  const atFirst = useMemo(() => foldedAtFirst(lines as never, { long: LONG }), [withBlame, lines.length > 2 * LONG]);
  const changed = useSignal<{ readonly of: Set<number>; readonly folded: ReadonlySet<number> } | undefined>(undefined);
  const now = (): ReadonlySet<number> => (changed.value?.of === atFirst ? changed.value.folded : atFirst);
  const isAllOpen = (): boolean => ![...now()].some((at) => at < lines.length && lines[at]!.end > at + 1);
  const set = (next: ReadonlySet<number>): void => {
    changed.value = { of: atFirst, folded: next };
  };
  const folded = now();
  const visible = useMemo(() => visibleLines(lines, folded), [lines, folded]);
  return {
    folded,
    visible,
    isAllOpen: isAllOpen(),
    toggle(at: number) {
      const next = new Set(now());
      if (!next.delete(at)) next.add(at);
      set(next);
    },
    toggleAll() {
      if (!isAllOpen()) return set(new Set());
      set(
        new Set(
          lines.flatMap(({ end, path, continued }, at) => (end > at + 1 && path.length <= 2 && !continued ? [at] : [])),
        ),
      );
    },
    /** Opens what hides a line. */
    open(line: number) {
      const opened = new Set([...now()].filter((fold) => !(fold < line && lines[fold]!.end > line)));
      if (opened.size < now().size) set(opened);
    },
  };
}

/** Lines that contain a text; what hides the current one is opened. */
export function useFind(lines: readonly ShownLine[], folds: ReturnType<typeof useFolds>) {
  const input = useRef<HTMLInputElement>(null);
  const wanted = useSignal('');
  const at = useSignal(0);
  const found = useMemo(() => {
    const lower = computed(() => wanted.value.toLowerCase());
    return computed(() =>
      lower.value === '' ? [] : lines.flatMap(({ text }, i) => (text.toLowerCase().includes(lower.value) ? [i] : [])),
    );
  }, [lines]);
  const keys = useMemo(() => [{ keys: '/', title: () => t.find, run: () => input.current?.focus() }], []);
  useKeys(keys);
  return {
    input,
    wanted: wanted.value,
    found: found.value,
    at: Math.min(at.value, Math.max(found.value.length - 1, 0)),
    current: found.value[at.value],
    setWanted(text: string) {
      wanted.value = text;
      at.value = 0;
    },
    /** To the next line that was found, or the one before: of what is typed by then. */
    step(by: number) {
      const { length } = found.peek();
      if (length === 0) return;
      at.value = (at.peek() + by + length) % length;
      folds.open(found.peek()[at.peek()]!);
    },
  };
}
