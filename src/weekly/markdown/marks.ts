/**
 * What a text of ours says of itself beyond what readers see: in a comment on one line, as Zenn allows them, behind the front
 * matter or a heading.
 */
export interface Marks {
  readonly number?: number;
  readonly date?: string;
  readonly language?: string;
  readonly slug?: string;
  readonly role?: 'section' | 'afterword';
  readonly url?: string;
  readonly presenter?: string;
}

const MARKS = /^<!--[ \t]*weekly:[ \t]*(\{.*\})[ \t]*-->$/;

/** The number of an issue, as a file says it; undefined for what no issue can have. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** The comment of marks, undefined if there are none. */
export function writeMarks(marks: Marks): string | undefined {
  if (Object.values(marks).every((value) => value === undefined)) return undefined;
  const json = JSON.stringify(marks).replaceAll('>', '\\u003e').replaceAll('--', '-\\u002d');
  return `<!-- weekly: ${json} -->`;
}

/** The marks of a comment, undefined if it has none. */
export function readMarks(comment: string): Marks | undefined {
  const json = MARKS.exec(comment.trim())?.[1];
  if (json === undefined) return undefined;
  try {
    const { number, date, language, slug, role, url, presenter } = JSON.parse(json) as Record<string, unknown>;
    const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
    return {
      number: numberOf(number),
      date: /^\d{4}-\d{2}-\d{2}$/.test(text(date) ?? '') ? text(date) : undefined,
      language: text(language),
      slug: text(slug),
      role: role === 'section' || role === 'afterword' ? role : undefined,
      url: text(url),
      presenter: text(presenter),
    };
  } catch {
    return undefined;
  }
}
