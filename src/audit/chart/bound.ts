const CONFIDENCE = 0.95;
const STEPS = 60;

/**
 * The largest part that may be wrong, when `failures` of `n` that were drawn at random were: at 95 % confidence (Clopper–Pearson, one
 * side). Without a failure it is about `3 / n`.
 */
export function mostWrong(failures: number, n: number): number {
  if (n === 0 || failures >= n) return 1;
  let [low, high] = [failures / n, 1];
  for (let i = 0; i < STEPS; i++) {
    const p = (low + high) / 2;
    if (atMost(failures, n, p) > 1 - CONFIDENCE) low = p;
    else high = p;
  }
  return high;
}

/** How likely it is that no more than `k` of `n` happen, each with `p`. */
function atMost(k: number, n: number, p: number): number {
  let [term, sum] = [n * Math.log1p(-p), 0];
  for (let i = 0; i <= k; i++) {
    sum += Math.exp(term);
    term += Math.log((n - i) / (i + 1)) + Math.log(p / (1 - p));
  }
  return sum;
}
