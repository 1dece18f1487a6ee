// How many flows change their backend when another backend goes, though theirs is still there.
import { maglevTable, tableSize } from 'nekube/loadbalancer';

const SEEDS = 20;

/** The mean over seeds, and the most, of the flows of the others that move, when one of so many backends goes. */
export function movedFlows(count, slots) {
  const size = tableSize(count, slots);
  const shares = Array.from({ length: SEEDS }, (_, i) => moved(count, i % count, size, { offset: i, skip: ~i }));
  return { size, mean: shares.reduce((sum, one) => sum + one, 0) / SEEDS, most: Math.max(...shares) };
}

function moved(count, gone, size, seed) {
  const all = Array.from({ length: count }, (_, i) => ({ name: `10.244.${i >> 8}.${i & 255} 8080` }));
  const left = all.filter((_, i) => i !== gone);
  const before = maglevTable(all, size, seed);
  const after = maglevTable(left, size, seed);
  let [others, changed] = [0, 0];
  before.forEach((backend, slot) => {
    if (backend === gone) return;
    others++;
    if (all[backend] !== left[after[slot]]) changed++;
  });
  return changed / others;
}
