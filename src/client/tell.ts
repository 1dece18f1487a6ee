/** Tells a listener. What it throws stops nobody who tells; it becomes an uncaught exception of its own. */
export function tell<T>(listener: ((what: T) => void) | undefined, what: T): void {
  try {
    listener?.(what);
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown;
    });
  }
}
