import type { TimeZone, WallTime } from './time-zone.ts';

/** When something is to be done, again and again. */
export interface Schedule {
  /** The first time after an instant, in milliseconds since 1970 in UTC; undefined if there is none within five years. */
  next(after: number): number | undefined;
}

/** The values of a field that are meant; `isAny` if it was given as `*`, which matters for days. */
export interface Field {
  readonly values: ReadonlySet<number>;
  readonly isAny: boolean;
}

/** The five fields of a schedule. */
export interface Fields {
  readonly minutes: Field;
  readonly hours: Field;
  readonly daysOfMonth: Field;
  readonly months: Field;
  readonly daysOfWeek: Field;
}

const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000];
/** After so many years there will be none: it is for a 31st of February. */
const YEARS = 5;

/** At times that the fields match, by the clocks of a zone. */
export class FieldSchedule implements Schedule {
  readonly #fields: Fields;
  readonly #zone: TimeZone;

  constructor(fields: Fields, zone: TimeZone) {
    this.#fields = fields;
    this.#zone = zone;
  }

  next(after: number): number | undefined {
    const { months, hours, minutes } = this.#fields;
    const zone = this.#zone;
    // seconds are always 0
    let at = Math.floor(after / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
    const last = zone.wallTime(at).year + YEARS;
    // the first step goes to the beginning of the month, day or hour; what follows keeps what it found there
    let isAtStart = false;
    for (;;) {
      const wall = zone.wallTime(at);
      const from = (start: Partial<WallTime>): WallTime => {
        const begun = isAtStart ? wall : zone.wallTime(zone.instant({ ...wall, minute: 0, ...start }));
        isAtStart = true;
        return begun;
      };
      if (wall.year > last) return undefined;
      if (!months.values.has(wall.month)) {
        const begun = from({ day: 1, hour: 0 });
        at = zone.instant({ ...begun, month: begun.month + 1 });
      } else if (!this.#isDay(wall)) {
        const begun = from({ hour: 0 });
        at = this.#toMidnight(zone.instant({ ...begun, day: begun.day + 1 }));
      } else if (!hours.values.has(wall.hour)) {
        at = (isAtStart ? at : zone.instant({ ...wall, minute: 0 })) + HOUR_MS;
        isAtStart = true;
      } else if (!minutes.values.has(wall.minute)) {
        at += MINUTE_MS;
        isAtStart = true;
      } else return at;
    }
  }

  /** Either day will do if both fields say which. */
  #isDay({ day, weekday }: WallTime): boolean {
    const { daysOfMonth, daysOfWeek } = this.#fields;
    const [byDate, byWeekday] = [daysOfMonth.values.has(day), daysOfWeek.values.has(weekday)];
    return daysOfMonth.isAny || daysOfWeek.isAny ? byDate && byWeekday : byDate || byWeekday;
  }

  /** Where clocks skip midnight the day begins an hour later or, as it comes out, the one before is not over. */
  #toMidnight(at: number): number {
    const { hour } = this.#zone.wallTime(at);
    if (hour === 0) return at;
    return hour > 12 ? at + (24 - hour) * HOUR_MS : at - hour * HOUR_MS;
  }
}

/** Ever so often, `@every`; at whole seconds. */
export class EverySchedule implements Schedule {
  readonly #delayMs: number;

  /** @param delayMs is cut to seconds, and is at least one */
  constructor(delayMs: number) {
    this.#delayMs = Math.max(1, Math.floor(delayMs / 1000)) * 1000;
  }

  next(after: number): number {
    return Math.floor(after / 1000) * 1000 + this.#delayMs;
  }
}
