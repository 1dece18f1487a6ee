import { humanDuration } from 'nekube/apimachinery';

/** About how long something takes, and not less, as a flag may have it: `40s`, `12m`. */
export function aboutDuration(ms: number): string {
  return humanDuration(ms < 90_000 ? Math.ceil(ms / 10_000) * 10_000 : Math.ceil(ms / 60_000) * 60_000);
}
