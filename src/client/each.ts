/**
 * Handles elements in their order, some at once, so that many requests neither wait for each other nor come all together; ends with
 * the first that fails.
 */
export async function each<T>(
  elements: Iterable<T>,
  atOnce: number,
  handle: (element: T) => Promise<void>,
): Promise<void> {
  const queue = elements[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) await handle(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
