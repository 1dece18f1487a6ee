/**
 * Chooses controllers by a text as kube-controller-manager's `--controllers`: names with commas, `*` or `all` for all that
 * are on by default, `-NAME` to leave one out, `none` for none.
 *
 * @returns Names in the order of `known`, or a text that says what is wrong
 */
export function chooseControllers(text: string, known: readonly string[]): readonly string[] | string {
  if (text === 'none' || text === '') return [];
  const words = text.split(',').map((word) => word.trim());
  const names = words.map((word) => (word.startsWith('-') ? word.slice(1) : word));
  const unknown = names.find((name) => !known.includes(name) && name !== '*' && name !== 'all');
  if (unknown !== undefined) return `${JSON.stringify(unknown)} is not in the list of known controllers`;
  const all = words.includes('*') || words.includes('all');
  return known.filter((name) => !words.includes(`-${name}`) && (all || words.includes(name)));
}
