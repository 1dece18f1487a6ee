import { computed, effect, signal, untracked } from '@preact/signals';
import { type ApiStatus, isApiError, requestJson } from '../api/http.ts';
import { session } from '../api/session.ts';
import { parseAt } from './at.ts';
import { setQuery, url } from './router.ts';

/** A state of the cluster, and when it was. */
export interface Revision {
  readonly revision: string;
  readonly time: string;
}

/** How far back the server's history reaches, and states on the way that are known by their time. */
export interface History {
  /** Undefined where no times are known. */
  readonly oldest?: Revision;
  readonly newest?: Revision;
  readonly moments: readonly Revision[];
  /** Why no times are known. */
  readonly reason?: string;
}

/** Which state of the cluster is shown: what `?at=` says. */
export type Moment =
  | { readonly state: 'now' }
  | { readonly state: 'finding' }
  /** Read with `resourceVersion=N&resourceVersionMatch=Exact`; nothing may be changed. */
  | { readonly state: 'at'; readonly revision: string; readonly timeMs: number | undefined }
  /** There is no such state, or none any more. */
  | { readonly state: 'none'; readonly status: ApiStatus };

const at = computed(() => url.value.searchParams.get('at') ?? '');
const found = signal<Moment>({ state: 'now' });

/** The state of the cluster that is shown. */
export const moment = computed<Moment>(() => (at.value === '' ? { state: 'now' } : found.value));

/** The revision to read, undefined for now. Ask `moment` first whether one is known. */
export const shownRevision = computed(() => (moment.value.state === 'at' ? moment.value.revision : undefined));

export const history = signal<History | undefined>(undefined);

export async function loadHistory(): Promise<void> {
  history.value = await requestJson<History>('/console/history');
}

/** Shows another state: a text as `parseAt` reads it, undefined for now. */
export function goTo(text: string | undefined, options: { readonly replace?: boolean } = {}): void {
  setQuery({ at: text }, options);
}

let asked = 0;
effect(() => {
  const text = at.value;
  if (text === '' || session.value.state !== 'open') return;
  // what it reads on the way must not begin it anew
  untracked(() => void find(text, ++asked));
});

async function find(text: string, mine: number): Promise<void> {
  const meant = parseAt(text, Date.now());
  if (!meant) {
    found.value = { state: 'none', status: { code: 400 } };
    return;
  }
  found.value = { state: 'finding' };
  let next: Moment;
  try {
    next = 'revision' in meant ? await stateOf(meant.revision) : await stateAt(new Date(meant.timeMs));
  } catch (error) {
    next = { state: 'none', status: isApiError(error) ? error.status : { message: String((error as Error).message) } };
  }
  if (mine === asked) found.value = next;
}

async function stateAt(time: Date): Promise<Moment> {
  const { revision } = await requestJson<Revision>(`/console/history?at=${encodeURIComponent(time.toISOString())}`);
  return { state: 'at', revision, timeMs: time.getTime() };
}

/** A revision, and when it was the newest, as near as it is known. */
async function stateOf(revision: string): Promise<Moment> {
  if (Number(history.value?.newest?.revision ?? 0) < Number(revision)) await loadHistory().catch(() => {});
  const { oldest, moments = [], newest } = history.value ?? {};
  if (newest && Number(revision) > Number(newest.revision)) return { state: 'none', status: { code: 404 } };
  const known = [oldest, ...moments, newest].filter((one) => one !== undefined);
  const before = known.findLast((one) => Number(one.revision) <= Number(revision));
  return { state: 'at', revision, timeMs: before && Date.parse(before.time) };
}
