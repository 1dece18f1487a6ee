/**
 * What `read` returns, or `otherwise`, if what it reads is not as its definition says. Objects of a cluster were validated by it; those of files
 * were not, and one that is malformed must not take others with it.
 */
export function readOr<T>(read: () => T, otherwise: (message: string) => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return otherwise(error.message);
    throw error;
  }
}
