import { useLayoutEffect } from 'preact/hooks';

/**
 * Does something when a component is left, and before it goes by something else. Not `useEffect`, which begins when all is drawn: of a
 * component that is left before that nothing would be ended, and what it began would go on.
 *
 * @param of what it goes by
 */
export function useLeave(leave: () => void, of: readonly unknown[] = []): void {
  useLayoutEffect(() => leave, of);
}
