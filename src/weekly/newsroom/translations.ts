import type { KubeObject } from 'nekube/apimachinery';
import type { NewCondition } from 'nekube/controller';
import type { IssueDocument } from '../issue/model.ts';
import { normalizeIssue } from '../issue/normalize.ts';
import { type IssueText, textsOf } from '../issue/texts.ts';
import { type PlacedTranslation, sourceHash } from '../issue/translate.ts';
import { type IssueObject, type StoryObject, WEEKLY_API } from '../resources/kinds.ts';
import { composeIssue } from './compose.ts';

/** How a translation of an object is behind its texts; `orphaned`: the text that it is of is no more. */
export interface TranslationState {
  readonly language: string;
  readonly place: string;
  readonly state: 'missing' | 'stale' | 'orphaned';
}

type Translated = Pick<StoryObject, 'metadata'> & {
  readonly spec: { readonly translations?: readonly PlacedTranslation[] };
};

/** What is behind in a Story's translations, in the languages that it is translated to. */
export function storyTranslations(story: StoryObject): readonly TranslationState[] {
  const { title, blocks = [], url } = story.spec;
  const own = { id: '', title, blocks, ...(url !== undefined && { url }) };
  const issue = documentOf({ sections: [{ id: '', title: '', introduction: [], stories: [own] }] });
  const below = 'stories//';
  const texts = textsOf(issue).filter(({ place }) => place.startsWith(below));
  return statesOf(
    texts.map((text) => ({ ...text, place: text.place.slice(below.length) })),
    story.spec.translations,
  );
}

/** What is behind in an Issue's translations but those of its stories, in the languages that it is translated to. */
export function issueTranslations(issue: IssueObject): readonly TranslationState[] {
  return statesOf(textsOf(normalizeIssue(composeIssue(issue, []).document)), issue.spec.translations);
}

function documentOf(parts: Partial<IssueDocument>): IssueDocument {
  return normalizeIssue({
    language: '',
    title: '',
    topics: [],
    published: false,
    introduction: [],
    sections: [],
    ...parts,
  });
}

function statesOf(
  texts: readonly IssueText[],
  translations: readonly PlacedTranslation[] = [],
): readonly TranslationState[] {
  const languages = [...new Set(translations.map(({ language }) => language))].sort();
  const places = new Set(texts.map(({ place }) => place));
  return languages.flatMap((language): TranslationState[] => {
    const own = new Map(translations.filter((one) => one.language === language).map((one) => [one.place, one]));
    const behind = texts.flatMap(({ place, text }): TranslationState[] => {
      const found = own.get(place);
      if (found === undefined) return [{ language, place, state: 'missing' }];
      return found.sourceHash === sourceHash(text) ? [] : [{ language, place, state: 'stale' }];
    });
    const orphaned = [...own.keys()].filter((place) => !places.has(place));
    return [...behind, ...orphaned.map((place): TranslationState => ({ language, place, state: 'orphaned' }))];
  });
}

const REASONS = { stale: 'Stale', missing: 'Missing', orphaned: 'Orphaned' } as const;
const WHY = {
  stale: 'the text has changed since it was translated',
  missing: 'not translated',
  orphaned: 'the text is no more',
} as const;

/**
 * The condition `TranslationsFresh` of an object that is translated: False where a text has changed since, or is not translated though others
 * are. A translation of a text that is no more does no harm, and is told.
 */
export function translationsFresh(
  translations: readonly PlacedTranslation[] | undefined,
  states: readonly TranslationState[],
): NewCondition | undefined {
  if (translations === undefined || translations.length === 0) return undefined;
  const worst = (['stale', 'missing', 'orphaned'] as const).find((state) => states.some((one) => one.state === state));
  const sentences = states.map(({ language, place, state }) => `${language}: ${place}: ${WHY[state]}`);
  return {
    type: 'TranslationsFresh',
    status: worst === 'stale' || worst === 'missing' ? 'False' : 'True',
    reason: worst === undefined ? 'Fresh' : REASONS[worst],
    message: sentences.join('; ').slice(0, 2048),
  };
}

/** An apply of translations. */
export interface TranslationsApply {
  readonly fieldManager: string;
  readonly configuration: KubeObject & { readonly spec: { readonly translations: readonly PlacedTranslation[] } };
}

/**
 * What an editor applies to translate an object to a language: what differs from what is there, and what this editor translated before, in
 * this and other languages. What others translated and this editor left as it is stays theirs. Translations have a manager of their own
 * beside the editor's, so that the text that the same editor applies does not take them away. Undefined: nothing is to be applied.
 */
export function translationsApply(
  kind: 'Story' | 'Issue',
  { metadata, spec }: Translated,
  editor: string,
  language: string,
  translations: readonly PlacedTranslation[],
): TranslationsApply | undefined {
  const fieldManager = `${editor}.translations`;
  const owned = ownedBy(fieldManager, metadata.managedFields);
  const there = new Map((spec.translations ?? []).map((one) => [keyOf(one), one]));
  const others = [...there.values()].filter((one) => one.language !== language && owned.has(keyOf(one)));
  const own = translations.filter((one) => {
    const found = there.get(keyOf(one));
    return owned.has(keyOf(one)) || found?.text !== one.text || found.sourceHash !== one.sourceHash;
  });
  if (own.length === 0 && owned.size === 0) return undefined;
  const { name, namespace } = metadata;
  const configuration = {
    apiVersion: WEEKLY_API,
    kind,
    metadata: { name: name!, namespace: namespace! },
    spec: { translations: [...others, ...own] },
  };
  return { fieldManager, configuration };
}

function keyOf({ language, place }: Pick<PlacedTranslation, 'language' | 'place'>): string {
  return `${language} ${place}`;
}

/** The translations that a manager owns. */
function ownedBy(manager: string, managedFields: Translated['metadata']['managedFields']): ReadonlySet<string> {
  const entry = managedFields?.find((one) => one.manager === manager && one.operation === 'Apply');
  const fields = entry?.fieldsV1 as { readonly 'f:spec'?: { readonly 'f:translations'?: object } } | undefined;
  const keys = Object.keys(fields?.['f:spec']?.['f:translations'] ?? {}).filter((key) => key.startsWith('k:'));
  return new Set(keys.map((key) => keyOf(JSON.parse(key.slice(2)) as PlacedTranslation)));
}
