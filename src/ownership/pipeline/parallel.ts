/**
 * Uses all items, at most `limit` at the same time, begun in their order. When the signal is aborted no other is begun;
 * those that are on their way are waited for.
 *
 * @throws what `use` throws first; no other is begun then, either
 */
export async function inParallel<T>(
  items: readonly T[],
  limit: number,
  use: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  let next = 0;
  let failed = false;
  const work = async (): Promise<void> => {
    while (next < items.length && !failed && !signal?.aborted) {
      const item = items[next++]!;
      try {
        await use(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(limit, items.length) }, work);
  const ends = await Promise.allSettled(workers);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
