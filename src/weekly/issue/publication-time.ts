import type { IssueDocument } from './model.ts';

/** The moment that `publishedAt` says, which is Zenn's and so in Japan's time; undefined if it is no day or time. */
export function momentOf(publishedAt: string): Date | undefined {
  const found = /^(\d{4}-(\d{2})-(\d{2}))(?: (\d{2}):(\d{2}))?$/.exec(publishedAt);
  if (found === null || Number(found[4] ?? 0) > 23 || Number(found[5] ?? 0) > 59) return undefined;
  const moment = new Date(`${found[1]}T${found[4] ?? '00'}:${found[5] ?? '00'}:00+09:00`);
  const day = new Date(`${found[1]}T00:00:00Z`);
  return Number.isNaN(moment.getTime()) || day.getUTCDate() !== Number(found[3]) ? undefined : moment;
}

/** When readers get to see an issue that is published but scheduled; undefined: it is a draft, or they see it by now. */
export function scheduledFor(
  { published, publishedAt }: Pick<IssueDocument, 'published' | 'publishedAt'>,
  now: Date,
): Date | undefined {
  const moment = published ? momentOf(publishedAt ?? '') : undefined;
  return moment !== undefined && moment > now ? moment : undefined;
}
