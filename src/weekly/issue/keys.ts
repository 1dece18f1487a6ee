import { createHash } from 'node:crypto';
import type { Block, IssueDocument, Section, Story } from './model.ts';
import { pairOf } from './pairing.ts';

/**
 * The keys of an issue made anew of what is in it, so that reading a text twice gives the same: for a text of which there is no
 * earlier issue. Those that an issue has already are kept by `keepKeys`.
 */
export function withFreshKeys(issue: IssueDocument): IssueDocument {
  const storyIds = new Set<string>();
  const sections = keyedBy(issue.sections, ({ title }) => key('section', title));
  return {
    ...issue,
    introduction: keyed(issue.introduction),
    sections: sections.map((section) => ({
      ...section,
      introduction: keyed(section.introduction),
      stories: section.stories.map((story) => ({
        ...story,
        id: free(key('story', story.url ?? story.title), storyIds),
        blocks: keyed(story.blocks),
      })),
    })),
    ...(issue.afterword === undefined
      ? {}
      : { afterword: { ...issue.afterword, blocks: keyed(issue.afterword.blocks) } }),
  };
}

function keyed(blocks: readonly Block[]): Block[] {
  return keyedBy(blocks, (block) => key(block.kind, contentOf(block)));
}

function keyedBy<T extends { readonly id: string }>(all: readonly T[], keyOf: (one: T) => string): T[] {
  const taken = new Set<string>();
  return all.map((one) => ({ ...one, id: free(keyOf(one), taken) }));
}

function free(id: string, taken: Set<string>): string {
  let found = id;
  for (let n = 2; taken.has(found); n++) found = `${id}-${n}`;
  taken.add(found);
  return found;
}

function key(kind: string, content: string): string {
  return `${kind}-${createHash('sha256').update(content).digest('hex').slice(0, 8)}`;
}

/** All that a block says, as one text. */
export function contentOf({ id: _, translations: __, ...content }: Block): string {
  return JSON.stringify(Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The issue that was read, with the keys and translations of the same issue as it was: whatever says the same keeps its key, and so
 * does what was edited, where it is clear which it was.
 */
export function keepKeys(before: IssueDocument, read: IssueDocument): IssueDocument {
  const stories = pairOf(
    before.sections.flatMap((section) => section.stories),
    read.sections.flatMap((section) => section.stories),
    [({ url, title }) => `${url} ${title}`, ({ url }) => url, ({ title }) => title],
    ({ title, blocks }) => `${title} ${blocks.map(({ text }) => text).join(' ')}`,
  );
  const sections = pairOf(before.sections, read.sections, [({ title }) => title], ({ title }) => title);
  const storyIds = new Set<string>();
  const sectionIds = new Set<string>();
  reserve(stories, storyIds);
  reserve(sections, sectionIds);
  return {
    ...read,
    ...translationsOf(before),
    introduction: keepBlocks(before.introduction, read.introduction),
    sections: read.sections.map((section): Section => {
      const was = sections.get(section);
      return {
        ...section,
        ...(was === undefined ? { id: free(section.id, sectionIds) } : { id: was.id, ...translationsOf(was) }),
        introduction: keepBlocks(was?.introduction ?? [], section.introduction),
        stories: section.stories.map((story): Story => {
          const old = stories.get(story);
          return {
            ...story,
            ...(old === undefined ? { id: free(story.id, storyIds) } : { id: old.id, ...translationsOf(old) }),
            blocks: keepBlocks(old?.blocks ?? [], story.blocks),
          };
        }),
      };
    }),
    ...(read.afterword === undefined
      ? {}
      : {
          afterword: {
            ...read.afterword,
            ...(before.afterword === undefined ? {} : translationsOf(before.afterword)),
            blocks: keepBlocks(before.afterword?.blocks ?? [], read.afterword.blocks),
          },
        }),
  };
}

function reserve<T extends { readonly id: string }>(pairs: ReadonlyMap<T, T>, taken: Set<string>): void {
  for (const { id } of pairs.values()) taken.add(id);
}

function translationsOf({ titleTranslations }: Pick<Section, 'titleTranslations'>): Pick<Section, 'titleTranslations'> {
  return titleTranslations === undefined ? {} : { titleTranslations };
}

function keepBlocks(before: readonly Block[], read: readonly Block[]): Block[] {
  const pairs = pairOf(
    before,
    read,
    [contentOf],
    ({ kind, text, url, alt }) => `${kind} ${text ?? ''} ${url ?? ''} ${alt ?? ''}`,
  );
  const taken = new Set<string>();
  reserve(pairs, taken);
  return read.map((block) => {
    const was = pairs.get(block);
    if (was === undefined) return { ...block, id: free(block.id, taken) };
    const { translations } = was;
    return { ...block, id: was.id, ...(translations === undefined ? {} : { translations }) };
  });
}
