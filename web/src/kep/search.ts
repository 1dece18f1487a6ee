import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { SiteSearch } from 'nekube/kep';
import { requestJson } from '../api/http.ts';
import { pathAt } from './keps.ts';

/** What was found in the texts. What was found before stays until the next is there. */
export interface Found {
  readonly state: 'none' | 'searching' | 'found' | 'failed';
  /** The words that `hits` are of. */
  readonly words: string;
  readonly hits: SiteSearch['hits'];
  readonly total: number;
  /** The server still reads the texts of so many KEPs, and is asked again until it has all. */
  readonly waiting?: number;
  readonly message?: string;
}

const NONE: Found = { state: 'none', words: '', hits: [], total: 0 };
/** One who types on is not searched for at each letter. */
const DEBOUNCE_MS = 120;
/** So long a server that reads texts is let read on. */
const AGAIN_MS = 500;

/** Searches the texts for words, when one has stopped typing; without words it does not. */
export function useSearch(words: string, terms: string, asOf: string | undefined): Signal<Found> {
  const found = useSignal<Found>(NONE);
  useEffect(() => {
    if (words === '') {
      found.value = NONE;
      return undefined;
    }
    found.value = { ...found.peek(), state: 'searching' };
    const stop = new AbortController();
    const query = new URLSearchParams({ q: words, limit: '200', ...(terms !== '' && { filter: terms }) });
    const path = `/console/kep/${pathAt(`search?${query}`, asOf)}`;
    const ask = async (): Promise<void> => {
      try {
        const { hits, found: total, waiting } = await requestJson<SiteSearch>(path, { signal: stop.signal });
        found.value = { state: 'found', words, hits, total, ...(waiting !== undefined && { waiting }) };
        if (waiting !== undefined) timer = setTimeout(ask, AGAIN_MS);
      } catch (error) {
        if (!stop.signal.aborted) found.value = { ...NONE, state: 'failed', message: (error as Error).message };
      }
    };
    let timer = setTimeout(ask, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [words, terms, asOf]);
  return found;
}

/** A text in pieces, those that are marked and those that are not. */
export function pieces(
  text: string,
  marks: readonly (readonly [from: number, to: number])[],
): readonly { readonly text: string; readonly isMarked: boolean }[] {
  const found: { text: string; isMarked: boolean }[] = [];
  let at = 0;
  for (const [from, to] of marks) {
    if (from < at) continue;
    if (from > at) found.push({ text: text.slice(at, from), isMarked: false });
    found.push({ text: text.slice(from, to), isMarked: true });
    at = to;
  }
  if (at < text.length) found.push({ text: text.slice(at), isMarked: false });
  return found;
}
