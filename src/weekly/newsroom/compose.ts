import { type JsonObject, parseYaml, stringifyYaml } from 'nekube/apimachinery';
import type { IssueDocument, Story } from '../issue/model.ts';
import { type PlacedTranslation, translationsOf, withTranslations } from '../issue/translate.ts';
import type { IssueObject, IssueSpec, StoryObject, StorySpec } from '../resources/kinds.ts';
import { storyName } from '../sources/proposals.ts';
import { inOrder } from './agenda.ts';

/** An issue put together from its objects. */
export interface Composed {
  readonly document: IssueDocument;
  /** Stories that were left out, and why: sentences. */
  readonly leftOut: readonly string[];
}

/**
 * The document that an Issue and the Stories that name it are. Stories that are accepted are told, each in its section by its `order`, then by
 * votes; one without a section in the first.
 */
export function composeIssue(issue: IssueObject, stories: readonly StoryObject[]): Composed {
  const {
    frontMatter,
    session: _,
    sections = [],
    introduction = [],
    afterword,
    topics = [],
    language = 'ja',
    translations = [],
    ...spec
  } = issue.spec;
  const leftOut: string[] = [];
  const own = stories
    .filter(({ spec: story }) => story.issueRef?.name === issue.metadata.name && story.state === 'Accepted')
    .sort(inOrder);
  for (const { metadata, spec: story } of own)
    if (story.section !== undefined && !sections.some(({ id }) => id === story.section))
      leftOut.push(`Story ${metadata.name} is for section "${story.section}", which the issue does not have`);
  if (sections.length === 0 && own.length > 0) leftOut.push('The issue has no section for its stories');
  const document: IssueDocument = {
    ...spec,
    language,
    topics,
    published: issue.status?.publishedTime !== undefined,
    introduction,
    sections: sections.map((section, i) => ({
      ...section,
      introduction: section.introduction ?? [],
      stories: storiesOf(section.id, i === 0, own),
    })),
    ...(afterword && { afterword: { ...afterword, blocks: afterword.blocks ?? [] } }),
    ...(frontMatter !== undefined && { frontMatter: parseYaml(frontMatter) as JsonObject }),
  };
  const translated = [...translations, ...own.flatMap(translationsOfStory)];
  return { document: translated.length === 0 ? document : withTranslations(document, translated), leftOut };
}

/** Its translations, with their places in an issue. */
function translationsOfStory({ metadata, spec }: StoryObject): readonly PlacedTranslation[] {
  return (spec.translations ?? []).map((one) => ({ ...one, place: `stories/${metadata.name}/${one.place}` }));
}

function storiesOf(section: string, isFirst: boolean, stories: readonly StoryObject[]): readonly Story[] {
  return stories
    .filter(({ spec }) => (spec.section === undefined ? isFirst : spec.section === section))
    .map(({ metadata, spec: { title, url, presenter, blocks = [] } }) => ({
      id: metadata.name!,
      title,
      ...(url !== undefined && { url }),
      ...(presenter !== undefined && { presenter }),
      blocks,
    }));
}

/** The objects that a document is. */
export interface Decomposed {
  readonly issue: { readonly name: string; readonly spec: IssueSpec };
  readonly stories: readonly { readonly name: string; readonly spec: StorySpec }[];
}

/**
 * Takes a document apart into an Issue and a Story for each of its stories; `composeIssue` makes the same of them, but for the ids of stories,
 * which are the names of objects then. Names are those of the same document in every import: a second one changes nothing.
 */
export function decomposeIssue(document: IssueDocument & { readonly number: number }): Decomposed {
  const translations = translationsOf(document);
  const {
    sections,
    frontMatter,
    published: _,
    publishedAt: __,
    introduction,
    topics,
    ...rest
  } = withTranslations(document, []) as typeof document;
  const name = `issue-${document.number}`;
  const own = translations.filter(({ place }) => !place.startsWith('stories/'));
  const spec: IssueSpec = {
    ...rest,
    ...(topics.length > 0 && { topics }),
    ...(introduction.length > 0 && { introduction }),
    sections: sections.map(({ stories: _stories, ...section }) => section),
    ...(frontMatter !== undefined && { frontMatter: stringifyYaml(frontMatter as JsonObject) }),
    ...(own.length > 0 && { translations: own }),
  };
  const taken = new Set<string>();
  const stories = sections.flatMap((section) =>
    section.stories.map((story, i) => ({
      name: nameOf(story, name, taken),
      spec: {
        ...storySpec(story, { section: section.id, order: (i + 1) * 10, issue: name }),
        ...translationsBelow(`stories/${story.id}/`, translations),
      },
    })),
  );
  return { issue: { name, spec }, stories };
}

function translationsBelow(prefix: string, all: readonly PlacedTranslation[]): Pick<StorySpec, 'translations'> {
  const translations = all
    .filter(({ place }) => place.startsWith(prefix))
    .map((one) => ({ ...one, place: one.place.slice(prefix.length) }));
  return translations.length === 0 ? {} : { translations };
}

/** Of an issue's own, since a page may be told again in a later one. */
function nameOf({ url, id }: Story, issue: string, taken: Set<string>): string {
  const page = url === undefined ? undefined : storyName(url);
  const own = `${issue}-${
    page ??
    id
      .replace(/[^a-z0-9-]+/gi, '-')
      .toLowerCase()
      .replace(/^-+|-+$/g, '')
  }`;
  for (let i = 1; ; i++) {
    const name = i === 1 ? own : `${own}-${i}`;
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}

function storySpec(
  { id: _, blocks, ...story }: Story,
  { section, order, issue }: { readonly section: string; readonly order: number; readonly issue: string },
): StorySpec {
  return {
    ...story,
    ...(blocks.length > 0 && { blocks }),
    state: 'Accepted',
    issueRef: { name: issue },
    section,
    order,
  };
}
