import type { Progress } from 'nekube/ownership';
import type { Io } from '../io.ts';
import { printable } from '../printable.ts';

const CLEAR = '\r\u001b[K';
/** So often a line is written anew. */
const INTERVAL_MS = 100;

const WORDS: Readonly<Record<Progress['phase'], string>> = {
  looking: 'looking at objects',
  applying: 'applying',
  waiting: 'waiting until all are ready',
  pruning: 'pruning',
};

/** Shows on a terminal how far an apply is, in one line that is gone when it ends. */
export function showProgress(io: Io): (progress: Progress) => void {
  let shownAt = Number.NEGATIVE_INFINITY;
  return ({ phase, done, total, waiting = [] }) => {
    const isLast = done === total;
    if (!isLast && io.elapsedMs() - shownAt < INTERVAL_MS) return;
    shownAt = io.elapsedMs();
    const [first] = waiting;
    const more = first === undefined ? '' : `: ${first.object}: ${first.message}`;
    // some terminals say that they have no width
    const line = printable(`${WORDS[phase]} ${done}/${total}${more}`).slice(0, (io.columns || 80) - 1);
    io.stderr(isLast ? CLEAR : `${CLEAR}${line}`);
  };
}
