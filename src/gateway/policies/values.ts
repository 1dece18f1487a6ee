import { durationMs } from '../model/durations.ts';
import type { HeaderChange, TcpKeepalive } from '../model/index.ts';
import type { HeaderFilter, TcpKeepaliveSpec } from './spec.ts';

/** Milliseconds of a duration; the definition lets no other text through. */
export function ms(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : durationMs(duration);
}

/** An object without the members that have no value; undefined if none has. */
export function given<T extends object>(value: T): T | undefined {
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as T);
}

/** A change of headers, as the model has it. */
export function headerChange(filter: HeaderFilter | undefined): HeaderChange | undefined {
  return filter === undefined ? undefined : given({ set: filter.set, add: filter.add, remove: filter.remove });
}

/** Probes of TCP. */
export function keepalive(spec: TcpKeepaliveSpec | undefined): TcpKeepalive | undefined {
  if (spec === undefined) return undefined;
  return given({ probes: spec.probes, idleMs: ms(spec.idle), intervalMs: ms(spec.interval) });
}
