/**
 * Which of some things are refused, each for itself, with the words: the list is halved until what is refused is one alone.
 * What is refused only together with others is not found.
 *
 * Asks about log₂ of their number for each that is found.
 */
export async function findGuilty<T>(
  things: readonly T[],
  refuses: (some: readonly T[]) => Promise<string | undefined>,
): Promise<ReadonlyMap<T, string>> {
  const found = new Map<T, string>();
  const look = async (some: readonly T[]): Promise<void> => {
    if (some.length === 0) return;
    const error = await refuses(some);
    if (error === undefined) return;
    const [only] = some;
    if (some.length === 1 && only !== undefined) {
      found.set(only, error);
      return;
    }
    const middle = Math.ceil(some.length / 2);
    await look(some.slice(0, middle));
    await look(some.slice(middle));
  };
  await look(things);
  return found;
}
