import { isTimeZone } from 'nekube/cron';

/** A part of a name: letters, digits and a few signs, at most 14. */
const PART = /^[A-Za-z._0-9+-]{1,14}$/;

/** What is wrong with a cron job's time zone. */
export function timeZoneProblems(zone: string): string[] {
  if (zone === '') return ['timeZone must be nil or non-empty string'];
  const unknown = `unknown time zone ${zone}`;
  const badPart = (part: string) => part === '.' || part === '..' || part.startsWith('-') || !PART.test(part);
  if (zone.split('/').some(badPart)) return [unknown];
  const local = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
  return [...(zone.toLowerCase() === 'local' ? [local] : []), ...(isTimeZone(zone) ? [] : [unknown])];
}
