import type { Capacities } from './service-maps.ts';

/** From this share on it is told. */
const NEARLY = 0.9;

const NAMES = {
  services: { map: 'The map of services', flag: '--max-frontends' },
  backends: { map: 'The map of backends', flag: '--max-backends' },
  table: { map: 'The array of tables', flag: '--max-slots' },
} as const;

/** Which maps are nearly full, by what has no room soon, a sentence each. Pure. */
export function nearlyFull(used: Capacities, capacities: Capacities): ReadonlyMap<keyof Capacities, string> {
  const found = new Map<keyof Capacities, string>();
  for (const name of Object.keys(NAMES) as (keyof Capacities)[]) {
    const [is, most] = [used[name], capacities[name]];
    if (is < NEARLY * most) continue;
    const { map, flag } = NAMES[name];
    found.set(name, `${map} is nearly full, with ${is} of ${most}: give it more room by ${flag}`);
  }
  return found;
}
