import { isParseError, type JsonValue, ParseError, parseYaml, stringifyYaml } from 'nekube/apimachinery';
import type { IssueDocument } from '../issue/model.ts';
import { numberOf } from './marks.ts';
import type { MarkdownFlavor } from './write-blocks.ts';

/** The fields of a front matter that an issue has places for. */
const OURS = ['title', 'emoji', 'type', 'topics', 'published', 'published_at', 'number', 'date', 'language', 'slug'];

/** A text in two: the fields in front, undefined where there are none, and the rest. */
export interface SplitText {
  readonly fields?: Readonly<Record<string, JsonValue>>;
  readonly body: string;
}

/**
 * Takes the front matter off a text whose lines end with line feeds.
 *
 * @throws ParseError: it is no YAML
 */
export function splitFrontMatter(text: string): SplitText {
  const found = /^---[ \t]*\n([^]*?)(?:^|\n)---[ \t]*(?:\n|$)/.exec(text);
  if (found === null) return { body: text };
  const fields = parsed(found[1]!);
  if (fields === null) return { fields: {}, body: text.slice(found[0].length) };
  // two lines across with text between them are no front matter
  if (typeof fields !== 'object' || Array.isArray(fields)) return { body: text };
  return { fields: fields as Readonly<Record<string, JsonValue>>, body: text.slice(found[0].length) };
}

function parsed(yaml: string): JsonValue {
  try {
    return parseYaml(yaml);
  } catch (cause) {
    if (!isParseError(cause)) throw cause;
    throw new ParseError(`front matter: ${cause.message}`, {}, { cause });
  }
}

/** What a front matter says of an issue, as far as its values can be meant so. */
export function readFields(fields: Readonly<Record<string, JsonValue>>): Partial<IssueDocument> {
  const text = (name: string): string | undefined => {
    const value = fields[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  const { type, topics, published, number } = fields;
  const others = Object.fromEntries(Object.entries(fields).filter(([name]) => !OURS.includes(name)));
  const date = text('date');
  const all: Partial<IssueDocument> = {
    title: text('title'),
    emoji: text('emoji'),
    type: type === 'tech' || type === 'idea' ? type : undefined,
    topics: Array.isArray(topics) ? topics.filter((one) => typeof one !== 'object').map(String) : undefined,
    published: typeof published === 'boolean' ? published : undefined,
    publishedAt: text('published_at'),
    number: numberOf(number),
    date: date === undefined ? undefined : /^\d{4}-\d{2}-\d{2}/.exec(date)?.[0],
    language: text('language') ?? text('lang'),
    slug: text('slug'),
    frontMatter: Object.keys(others).length > 0 ? others : undefined,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** The front matter of an issue in normal form, between its lines. */
export function writeFrontMatter(issue: IssueDocument, flavor: MarkdownFlavor): string {
  const lines = [
    `title: ${quoted(issue.title)}`,
    ...(issue.emoji === undefined ? [] : [`emoji: ${quoted(issue.emoji)}`]),
    ...(issue.type === undefined ? [] : [`type: ${quoted(issue.type)}`]),
    `topics: [${issue.topics.map(quoted).join(', ')}]`,
    `published: ${issue.published}`,
    ...(issue.publishedAt === undefined ? [] : [`published_at: ${time(issue.publishedAt)}`]),
  ];
  if (flavor === 'markdown') {
    if (issue.number !== undefined) lines.push(`number: ${issue.number}`);
    if (issue.date !== undefined) lines.push(`date: ${quoted(issue.date)}`);
    lines.push(`language: ${quoted(issue.language)}`);
    if (issue.slug !== undefined) lines.push(`slug: ${quoted(issue.slug)}`);
  }
  const others = issue.frontMatter === undefined ? '' : stringifyYaml(issue.frontMatter as JsonValue);
  return `---\n${lines.join('\n')}\n${others}---\n`;
}

/** The other fields that an issue may carry, without those that have a place of their own. */
export function otherFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !OURS.includes(name)));
}

/** As a text in YAML, which knows JSON's. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) =>
    /[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/.test(unit)
      ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
      : unit,
  );
}

/** A moment as Zenn's guide writes it; all else would be read as something other than text. */
function time(text: string): string {
  return /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$/.test(text) ? text : quoted(text);
}
