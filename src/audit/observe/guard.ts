// node guard.js: waits beside an operator until the one who started both is gone, however that ended, and ends the operator then, with all
// that it started. It is there before the operator, which is known by its mark, and by its group as soon as that is told on the input. In a
// network of its own the operator has a program around it that does this.
import { endAllWith } from './left-over.ts';

/** A process that was being started when its starter ended has its mark a little later. */
const AGAIN_AFTER_MS = [0, 100, 1000];

const { NEKUBE_AUDIT_OPERATOR: mark } = process.env;
let told = '';

function endAll(): void {
  const group = Number.parseInt(told, 10);
  try {
    if (group > 0) process.kill(-group, 'SIGKILL');
  } catch {
    // it has ended
  }
  if (mark !== undefined) endAllWith('NEKUBE_AUDIT_OPERATOR', mark);
}

process.stdin
  .setEncoding('utf8')
  .on('data', (text: string) => (told += text))
  .once('end', () => {
    for (const ms of AGAIN_AFTER_MS) setTimeout(endAll, ms);
  })
  .once('error', () => {});
