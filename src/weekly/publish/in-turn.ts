const turns = new Map<string, Promise<unknown>>();

/** Does one thing after the other for each key, within this process. */
export async function inTurn<R>(key: string, use: () => Promise<R>): Promise<R> {
  const mine = (turns.get(key) ?? Promise.resolve()).then(use);
  const over = mine.catch(() => undefined);
  turns.set(key, over);
  try {
    return await mine;
  } finally {
    if (turns.get(key) === over) turns.delete(key);
  }
}
