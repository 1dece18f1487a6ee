import { type Signal, signal } from '@preact/signals';
import type { SiteIndex } from 'nekube/kep';
import { isApiError, requestJson } from '../api/http.ts';

/** What is known of a view's data. */
export type Read<T> =
  | { readonly state: 'reading' }
  | { readonly state: 'ready'; readonly data: T }
  /** No Kep was ever brought to this server, or there is no such KEP. */
  | { readonly state: 'none' }
  | { readonly state: 'failed'; readonly message: string; readonly code: number };

const kept = new Map<string, Signal<Read<unknown>>>();
/** So many answers are kept, for going back to them at once. */
const MOST_KEPT = 30;

/** An answer of `/console/kep/…`. One that is known is shown until it has been read anew. */
export function read<T>(path: string): Signal<Read<T>> {
  const known = kept.get(path) ?? signal<Read<unknown>>({ state: 'reading' });
  kept.delete(path);
  kept.set(path, known);
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
  requestJson<T>(`/console/kep/${path}`).then(
    (data) => {
      known.value = { state: 'ready', data };
    },
    (error: unknown) => {
      const code = isApiError(error) ? error.code : 0;
      known.value =
        code === 404 ? { state: 'none' } : { state: 'failed', message: String((error as Error).message), code };
    },
  );
  return known as Signal<Read<T>>;
}

/** The same with the day as of which it is asked for. */
export function pathAt(path: string, asOf: string | undefined): string {
  if (asOf === undefined) return path;
  return `${path}${path.includes('?') ? '&' : '?'}asOf=${asOf}`;
}

/** The rows of now, for what looks for KEPs by name from elsewhere; empty until they are there. */
export const knownIndex = signal<SiteIndex | undefined>(undefined);
let asked = false;

/** Begins to read them, once. */
export function knowIndex(): void {
  if (asked) return;
  asked = true;
  requestJson<SiteIndex>('/console/kep/index').then(
    (index) => {
      knownIndex.value = index;
    },
    () => {
      asked = false;
    },
  );
}
