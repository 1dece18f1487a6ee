import type { IssueDocument } from '../issue/model.ts';

/** The slug of an issue that has none: its title's words, and its number, so that it is the same every time. */
export function baseSlug({ slug, title, number, date }: IssueDocument): string {
  if (slug !== undefined) return slug;
  const words = title
    .toLowerCase()
    .replace(/\d{4}-\d{2}-\d{2}|#?\d+/g, ' ')
    .match(/[a-z0-9]+/g);
  const name = (words ?? ['weekly']).join('-').slice(0, 38).replace(/-+$/, '');
  const end = number === undefined ? (date ?? 'draft') : String(number).padStart(4, '0');
  const made = `${name}-${end}`;
  return made.length < 12 ? `${name}-issue-${end}`.padStart(12, 'w') : made;
}
