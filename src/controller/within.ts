import type { Clock } from 'nekube/client';

/** Whether work ends within so many milliseconds; 0: is not waited for; negative: waits for it for ever. Rejects with what the work rejects with. */
export async function within(ms: number, work: Promise<unknown>, clock: Clock): Promise<boolean> {
  if (ms < 0) return work.then(() => true);
  if (ms === 0) {
    work.catch(() => {});
    return false;
  }
  let cancel = (): void => {};
  const late = new Promise<false>((resolve) => {
    cancel = clock.after(ms, () => resolve(false));
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    cancel();
  }
}
