/** A number, or a share of one: `25%`. */
export type IntOrPercent = number | string;

/** A number, or so many hundredths of a total, rounded. What is no percentage is nothing: the server lets none pass. */
export function scaledValue(value: IntOrPercent, total: number, round: 'up' | 'down'): number {
  if (typeof value !== 'string') return value;
  const percent = /^(\d+)%$/.exec(value)?.[1];
  if (percent === undefined) return 0;
  const share = (Number(percent) * total) / 100;
  return round === 'up' ? Math.ceil(share) : Math.floor(share);
}
