import { isDay } from 'nekube/apimachinery';
import type { IssueDocument } from './model.ts';

/** The moment of a `publishedAt`, `YYYY-MM-DD` or `YYYY-MM-DD hh:mm`, which Zenn reads as a time of Japan; undefined if it is neither. */
export function momentOf(publishedAt: string): Date | undefined {
  const [, day = '', time = '00:00'] = /^(\S{10})(?: ((?:[01]\d|2[0-3]):[0-5]\d))?$/.exec(publishedAt) ?? [];
  return isDay(day) ? new Date(`${day}T${time}:00+09:00`) : undefined;
}

const JAPAN_MS = 9 * 3_600_000;
const MINUTE_MS = 60_000;
/** The last minute that `publishedAt` can say: what is for later is for never. */
const LAST_MS = Date.parse('9999-12-31T23:59:00Z');

/** The `publishedAt` of a moment: not before it, since it says whole minutes. */
export function publishedAtOf(moment: Date): string {
  const there = Math.ceil((moment.getTime() + JAPAN_MS) / MINUTE_MS) * MINUTE_MS;
  return new Date(Math.min(there, LAST_MS)).toISOString().slice(0, 'YYYY-MM-DDThh:mm'.length).replace('T', ' ');
}

/** From when readers will see an issue; undefined: they see it now, or it is a draft. */
export function scheduledFor(
  { published, publishedAt }: Pick<IssueDocument, 'published' | 'publishedAt'>,
  now: Date,
): Date | undefined {
  const moment = published ? momentOf(publishedAt ?? '') : undefined;
  return moment !== undefined && moment > now ? moment : undefined;
}

/** Forms that are read as they are: nothing that reads them holds back what is for later. */
const SEEN_AT_ONCE: readonly string[] = ['html', 'email'];

/**
 * Until when an issue is not published in a form; undefined: it is now. Zenn and other sites that read Markdown hold back by `published_at` what
 * they have; a page or mail is for readers as soon as it is there, drafts too.
 */
export function waitsUntil(
  { publishedAt }: Pick<IssueDocument, 'publishedAt'>,
  format: string,
  now: Date,
): Date | undefined {
  return SEEN_AT_ONCE.includes(format) ? scheduledFor({ published: true, publishedAt }, now) : undefined;
}
