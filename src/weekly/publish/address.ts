import type { IssueDocument } from '../issue/model.ts';
import type { IssueFormat } from '../render/render-issue.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import { baseSlug } from './slug.ts';

/** In which form an issue is published: each has an address of its own. */
interface FormOptions {
  readonly format: IssueFormat;
  /** Default: that in which the issue is written. */
  readonly language?: string;
}

/**
 * What is published of one issue never takes the place of another.
 *
 * @throws Error that names the other one
 */
export function refuseOthers(path: string, { number, slug }: Omit<LedgerEntry, 'hash'>, { files }: Ledger): void {
  const there = files[path];
  if (there?.number === undefined || number === undefined || there.number === number) return;
  throw new Error(
    `Cannot publish issue ${number} as ${JSON.stringify(slug)}: issue ${there.number} is published there; give it another slug`,
  );
}

/**
 * The issue with the slug that its number was published with, or a new one.
 *
 * @throws Error: it has another slug than it was published with
 */
export function withSlug(
  issue: IssueDocument,
  { files }: Ledger,
  { format, language = issue.language }: FormOptions,
): IssueDocument {
  const before = Object.values(files).find(
    (entry) =>
      issue.number !== undefined &&
      entry.number === issue.number &&
      entry.format === format &&
      entry.language === language,
  );
  const slug = baseSlug(issue);
  const wanted = language === issue.language ? slug : `${slug}-${language.toLowerCase()}`;
  if (before !== undefined && issue.slug !== undefined && before.slug !== wanted) {
    throw new Error(
      `Cannot publish issue ${issue.number} as ${JSON.stringify(wanted)}: it was published as ${JSON.stringify(before.slug)}, and its address must stay`,
    );
  }
  return { ...issue, slug: before?.slug ?? wanted };
}

/** What the ledger says of an issue that has its slug. */
export function entryOf(
  issue: IssueDocument,
  { format, language = issue.language }: FormOptions,
): Omit<LedgerEntry, 'hash'> {
  const { slug, number, published, publishedAt } = issue;
  return {
    slug: slug!,
    language,
    format,
    ...(number !== undefined && { number }),
    ...(published && publishedAt !== undefined && { publishedAt }),
  };
}

const FOLDERS: Partial<Record<IssueFormat, string>> = { zenn: 'articles/' };
const ENDINGS: Record<IssueFormat, string> = { zenn: 'md', markdown: 'md', html: 'html', email: 'eml', json: 'json' };

/**
 * The file of an issue, from the folder.
 *
 * @throws Error: its slug is no name of a file
 */
export function pathOf({ slug, format }: Pick<LedgerEntry, 'slug' | 'format'>): string {
  if (!/^[\w-][\w.-]*$/.test(slug))
    throw new Error(
      `Cannot publish as ${JSON.stringify(slug)}: a slug must be a file's name, of letters, digits, - and _`,
    );
  return `${FOLDERS[format as IssueFormat] ?? ''}${slug}.${ENDINGS[format as IssueFormat]}`;
}

/** The paths that `pathOf` gives, and no others: who may write into a folder may write a ledger and a journal. */
const PUBLISHED = /^(?:articles\/)?[\w-][\w.-]*$/;

/** Whether a file can have been published, and is of the folder. */
export function isPublishedPath(path: string): boolean {
  return PUBLISHED.test(path);
}
