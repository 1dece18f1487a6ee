import type { BlamedLine } from 'nekube/ownership';
import { useMemo, useRef, useState } from 'preact/hooks';
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
  const [changed, setChanged] = useState<{ readonly of: Set<number>; readonly folded: ReadonlySet<number> }>();
  const folded = changed?.of === atFirst ? changed.folded : atFirst;
  const set = (next: ReadonlySet<number>): void => setChanged({ of: atFirst, folded: next });
  const visible = useMemo(() => visibleLines(lines, folded), [lines, folded]);
  const isAllOpen = ![...folded].some((at) => at < lines.length && lines[at]!.end > at + 1);
  return {
    folded,
    visible,
    isAllOpen,
    set,
    toggle(at: number) {
      const next = new Set(folded);
      if (!next.delete(at)) next.add(at);
      set(next);
    },
    toggleAll() {
      if (!isAllOpen) return set(new Set());
      set(
        new Set(
          lines.flatMap(({ end, path, continued }, at) => (end > at + 1 && path.length <= 2 && !continued ? [at] : [])),
        ),
      );
    },
  };
}

/** Lines that contain a text; what hides the current one is opened. */
export function useFind(lines: readonly ShownLine[], folds: ReturnType<typeof useFolds>) {
  const input = useRef<HTMLInputElement>(null);
  const [wanted, setText] = useState('');
  const [at, setAt] = useState(0);
  const found = useMemo(() => {
    const lower = wanted.toLowerCase();
    if (lower === '') return [];
    return lines.flatMap(({ text }, i) => (text.toLowerCase().includes(lower) ? [i] : []));
  }, [wanted, lines]);
  const keys = useMemo(() => [{ keys: '/', title: () => t.find, run: () => input.current?.focus() }], []);
  useKeys(keys);
  const show = (index: number): void => {
    setAt(index);
    const line = found[index];
    if (line === undefined) return;
    const opened = new Set([...folds.folded].filter((fold) => !(fold < line && lines[fold]!.end > line)));
    if (opened.size < folds.folded.size) folds.set(opened);
  };
  return {
    input,
    wanted,
    found,
    at: Math.min(at, Math.max(found.length - 1, 0)),
    current: found[at],
    setWanted(text: string) {
      setText(text);
      setAt(0);
    },
    step(by: number) {
      if (found.length > 0) show((at + by + found.length) % found.length);
    },
  };
}
