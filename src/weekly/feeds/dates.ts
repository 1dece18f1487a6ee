/** The offsets of zones by their names, in minutes. Where a name has several meanings it is the one that feeds use. */
const ZONES: Readonly<Record<string, number>> = {
  UT: 0,
  UTC: 0,
  GMT: 0,
  Z: 0,
  WET: 0,
  WEST: 60,
  BST: 60,
  CET: 60,
  MEZ: 60,
  MET: 60,
  CEST: 120,
  MESZ: 120,
  MEST: 120,
  EET: 120,
  EEST: 180,
  SAST: 120,
  MSK: 180,
  MSD: 240,
  IST: 330,
  PKT: 300,
  ICT: 420,
  WIB: 420,
  HKT: 480,
  SGT: 480,
  AWST: 480,
  JST: 540,
  KST: 540,
  AEST: 600,
  AEDT: 660,
  NZST: 720,
  NZDT: 780,
  BRT: -180,
  ART: -180,
  AST: -240,
  ADT: -180,
  EST: -300,
  EDT: -240,
  ET: -300,
  CST: -360,
  CDT: -300,
  CT: -360,
  MST: -420,
  MDT: -360,
  MT: -420,
  PST: -480,
  PDT: -420,
  PT: -480,
  AKST: -540,
  AKDT: -480,
  HST: -600,
};

/** The beginnings of months in the languages whose feeds have them, by number. */
const MONTHS: readonly (readonly [RegExp, number])[] = [
  [/^(jan|ene|янв)/, 1],
  [/^(feb|fév|fev|фев)/, 2],
  [/^(mar|mär|mrz|мар)/, 3],
  [/^(apr|avr|abr|апр)/, 4],
  [/^(may|mai|mag|maj|мая|май)/, 5],
  [/^(jun|juin|giu|июн)/, 6],
  [/^(jul|juil|lug|июл)/, 7],
  [/^(aug|aoû|aou|ago|авг)/, 8],
  [/^(sep|set|сен)/, 9],
  [/^(oct|okt|ott|out|окт)/, 10],
  [/^(nov|ноя)/, 11],
  [/^(dec|dez|déc|dic|дек)/, 12],
];

/** The year before the first of each Japanese era. */
const ERAS: Readonly<Record<string, number>> = { 令和: 2018, 平成: 1988, 昭和: 1925, R: 2018, H: 1988 };

const JAPAN = 540;

/**
 * A moment in the form 2022-10-21T00:00:00.000Z, of a date in any form that feeds have: RFC 822 with any weekday, zone and length
 * of year, ISO 8601 and what resembles it, asctime, Japanese with eras, seconds since 1970. Without a time it is midnight, without a
 * zone UTC, or Japan's if it is written in Japanese. Undefined if it is no date.
 */
export function parseDate(text: string): string | undefined {
  const plain = text.slice(0, 200).normalize('NFKC').replace(/\s+/g, ' ').trim();
  if (plain === '' || plain.length > 100) return undefined;
  const parts = ofEpoch(plain) ?? ofIso(plain) ?? ofJapanese(plain) ?? ofWords(plain) ?? ofSlashes(plain);
  if (parts === undefined) return undefined;
  const { year, month, day, clock } = parts;
  const time = clockOf(clock, parts.zone);
  if (time === undefined || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined;
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, day);
  const at = moment.getTime() + time;
  return year < 1 || year > 9998 ? undefined : new Date(at).toISOString();
}

interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** What is said of time and zone. */
  readonly clock: string;
  /** In minutes, where the clock says none. */
  readonly zone?: number;
}

function daysOf(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

function ofEpoch(text: string): DateParts | undefined {
  if (!/^\d{10}(\d{3})?$/.test(text)) return undefined;
  const date = new Date(Number(text) * (text.length === 10 ? 1000 : 1));
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    clock: date.toISOString().slice('2022-10-21T'.length),
  };
}

function ofIso(text: string): DateParts | undefined {
  const found =
    /^(?<year>\d{4})(?:(?<sign>[-/.])(?<month>\d{1,2})(?:\k<sign>(?<day>\d{1,2}))?|(?<mm>\d\d)(?<dd>\d\d)?)?(?:\s*[Tt, ]\s*(?<clock>\D{0,3}\d.*))?$/.exec(
      text.replace(/^\p{L}+\.?,? (?=\d{4}\b)/u, ''),
    )?.groups;
  if (found === undefined) return undefined;
  const { year, month = found.mm ?? '1', day = found.dd ?? '1', clock = '' } = found;
  return { year: Number(year), month: Number(month), day: Number(day), clock };
}

function ofJapanese(text: string): DateParts | undefined {
  const found =
    /^(令和|平成|昭和|[RH](?=\d))?\s*(\d{1,4}|元)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日\s*(?:[(（][^)）]*[)）]|[日月火水木金土]曜日?)?\s*(.*)$/.exec(
      text,
    );
  if (found === null) return undefined;
  const [, era, written = '', month, day, rest = ''] = found;
  const count = written === '元' ? 1 : Number(written);
  const year = era === undefined ? fullYear(count, written) : ERAS[era]! + count;
  const clock = rest
    .replace(/\d+/g, (digits) => digits.padStart(2, '0'))
    .replace(/\s*[時分]\s*(?=\d)/g, ':')
    .replace(/時/, ':00')
    .replace(/[分秒頃]/g, '');
  return { year, month: Number(month), day: Number(day), clock, zone: JAPAN };
}

const DAY_FIRST =
  /^(\d{1,2})(?:st|nd|rd|th|\.)?[\s-]*(?:de |of )?(\p{L}{3,})\.?,?[\s-]*(?:de )?(\d{2,4})(?:[\s,]+(?:at )?(.*))?$/u;
const MONTH_FIRST = /^(\p{L}{3,})\.?[\s-]+(\d{1,2})(?:st|nd|rd|th)?,?[\s-]+(\d{4})(?:[\s,]+(?:at )?(.*))?$/u;
const YEAR_LAST = /^(\p{L}{3,})\.? (\d{1,2}) (\d{1,2}:\d\d(?::\d\d)?)(?: ([A-Z]{1,5}|[+-]\d{4}))? (\d{4})$/u;

/** 21 Oct 2022, Fri, Oct 21 2022, 21-Oct-22, Fri Oct 21 10:00:00 JST 2022; which day of the week that was is not looked at. */
function ofWords(text: string): DateParts | undefined {
  const rest = text.replace(/^\p{L}+[.,]*\s*/u, '');
  const dayFirst = DAY_FIRST.exec(rest) ?? DAY_FIRST.exec(text);
  if (dayFirst !== null) return ofMonth(dayFirst[2]!, dayFirst[1]!, dayFirst[3]!, dayFirst[4]);
  const plain = /^\p{L}/u.test(rest) ? rest : text;
  const yearLast = YEAR_LAST.exec(plain);
  if (yearLast !== null)
    return ofMonth(yearLast[1]!, yearLast[2]!, yearLast[5]!, `${yearLast[3]} ${yearLast[4] ?? ''}`);
  const monthFirst = MONTH_FIRST.exec(plain);
  return monthFirst === null ? undefined : ofMonth(monthFirst[1]!, monthFirst[2]!, monthFirst[3]!, monthFirst[4]);
}

function ofMonth(word: string, day: string, year: string, clock = ''): DateParts | undefined {
  const month = monthOf(word);
  return month === undefined ? undefined : { year: fullYear(Number(year), year), month, day: Number(day), clock };
}

function monthOf(word: string): number | undefined {
  const lower = word.trim().toLowerCase();
  return MONTHS.find(([beginning]) => beginning.test(lower))?.[1];
}

/** 10/21/2022 as in the United States, unless only 21/10/2022 is a date. */
function ofSlashes(text: string): DateParts | undefined {
  const found = /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?:[\s,]+(.*))?$/.exec(text);
  if (found === null) return undefined;
  const [first, second] = [Number(found[1]), Number(found[3])];
  const isDayFirst = first > 12 || found[2] === '.';
  const year = fullYear(Number(found[4]), found[4]!);
  return { year, month: isDayFirst ? second : first, day: isDayFirst ? first : second, clock: found[5] ?? '' };
}

/** RFC 2822: two digits below 50 are of this century, and three are counted from 1900. */
function fullYear(year: number, written: string): number {
  if (written.length === 3) return 1900 + year;
  if (written.length > 2) return year;
  return year < 50 ? 2000 + year : 1900 + year;
}

/** Milliseconds since midnight UTC of what is said of a time: `10:20:30.5 PM +0900`. */
function clockOf(clock: string, defaultZone = 0): number | undefined {
  const text = clock.trim();
  const found =
    /^(午前|午後|오전|오후)?\s*(?:(\d{1,2})(?::?(\d\d))?(?:[:.]?(\d\d))?(?:[.,](\d{1,9}))?)?\s*(?:([AaPp])\.?[Mm]\b\.?)?\s*(.*)$/.exec(
      text,
    );
  if (found === null) return undefined;
  const [, halfDay, hours = '0', minutes = '0', seconds = '0', fraction = '0', letter, zone = ''] = found;
  const isAfternoon = letter?.toLowerCase() === 'p' || halfDay === '午後' || halfDay === '오후';
  const hasHalves = letter !== undefined || halfDay !== undefined;
  const hour = hasHalves ? (Number(hours) % 12) + (isAfternoon ? 12 : 0) : Number(hours);
  if (hour > 24 || Number(minutes) > 59 || Number(seconds) > 60) return undefined;
  const offset = offsetOf(zone) ?? defaultZone;
  const milliseconds = Math.floor(Number(`0.${fraction}`) * 1000);
  return ((hour * 60 + Number(minutes) - offset) * 60 + Number(seconds)) * 1000 + milliseconds;
}

/** The offset of a zone in minutes, or undefined if none is meant. A name that nobody knows is none. */
function offsetOf(text: string): number | undefined {
  const numeric = /(?:GMT|UTC|UT)?\s*([+-−])\s?(\d{1,2}):?(\d\d)?/.exec(text);
  if (numeric !== null) {
    const [, sign, hours, minutes = '0'] = numeric;
    const offset = Number(hours) * 60 + Number(minutes);
    return offset > 14 * 60 + 59 ? undefined : sign === '+' ? offset : -offset;
  }
  const name = /[A-Za-z]+/.exec(text)?.[0].toUpperCase();
  return name === undefined ? undefined : ZONES[name];
}
