/** A time as RFC 3339 with nine decimals, in UTC, as the CRI has it in logs. */
export function formatNanoTime(ms: number): string {
  const nanos = Math.floor((ms % 1) * 1_000_000);
  return new Date(ms).toISOString().replace('Z', `${String(nanos).padStart(6, '0')}Z`);
}
