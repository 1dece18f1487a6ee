import { type Signal, useSignal } from '@preact/signals';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { useLeave } from '../ui/leave.ts';
import { setQuery, url } from './router.ts';

/** The address follows when one has stopped typing for so long. */
const STOPPED_MS = 250;

/** What is typed into the filter of a view. */
export interface TypedFilter {
  /** As it is now; the address has it a little later. */
  readonly text: Signal<string>;
  /** A letter more, or less. */
  readonly set: (next: string) => void;
  /** A choice: the address has it at once, as a step to go back from. */
  readonly choose: (next: string) => void;
  /** Who goes on to the rows, or to another view, before the address follows comes back to what was typed all the same. */
  readonly keep: () => void;
}

/**
 * What is typed into the filter of a view, now; and `filter` of the address, which has it a little later.
 *
 * @param besides what else of the address becomes another with it
 */
export function useTypedFilter(besides: Readonly<Record<string, string | undefined>> = {}): TypedFilter {
  const filter = filterOf(url.value);
  const text = useSignal(filter);
  const writing = useRef<ReturnType<typeof setTimeout>>(undefined);
  /** What the address had when it was last looked at, or written. */
  const known = useRef(filter);
  // the address may be another by back and forward. What was written there itself is no news: one may have typed on since
  useLayoutEffect(() => {
    if (filter === known.current) return;
    known.current = filter;
    clearTimeout(writing.current);
    text.value = filter;
  }, [filter]);
  useLeave(() => clearTimeout(writing.current));
  return useMemo(() => {
    const write = (replace: boolean): void => {
      clearTimeout(writing.current);
      if (filterOf(url.peek()) === text.peek()) return;
      known.current = text.peek();
      setQuery({ filter: text.peek(), ...besides }, { replace });
    };
    return {
      text,
      set(next) {
        text.value = next;
        clearTimeout(writing.current);
        writing.current = setTimeout(() => write(true), STOPPED_MS);
      },
      choose(next) {
        text.value = next;
        write(false);
      },
      keep: () => write(true),
    };
  }, []);
}

function filterOf({ searchParams }: URL): string {
  return searchParams.get('filter') ?? '';
}
