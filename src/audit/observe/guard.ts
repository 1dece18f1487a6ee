// node guard.js GROUP: waits beside an operator until the one who started both is gone, however that ended, and ends the operator then,
// with all that it started. In a network of its own the operator has a program around it that does this.
import { endAllWith } from './left-over.ts';

const group = Number(process.argv[2]);

process.stdin.once('end', () => {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // it has ended
  }
  const { NEKUBE_AUDIT_OPERATOR: mark } = process.env;
  if (mark !== undefined) endAllWith('NEKUBE_AUDIT_OPERATOR', mark);
});
process.stdin.once('error', () => {}).resume();
