import type { OutcomeDifference } from './outcome.ts';
import { shownRef } from './operator-write.ts';

/** A difference in a line: `configmaps ‹namespace›/web: /data/colour`. */
export function shownDifference({ ref, path, op }: OutcomeDifference): string {
  return `${shownRef(ref)}: ${path === '' ? { add: 'made', remove: 'not made', replace: 'replaced' }[op] : path}`;
}
