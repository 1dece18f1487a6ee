import type { HistoryRecord } from 'nekube/ownership';
import type { Io } from '../io.ts';

const CLEAR = '\r\u001b[K';
/** So often the line is written anew. */
const INTERVAL_MS = 200;

/** What a watch tells, and on a terminal a line below it that says how far it is. */
export interface WatchProgress {
  /** A result. */
  out(text: string): void;
  /** A diagnostic. */
  say(text: string): void;
  recorded(record: HistoryRecord): void;
  /** A war began (1) or ended (-1). */
  war(change: 1 | -1): void;
  /** Takes the line away. */
  end(): void;
}

/** For a watch of so many kinds. */
export function watchProgress(io: Io, kinds: number): WatchProgress {
  const isShown = io.columns !== undefined;
  let records = 0;
  let wars = 0;
  let shownAt = Number.NEGATIVE_INFINITY;
  let last = '';
  const clear = (): void => {
    if (isShown) io.stderr(CLEAR);
  };
  const show = (): void => {
    if (!isShown || io.elapsedMs() - shownAt < INTERVAL_MS) return;
    shownAt = io.elapsedMs();
    const line = `watching ${kinds} ${kinds === 1 ? 'kind' : 'kinds'}: ${records} records, ${wars} drift wars${last}`;
    io.stderr(`${CLEAR}${line.slice(0, io.columns! - 1)}`);
  };
  return {
    out(text) {
      clear();
      io.stdout(text);
      shownAt = Number.NEGATIVE_INFINITY;
      show();
    },
    say(text) {
      clear();
      io.stderr(text);
      shownAt = Number.NEGATIVE_INFINITY;
      show();
    },
    recorded({ object }) {
      records++;
      last = `; last: ${object.kind} ${object.name}`;
      show();
    },
    war(change) {
      wars += change;
    },
    end: clear,
  };
}
