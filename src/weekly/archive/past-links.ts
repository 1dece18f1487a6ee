import type { Block, IssueDocument } from '../issue/model.ts';
import type { PastIssue } from './archive.ts';

/** A link to a past issue that was made of its mention. */
export interface PastLink {
  readonly mention: string;
  readonly past: PastIssue;
  readonly url: string;
}

/**
 * An issue in which mentions of past ones (by their titles, with or without brackets around the day) are links. What is a link or
 * code already stays.
 *
 * @param url where a past issue is; one without an address is not linked
 */
export function linkPastIssues(
  issue: IssueDocument,
  past: readonly PastIssue[],
  url: (past: PastIssue) => string | undefined,
): { readonly issue: IssueDocument; readonly links: readonly PastLink[] } {
  const links: PastLink[] = [];
  const known = past
    .filter((each) => each.issue.title !== '' && each.issue.title !== issue.title)
    .flatMap((each) => {
      const address = url(each);
      return address === undefined ? [] : [{ past: each, address, pattern: mentionOf(each.issue.title) }];
    });
  const blocks = (all: readonly Block[]): Block[] =>
    all.map((block) => {
      if (block.kind !== 'paragraph' || block.text === undefined) return block;
      let text = block.text;
      for (const { past: found, address, pattern } of known) {
        text = outsideLinks(text, (part) =>
          part.replace(pattern, (mention) => {
            links.push({ mention, past: found, url: address });
            return `[${mention.replace(/[[\]]/g, '\\$&')}](${address})`;
          }),
        );
      }
      return text === block.text ? block : { ...block, text };
    });
  return {
    issue: {
      ...issue,
      introduction: blocks(issue.introduction),
      sections: issue.sections.map((section) => ({
        ...section,
        introduction: blocks(section.introduction),
        stories: section.stories.map((story) => ({ ...story, blocks: blocks(story.blocks) })),
      })),
      ...(issue.afterword === undefined
        ? {}
        : { afterword: { ...issue.afterword, blocks: blocks(issue.afterword.blocks) } }),
    },
    links,
  };
}

/** A title as people write it: with any spaces and brackets between its words. */
function mentionOf(title: string): RegExp {
  const words = title.split(/[\s()（）[\]]+/).filter((word) => word !== '');
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(escaped.join('[\\s()（）]*'), 'g');
}

/** Changes what is neither code nor a link. */
function outsideLinks(text: string, change: (part: string) => string): string {
  return text
    .split(/(`+[^`]*`+|!?\[(?:[^\\[\]]|\\.)*\]\([^)]*\)|<[^>]*>|https?:\/\/\S+)/)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join('');
}
