/**
 * Calls when so many ms are over. Timers come before what is to be read: where this process had something else to do for that
 * long, what came in time would be called late. So that is read first, upon which the call may be cancelled.
 *
 * @returns what cancels it
 */
export function whenLate(ms: number, call: () => void, { keepsProcess = true } = {}): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    immediate = setImmediate(call);
  }, ms);
  if (!keepsProcess) timer.unref();
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}
