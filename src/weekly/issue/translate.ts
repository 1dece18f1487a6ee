import { createHash } from 'node:crypto';
import type { Block, IssueDocument, Translation } from './model.ts';

/** What is behind in a translation, and where it stands: `sections[0].stories[1].blocks[2]`. */
export interface TranslationGap {
  readonly place: string;
  /** `stale`: the text changed since it was translated. */
  readonly state: 'missing' | 'stale';
}

/** The mark of a text, by which its translations know whether it is still the one that was translated. */
export function sourceHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** What a reader reads of a block, which is what is translated; undefined where that is nothing, as in code. */
export function translatableText(block: Block): string | undefined {
  switch (block.kind) {
    case 'paragraph':
    case 'heading':
    case 'list':
    case 'quote':
    case 'message':
    case 'table':
      return block.text;
    case 'details':
      return `${block.title}\n${block.text}`;
    case 'image':
      return block.caption === undefined ? block.alt : `${block.alt}\n${block.caption}`;
    default:
      return undefined;
  }
}

/** The translations of a text with one more, or another one, of the text as it is now. */
export function withTranslation(
  source: string,
  translations: readonly Translation[] | undefined,
  language: string,
  text: string,
): Translation[] {
  const others = (translations ?? []).filter((each) => each.language !== language);
  return [...others, { language, text, sourceHash: sourceHash(source) }];
}

/** An issue in another language, as far as it is translated, and what is missing or stale. */
export function translateIssue(
  issue: IssueDocument,
  language: string,
): { readonly issue: IssueDocument; readonly gaps: readonly TranslationGap[] } {
  if (language === issue.language) return { issue, gaps: [] };
  const gaps: TranslationGap[] = [];
  const text = (source: string, translations: readonly Translation[] | undefined, place: string): string => {
    if (source === '') return source;
    const found = translations?.find((each) => each.language === language);
    if (found?.sourceHash !== sourceHash(source))
      gaps.push({ place, state: found === undefined ? 'missing' : 'stale' });
    return found?.text ?? source;
  };
  const blocks = (all: readonly Block[], place: string): Block[] =>
    all.map((block, index) => {
      const source = translatableText(block);
      if (source === undefined) return block;
      return translated(block, text(source, block.translations, `${place}[${index}]`));
    });
  const titled = <T extends Pick<IssueDocument, 'title' | 'titleTranslations'>>(one: T, place: string): T => ({
    ...one,
    title: text(one.title, one.titleTranslations, `${place}title`),
  });
  return {
    issue: {
      ...titled(issue, ''),
      language,
      introduction: blocks(issue.introduction, 'introduction'),
      sections: issue.sections.map((section, s) => ({
        ...titled(section, `sections[${s}].`),
        introduction: blocks(section.introduction, `sections[${s}].introduction`),
        stories: section.stories.map((story, n) => ({
          ...titled(story, `sections[${s}].stories[${n}].`),
          blocks: blocks(story.blocks, `sections[${s}].stories[${n}].blocks`),
        })),
      })),
      ...(issue.afterword === undefined
        ? {}
        : {
            afterword: {
              ...titled(issue.afterword, 'afterword.'),
              blocks: blocks(issue.afterword.blocks, 'afterword.blocks'),
            },
          }),
    },
    gaps,
  };
}

/** A block that says what its translation does. */
function translated(block: Block, text: string): Block {
  if (block.kind !== 'details' && block.kind !== 'image') return { ...block, text };
  const end = text.indexOf('\n');
  const [first, rest] = end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)];
  if (block.kind === 'details') return { ...block, title: first, text: rest };
  return { ...block, alt: first, ...(rest === '' ? {} : { caption: rest }) };
}

/**
 * The issue with another text of it as its translation: blocks are paired by their order within the same story, where both have
 * as many of the same kinds. What cannot be paired is not taken; its places are given.
 */
export function pairTranslation(
  issue: IssueDocument,
  other: IssueDocument,
): { readonly issue: IssueDocument; readonly unpaired: readonly string[] } {
  const unpaired: string[] = [];
  const { language } = other;
  const blocks = (all: readonly Block[], texts: readonly Block[] | undefined, place: string): Block[] => {
    const isPaired = texts?.length === all.length && all.every(({ kind }, index) => kind === texts[index]!.kind);
    if (!isPaired) {
      if (all.length > 0) unpaired.push(place);
      return [...all];
    }
    return all.map((block, index) => {
      const source = translatableText(block);
      const text = translatableText(texts[index]!);
      if (source === undefined || text === undefined) return block;
      return { ...block, translations: withTranslation(source, block.translations, language, text) };
    });
  };
  const titled = <T extends Pick<IssueDocument, 'title' | 'titleTranslations'>>(
    one: T,
    title: string | undefined,
  ): T =>
    title === undefined || one.title === ''
      ? one
      : { ...one, titleTranslations: withTranslation(one.title, one.titleTranslations, language, title) };
  return {
    issue: {
      ...titled(issue, other.title),
      introduction: blocks(issue.introduction, other.introduction, 'introduction'),
      sections: issue.sections.map((section, s) => {
        const their = other.sections[s];
        return {
          ...titled(section, their?.title),
          introduction: blocks(section.introduction, their?.introduction, `sections[${s}].introduction`),
          stories: section.stories.map((story, n) => {
            const one = their?.stories.find(({ url }) => url !== undefined && url === story.url) ?? their?.stories[n];
            const place = `sections[${s}].stories[${n}]`;
            return { ...titled(story, one?.title), blocks: blocks(story.blocks, one?.blocks, `${place}.blocks`) };
          }),
        };
      }),
      ...(issue.afterword === undefined
        ? {}
        : {
            afterword: {
              ...titled(issue.afterword, other.afterword?.title),
              blocks: blocks(issue.afterword.blocks, other.afterword?.blocks, 'afterword.blocks'),
            },
          }),
    },
    unpaired,
  };
}
