import type { JsonValue } from 'nekube/apimachinery';
import { isEmoji } from '../issue/emoji.ts';
import type { Block, IssueDocument } from '../issue/model.ts';
import { normalizeIssue } from '../issue/normalize.ts';
import { momentOf } from '../issue/publication-time.ts';
import { splitFrontMatter } from '../markdown/front-matter.ts';
import { writeIssue } from '../markdown/write-issue.ts';

/** A rule of Zenn's that an issue breaks, and where: `topics[2]`, `sections[0].stories[1].blocks[3]`. */
export interface RuleBreak {
  readonly rule: string;
  readonly place: string;
  /** What must be, and what is. */
  readonly message: string;
}

/** What Zenn embeds by `@[service](…)`. */
const SERVICES = new Set([
  'card',
  'tweet',
  'youtube',
  'gist',
  'github',
  'codepen',
  'slideshare',
  'speakerdeck',
  'docswell',
  'jsfiddle',
  'codesandbox',
  'stackblitz',
  'figma',
  'blueprintue',
  'mermaid',
]);

/**
 * The rules of Zenn that an issue breaks, in the order of the text. They are those that Zenn's own tool checks of an article, and what
 * its Markdown cannot show.
 *
 * @param now the time, for what is to be published later
 */
export function checkZenn(given: IssueDocument, now: Date): RuleBreak[] {
  const issue = normalizeIssue(given);
  const { fields = {} } = splitFrontMatter(writeIssue(issue, 'zenn'));
  return [...checkZennFields(fields, issue.slug, now), ...checkBlocks(issue)];
}

/** The rules that the front matter of an article breaks, as its text has it. */
export function checkZennFields(
  fields: Readonly<Record<string, JsonValue>>,
  slug: string | undefined,
  now: Date,
): RuleBreak[] {
  const found: RuleBreak[] = [];
  const check = (holds: boolean, rule: string, place: string, message: string): void => {
    if (!holds) found.push({ rule, place, message });
  };
  const { title, emoji, type, topics, published, published_at: publishedAt } = fields;
  check(
    slug !== undefined && /^[0-9a-z\-_]{12,50}$/.test(slug),
    'slug',
    'slug',
    `must be 12 to 50 of a-z, 0-9, - and _; it is ${shown(slug)}`,
  );
  const hasTitle = typeof title === 'string' && title !== '';
  check(hasTitle, 'title', 'title', `must be a text; it is ${shown(title)}`);
  // by UTF-16's units, as Zenn's own tool counts
  if (hasTitle)
    check(title.length <= 70, 'title-length', 'title', `must have at most 70 characters; it has ${title.length}`);
  check(typeof emoji === 'string' && isEmoji(emoji), 'emoji', 'emoji', `must be one emoji; it is ${shown(emoji)}`);
  check(type === 'tech' || type === 'idea', 'type', 'type', `must be tech or idea; it is ${shown(type)}`);
  const list = Array.isArray(topics) ? topics : [];
  check(list.length >= 1 && list.length <= 5, 'topics', 'topics', `must be a list of 1 to 5; there are ${list.length}`);
  list.forEach((topic, index) => {
    const isText = typeof topic === 'string' && topic !== '';
    check(
      isText && !/[ -/:-@[-`{-~]/.test(topic),
      'topic',
      `topics[${index}]`,
      `must be a word without spaces and signs; it is ${shown(topic)}`,
    );
    check(list.indexOf(topic) === index, 'topic-twice', `topics[${index}]`, `must be there once: ${shown(topic)}`);
  });
  check(
    typeof published === 'boolean',
    'published',
    'published',
    `must be true or false, without quotes; it is ${shown(published)}`,
  );
  if (publishedAt !== undefined && publishedAt !== null) {
    const time = typeof publishedAt === 'string' ? momentOf(publishedAt) : undefined;
    check(
      time !== undefined,
      'published_at',
      'published_at',
      `must be a day or a time, as YYYY-MM-DD hh:mm; it is ${shown(publishedAt)}`,
    );
    check(
      time === undefined || published === true || time < now,
      'published_at-later',
      'published_at',
      'a time to come must have published: true',
    );
  }
  check(fields.tags === undefined && fields.tag === undefined, 'tags', 'tags', 'must be topics');
  return found;
}

function checkBlocks(issue: IssueDocument): RuleBreak[] {
  const found: RuleBreak[] = [];
  const check = (blocks: readonly Block[], place: string): void =>
    blocks.forEach((block, index) => {
      const at = `${place}[${index}]`;
      if (block.kind === 'embed' && !SERVICES.has(block.service!)) {
        found.push({
          rule: 'embed',
          place: at,
          message: `must be of a service that Zenn embeds; it is ${shown(block.service)}`,
        });
      }
      if (block.kind === 'image' && !/^(?:https?:\/\/|\/images\/)/.test(block.url!)) {
        found.push({
          rule: 'image',
          place: at,
          message: `must be an address, or a file in /images/; it is ${shown(block.url)}`,
        });
      }
      if (block.kind === 'raw' && block.text!.includes('\n') && block.text!.startsWith('<!--')) {
        found.push({ rule: 'comment', place: at, message: 'a comment must be on one line' });
      }
    });
  check(issue.introduction, 'introduction');
  issue.sections.forEach(({ title, introduction, stories }, s) => {
    if (title === '') found.push({ rule: 'heading', place: `sections[${s}].title`, message: 'must not be empty' });
    check(introduction, `sections[${s}].introduction`);
    stories.forEach((story, n) => {
      if (story.title === '')
        found.push({ rule: 'heading', place: `sections[${s}].stories[${n}].title`, message: 'must not be empty' });
      check(story.blocks, `sections[${s}].stories[${n}].blocks`);
    });
  });
  check(issue.afterword?.blocks ?? [], 'afterword.blocks');
  return found;
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}
