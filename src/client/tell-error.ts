/** Tells of an error. What the listener throws stops nobody who tells; it becomes an uncaught exception of its own. */
export function tellError(onError: ((error: Error) => void) | undefined, error: Error): void {
  try {
    onError?.(error);
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown;
    });
  }
}
