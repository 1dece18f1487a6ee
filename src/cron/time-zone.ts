import { readFileSync } from 'node:fs';

let names: ReadonlySet<string> | undefined;

/** Whether the IANA time zone database has a zone of this name, in this case. */
export function isTimeZone(name: string): boolean {
  names ??= new Set(JSON.parse(readFileSync(new URL('./time-zones.json', import.meta.url), 'utf8')));
  return name === '' || name === 'UTC' || name === 'Local' || names.has(name);
}

/** What a clock on the wall shows. Months from 1, weekdays from Sunday, which is 0. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

const PARTS = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;

/** The clocks of a time zone. Instants are in milliseconds since 1970 in UTC. */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat | undefined;

  /** @param name of the IANA database; empty for UTC, `Local` for that of this process */
  constructor(name: string) {
    if (name === '' || name === 'UTC') return;
    this.#format = new Intl.DateTimeFormat('en-US', {
      ...PARTS,
      second: 'numeric',
      hourCycle: 'h23',
      ...(name !== 'Local' && { timeZone: name }),
    });
  }

  /** What the clocks show at an instant. */
  wallTime(at: number): WallTime {
    const shown = new Date(at + this.#offset(at));
    return {
      year: shown.getUTCFullYear(),
      month: shown.getUTCMonth() + 1,
      day: shown.getUTCDate(),
      weekday: shown.getUTCDay(),
      hour: shown.getUTCHours(),
      minute: shown.getUTCMinutes(),
    };
  }

  /**
   * The instant at which clocks show this; days and months beyond the last run on. Where they show it twice or never, it is
   * the one that Go's `time.Date` takes: by the offset in force at the instant that the first guess gives.
   */
  instant({ year, month, day, hour, minute }: Omit<WallTime, 'weekday'>): number {
    const asUtc = Date.UTC(year, month - 1, day, hour, minute);
    const guess = this.#offset(asUtc);
    return guess === 0 ? asUtc : asUtc - this.#offset(asUtc - guess);
  }

  /** An instant as RFC 3339 has it, by these clocks: `2026-01-02T03:04:05+01:00`. */
  format(at: number): string {
    const offset = this.#offset(at);
    const shown = new Date(at + offset).toISOString().slice(0, 19);
    if (offset === 0) return `${shown}Z`;
    const minutes = Math.floor(Math.abs(offset) / 60_000);
    const two = (number: number): string => String(number).padStart(2, '0');
    return `${shown}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  }

  /** By how much clocks are ahead of UTC. */
  #offset(at: number): number {
    if (this.#format === undefined) return 0;
    const part = (type: string): number => Number(parts.find((one) => one.type === type)!.value);
    const parts = this.#format.formatToParts(at);
    const [year, month, day] = [part('year'), part('month'), part('day')];
    const shown = Date.UTC(year, month - 1, day, part('hour'), part('minute'), part('second'));
    return shown - (at - (((at % 1000) + 1000) % 1000));
  }
}
