import type { Block, IssueDocument } from './model.ts';
import { type TranslationGap, translateIssue } from './translate.ts';

/** What readers are told of a text that is not translated, or was before it changed. */
const WORDS = {
  ja: {
    missing: '未翻訳',
    stale: '原文が更新されています',
    missingTitle: '見出しは未翻訳です',
    staleTitle: '見出しの原文が更新されています',
  },
  en: {
    missing: 'not translated yet',
    stale: 'the original has changed since',
    missingTitle: 'the title is not translated yet',
    staleTitle: 'the original of the title has changed since',
  },
} as const;

/** The words for a gap, in the language that readers read. */
export function gapWords({ place, state }: TranslationGap, language: string): string {
  const words = WORDS[language.startsWith('ja') ? 'ja' : 'en'];
  return words[/(?:^|\/)title$/.test(place) ? (`${state}Title` as const) : state];
}

/**
 * An issue in another language as readers get it where nothing but text can mark what is behind: in front of each text that is not translated,
 * or was before it changed, stands a sentence that says so.
 */
export function translatedAndMarked(issue: IssueDocument, language: string): IssueDocument {
  const { issue: translated, gaps } = translateIssue(issue, language);
  if (gaps.length === 0) return translated;
  const states = new Map(gaps.map((gap) => [gap.place, gap]));
  const mark = (place: string): readonly Block[] => {
    const gap = states.get(place);
    if (gap === undefined) return [];
    return [{ id: `gap-${place}`, kind: 'paragraph', text: `*(${gapWords(gap, language)})*` }];
  };
  const marked = (title: string, place: string, blocks: readonly Block[]): readonly Block[] => [
    ...mark(title),
    ...blocks.flatMap((block) => [...mark(`${place}${block.id}`), block]),
  ];
  const { afterword } = translated;
  return {
    ...translated,
    introduction: marked('title', 'introduction/', translated.introduction),
    sections: translated.sections.map((section) => ({
      ...section,
      introduction: marked(
        `sections/${section.id}/title`,
        `sections/${section.id}/introduction/`,
        section.introduction,
      ),
      stories: section.stories.map((story) => ({
        ...story,
        blocks: marked(`stories/${story.id}/title`, `stories/${story.id}/blocks/`, story.blocks),
      })),
    })),
    ...(afterword !== undefined && {
      afterword: { ...afterword, blocks: marked('afterword/title', 'afterword/blocks/', afterword.blocks) },
    }),
  };
}
