/** What two texts differ in, as lines with `-` and `+`: from the first line that differs to the last. */
export function lineDiff(before: string, after: string): string {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const gone = a.slice(start, a.length - end).map((line) => `-${line}`);
  const come = b.slice(start, b.length - end).map((line) => `+${line}`);
  // lines that are none stand behind the one before
  const at = ({ length }: readonly string[]): string => `${length === 0 ? start : start + 1},${length}`;
  return [`@@ -${at(gone)} +${at(come)} @@`, ...gone, ...come].join('\n');
}
