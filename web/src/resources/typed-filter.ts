import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { setQuery, url } from '../app/router.ts';
import { readListAddress } from './list-address.ts';

/** The address follows when one has stopped typing for so long. */
const STOPPED_MS = 250;

/** What is typed into the filter, now; and the address, which has it a little later. */
export function useTypedFilter() {
  const { filter } = readListAddress(url.value.searchParams);
  const text = useSignal(filter);
  const writing = useRef<ReturnType<typeof setTimeout>>(undefined);
  // the address may be another by back and forward
  useEffect(() => {
    clearTimeout(writing.current);
    text.value = filter;
  }, [filter]);
  useEffect(() => () => clearTimeout(writing.current), []);
  return useMemo(() => {
    const write = (filter: string): void => setQuery({ filter }, { replace: true });
    return {
      text,
      set(next: string): void {
        text.value = next;
        clearTimeout(writing.current);
        writing.current = setTimeout(() => write(next), STOPPED_MS);
      },
      /** Who goes on to the rows, or to another view, before the address follows comes back to what was typed all the same. */
      keep(): void {
        clearTimeout(writing.current);
        if (readListAddress(url.peek().searchParams).filter !== text.peek()) write(text.peek());
      },
    };
  }, []);
}
