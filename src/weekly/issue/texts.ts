import type { Afterword, Block, IssueDocument, Section, Story, Translation } from './model.ts';

/** A text of an issue that readers read, and that may be translated. */
export interface IssueText {
  /** Where it is, by ids, so that it is the same text when others move: `title`, `introduction/ID`, `stories/ID/blocks/ID`. */
  readonly place: string;
  /** What stands there. */
  readonly text: string;
  readonly translations?: readonly Translation[];
}

/** What becomes of a text. */
export type ChangedText = Pick<IssueText, 'text' | 'translations'>;

/** All texts of an issue, in the order of readers. */
export function textsOf(issue: IssueDocument): IssueText[] {
  const texts: IssueText[] = [];
  mapTexts(issue, (text) => {
    texts.push(text);
    return text;
  });
  return texts;
}

/** An issue with its texts changed; a text that is empty is none, and is left out. */
export function mapTexts(issue: IssueDocument, change: (text: IssueText) => ChangedText): IssueDocument {
  const at = (place: string): Change => ({
    title: (one) => titled(one, `${place}title`, change),
    blocks: (all) => all.map((block) => changedBlock(block, `${place}${block.id}`, change)),
  });
  return {
    ...at('').title(issue),
    introduction: at('introduction/').blocks(issue.introduction),
    sections: issue.sections.map((section) => ({
      ...at(`sections/${section.id}/`).title(section),
      introduction: at(`sections/${section.id}/introduction/`).blocks(section.introduction),
      stories: section.stories.map((story) => ({
        ...at(`stories/${story.id}/`).title(story),
        blocks: at(`stories/${story.id}/blocks/`).blocks(story.blocks),
      })),
    })),
    ...(issue.afterword === undefined
      ? {}
      : {
          afterword: {
            ...at('afterword/').title(issue.afterword),
            blocks: at('afterword/blocks/').blocks(issue.afterword.blocks),
          },
        }),
  };
}

type Titled = IssueDocument | Section | Story | Afterword;

interface Change {
  readonly title: <T extends Titled>(one: T) => T;
  readonly blocks: (all: readonly Block[]) => readonly Block[];
}

function titled<T extends Titled>(one: T, place: string, change: (text: IssueText) => ChangedText): T {
  const { titleTranslations, ...rest } = one;
  if (one.title === '') return one;
  const { text, translations } = change(withTranslationsOf({ place, text: one.title }, titleTranslations));
  const changed = { ...rest, title: text };
  return (isNone(translations) ? changed : { ...changed, titleTranslations: translations }) as T;
}

function changedBlock(block: Block, place: string, change: (text: IssueText) => ChangedText): Block {
  const source = translatableText(block);
  if (source === undefined || source === '') return block;
  const { translations: before, ...rest } = block;
  const { text, translations } = change(withTranslationsOf({ place, text: source }, before));
  const changed = text === source ? rest : blockWithText(rest, text);
  return isNone(translations) ? changed : { ...changed, translations };
}

function withTranslationsOf(text: IssueText, translations: readonly Translation[] | undefined): IssueText {
  return translations === undefined ? text : { ...text, translations };
}

function isNone(translations: readonly Translation[] | undefined): translations is undefined {
  return translations === undefined || translations.length === 0;
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

/** A block that says another text, of the form that `translatableText` gives. */
function blockWithText(block: Block, text: string): Block {
  if (block.kind !== 'details' && block.kind !== 'image') return { ...block, text };
  const end = text.indexOf('\n');
  const [first, rest] = end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)];
  if (block.kind === 'details') return { ...block, title: first, text: rest };
  return { ...block, alt: first, ...(rest === '' ? {} : { caption: rest }) };
}
