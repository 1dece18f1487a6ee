/**
 * Handles elements in their order, some at once, so that many requests neither wait for each other nor come all together. The first that
 * fails is what all of it fails with: none is begun after that, and none is under way any more when it is told.
 */
export async function each<T>(
  elements: Iterable<T>,
  atOnce: number,
  handle: (element: T) => Promise<void>,
): Promise<void> {
  const queue = elements[Symbol.iterator]();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      try {
        await handle(next.value);
      } catch (error) {
        failures.push(error);
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (failures.length > 0) throw failures[0];
}
