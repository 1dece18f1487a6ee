import { createHash } from 'node:crypto';
import type { Block, IssueDocument, Translation } from './model.ts';
import { type IssueText, mapTexts, textsOf, translatableText } from './texts.ts';

/** A translation of a text of an issue, with where that text is (`IssueText.place`): the form in which editors own each by itself. */
export interface PlacedTranslation extends Translation {
  readonly place: string;
}

/** What is behind in a translation, and where. */
export interface TranslationGap {
  /** Of the text, by ids: `stories/ID/blocks/ID`. */
  readonly place: string;
  /** `stale`: the text changed since it was translated. */
  readonly state: 'missing' | 'stale';
}

/** The mark of a text, by which its translations know whether it is still the one that was translated. */
export function sourceHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** The translations of a text with one more, or another one, of the text as it is now. */
export function withTranslation(
  source: string,
  translations: readonly Translation[] | undefined,
  language: string,
  text: string,
): Translation[] {
  return [...othersOf(translations, language), { language, text, sourceHash: sourceHash(source) }];
}

function othersOf(translations: readonly Translation[] | undefined, language: string): readonly Translation[] {
  return (translations ?? []).filter((each) => each.language !== language);
}

/** How far one text is translated; undefined: wholly. */
export function gapOf({ text, translations }: IssueText, language: string): TranslationGap['state'] | undefined {
  const found = translations?.find((each) => each.language === language);
  if (found === undefined) return 'missing';
  return found.sourceHash === sourceHash(text) ? undefined : 'stale';
}

/** An issue in another language, as far as it is translated, and what is missing or stale. */
export function translateIssue(
  issue: IssueDocument,
  language: string,
): { readonly issue: IssueDocument; readonly gaps: readonly TranslationGap[] } {
  if (language === issue.language) return { issue, gaps: [] };
  const gaps: TranslationGap[] = [];
  const translated = mapTexts(issue, (text) => {
    const { place, translations } = text;
    const state = gapOf(text, language);
    if (state !== undefined) gaps.push({ place, state });
    return { ...text, text: translations?.find((each) => each.language === language)?.text ?? text.text };
  });
  return { issue: { ...translated, language }, gaps };
}

/** All translations of an issue, in the order of the texts. */
export function translationsOf(issue: IssueDocument): readonly PlacedTranslation[] {
  return textsOf(issue).flatMap(({ place, translations = [] }) => translations.map((each) => ({ place, ...each })));
}

/** The issue with these translations and no others; those of places that it does not have are left out. */
export function withTranslations(issue: IssueDocument, all: readonly PlacedTranslation[]): IssueDocument {
  const byPlace = new Map<string, Translation[]>();
  for (const { place, ...translation } of all) {
    if (!byPlace.has(place)) byPlace.set(place, []);
    byPlace.get(place)!.push(translation);
  }
  return mapTexts(issue, ({ place, text }) => {
    const translations = byPlace.get(place);
    return { text, ...(translations !== undefined && { translations }) };
  });
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
  const texts = new Map<string, string>();
  const blocks = (all: readonly Block[], their: readonly Block[] | undefined, place: string): void => {
    const isPaired = their?.length === all.length && all.every(({ kind }, index) => kind === their[index]!.kind);
    if (!isPaired && all.some((block) => translatableText(block) !== undefined)) unpaired.push(place);
    if (!isPaired) return;
    for (const [index, { id }] of all.entries()) {
      const text = translatableText(their[index]!);
      if (text !== undefined) texts.set(`${place}/${id}`, text);
    }
  };
  const title = (place: string, text: string | undefined): void => {
    if (text !== undefined && text !== '') texts.set(place, text);
  };
  title('title', other.title);
  blocks(issue.introduction, other.introduction, 'introduction');
  for (const [s, section] of issue.sections.entries()) {
    const their = other.sections[s];
    title(`sections/${section.id}/title`, their?.title);
    blocks(section.introduction, their?.introduction, `sections/${section.id}/introduction`);
    for (const [n, { id, url, blocks: own }] of section.stories.entries()) {
      const one = their?.stories.find((each) => each.url !== undefined && each.url === url) ?? their?.stories[n];
      title(`stories/${id}/title`, one?.title);
      blocks(own, one?.blocks, `stories/${id}/blocks`);
    }
  }
  title('afterword/title', other.afterword?.title);
  blocks(issue.afterword?.blocks ?? [], other.afterword?.blocks, 'afterword/blocks');
  const paired = mapTexts(issue, (text) => {
    const found = texts.get(text.place);
    return found === undefined
      ? text
      : { ...text, translations: withTranslation(text.text, text.translations, language, found) };
  });
  return { issue: paired, unpaired };
}
