import type { Block, IssueDocument } from '../issue/model.ts';
import { plainText } from '../markdown/inline.ts';

/** An issue as text without any markup, for readers of mail who want it so. */
export function writePlainText({ title, introduction, sections, afterword }: IssueDocument): string {
  const parts = [
    underlined(title, '='),
    ...introduction.map(textOfBlock),
    ...sections.flatMap((section) => [
      underlined(`${section.emoji === undefined ? '' : `${section.emoji} `}${plainText(section.title)}`, '='),
      ...section.introduction.map(textOfBlock),
      ...section.stories.flatMap((story) => [
        underlined(plainText(story.title), '-'),
        ...story.blocks.map(textOfBlock),
      ]),
    ]),
    ...(afterword === undefined
      ? []
      : [underlined(plainText(afterword.title), '='), ...afterword.blocks.map(textOfBlock)]),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function underlined(text: string, sign: string): string {
  return text === '' ? '' : `${text}\n${sign.repeat(Math.min(72, Math.max(3, text.length)))}`;
}

/** A block as text. */
export function textOfBlock({ kind, text = '', url = '', alt, caption, title, service }: Omit<Block, 'id'>): string {
  switch (kind) {
    case 'paragraph':
    case 'heading':
      return withAddresses(text);
    case 'card':
      return url;
    case 'image':
      return [alt ?? '', caption ?? '', url].filter((part) => part !== '').join('\n');
    case 'details':
      return `${title}\n${text}`;
    case 'embed':
      return `${service}: ${text}`;
    case 'divider':
      return '-'.repeat(20);
    case 'raw':
      return text.startsWith('<!--') ? '' : text;
    default:
      return text;
  }
}

/** Text in which links are followed by where they lead. */
function withAddresses(text: string): string {
  return plainText(
    text.replace(
      /(?<!!)\[((?:[^\\[\]]|\\.)+)\]\((https?:\/\/[^\s()]+)\)/g,
      (_, words: string, url: string) => `${words} (${url})`,
    ),
  );
}
