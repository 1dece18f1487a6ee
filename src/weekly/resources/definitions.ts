import type { KubeObject } from 'nekube/apimachinery';
import {
  column,
  CONDITIONS,
  type Definition,
  definitionOf,
  integer,
  list,
  object,
  oneOf,
  reference,
  rules,
  text,
  time,
} from 'nekube/definitions';
import { SUBJECT_STATES } from '../subjects/subject-state.ts';
import { EDITOR_LENGTH, EDITOR_SHAPE } from '../newsroom/editor-name.ts';
import { AFTERWORD, BLOCKS, SECTIONS, TRANSLATIONS } from './document-schema.ts';
import { REPOSITORY } from '../github/repository.ts';
import { FEED_TYPES, LANGUAGE_TAG, PUBLICATION_FORMATS, STORY_STATES, WEEKLY_API } from './kinds.ts';

const [GROUP = '', VERSION = ''] = WEEKLY_API.split('/');
const URL_OF_PAGE = { pattern: '^https?://', maxLength: 4096 };
const AGE = column('Age', '.metadata.creationTimestamp', { type: 'date' });
const condition = (type: string): string => `.status.conditions[?(@.type=="${type}")].status`;

/** What differs between the newsroom's kinds. */
type Kind = Omit<Definition, 'group' | 'version' | 'scope' | 'categories'>;

const FEED: Kind = {
  kind: 'Feed',
  plural: 'feeds',
  description:
    'A Feed is looked at for what may become stories: a feed of the web, what goes on in a repository of GitHub, or the Keps of the server.',
  spec: object(
    {
      type: oneOf(FEED_TYPES, 'A feed; what goes on in a repository of GitHub; the Keps of this server.', {
        default: 'Feed',
      }),
      url: text('Of a Feed.', URL_OF_PAGE),
      repository: text('OWNER/NAME on GitHub.', { pattern: REPOSITORY.source, maxLength: 140 }),
      intervalSeconds: integer('How often it is looked at, at most.', { minimum: 60, maximum: 604800, default: 3600 }),
      weightPercent: integer('How much is thought of it: 100 as of others.', {
        minimum: 1,
        maximum: 1600,
        default: 100,
      }),
      section: text('The section that its stories are proposed for.', { maxLength: 63 }),
      include: list(text(undefined, { minLength: 1, maxLength: 100 }), 'Words of which a title must have one.', {
        maxItems: 64,
      }),
      exclude: list(text(undefined, { minLength: 1, maxLength: 100 }), 'Words that a title must not have.', {
        maxItems: 64,
      }),
      suspend: { type: 'boolean', default: false },
    },
    [],
    rules(
      ["self.type != 'Feed' || has(self.url)", 'url is required where type is Feed'],
      [
        "!has(self.url) || !self.url.matches('^https?://[^/?#]*@')",
        'url must not have a password, which all who may read feeds would see',
      ],
      ["!self.type.startsWith('GitHub') || has(self.repository)", 'repository is required of GitHub'],
    ),
  ),
  status: object({
    observedGeneration: integer(),
    title: text(),
    url: text('Where it has moved to, for good.'),
    etag: text(),
    lastModified: text(),
    bodyHash: text('Of what was read last.'),
    hints: object({ intervalSeconds: integer(), skipHours: list(integer()), skipDays: list(integer()) }, [], {
      description: 'What it asks for.',
    }),
    lastPollTime: time(),
    nextPollTime: time(),
    lastSuccessTime: time('When it was read last, or had not changed.'),
    failures: integer('How often in a row it failed.', { minimum: 0 }),
    items: integer('Items that it has now.', { minimum: 0 }),
    proposed: integer('Stories that were proposed of it.', { minimum: 0 }),
    refused: integer('Items of the last round that could not be stories.', { minimum: 0 }),
    seen: list(text(), 'Hashes of items that were seen.', { maxItems: 1000 }),
    conditions: CONDITIONS,
  }),
  columns: [
    column('Title', '.status.title'),
    column('Ready', condition('Ready')),
    column('Items', '.status.items', { type: 'integer' }),
    column('Proposed', '.status.proposed', { type: 'integer' }),
    column('Polled', '.status.lastPollTime', { type: 'date' }),
    column('URL', '.spec.url', { priority: 1 }),
    AGE,
  ],
};

const SUCCESSOR = object({ url: text(), title: text(), state: oneOf(SUBJECT_STATES) }, ['url', 'title', 'state']);
const SUBJECT = object(
  { state: oneOf(SUBJECT_STATES), title: text(), url: text(), since: time(), successor: SUCCESSOR },
  ['state', 'title', 'url'],
);

const VOTE: Kind = {
  kind: 'Vote',
  plural: 'votes',
  description: 'A Vote is what somebody thinks of a story: that it is worth telling, or is not.',
  spec: object(
    {
      storyRef: reference('The Story.'),
      voter: text('Who votes: the name of an editor.', { pattern: EDITOR_SHAPE, maxLength: EDITOR_LENGTH }),
      user: text('Who that is for the server.', { minLength: 1, maxLength: 253 }),
      value: oneOf(['For', 'Against'], undefined, { default: 'For' }),
      comment: text(undefined, { maxLength: 4096 }),
    },
    ['storyRef', 'voter'],
    rules(
      ['self.storyRef.name == oldSelf.storyRef.name', 'storyRef is immutable'],
      ['self.voter == oldSelf.voter', 'voter is immutable'],
    ),
  ),
  selectable: ['.spec.storyRef.name', '.spec.voter'],
  columns: [
    column('Story', '.spec.storyRef.name'),
    column('Voter', '.spec.voter'),
    column('User', '.spec.user', { priority: 1 }),
    column('Value', '.spec.value'),
    AGE,
  ],
  rules: rules([
    "self.metadata.name == self.spec.storyRef.name + '.' + self.spec.voter",
    'the name must be STORY.VOTER, so that everybody has one vote',
  ]),
};

const STORY_SPEC = object(
  {
    title: text('Inline Markdown.', { minLength: 1, maxLength: 500 }),
    translations: TRANSLATIONS,
    url: text('The page that it is about.', URL_OF_PAGE),
    blocks: BLOCKS,
    // no default: who creates a story would own it, and be in conflict with whoever decides
    state: oneOf(STORY_STATES, 'Absent: thought worth telling; for an issue; not told.'),
    publishedTime: time('When what it is about was published.'),
    feedRef: reference('The Feed that it is of.'),
    issueRef: reference('The Issue that tells it.'),
    section: text('The id of a section of that Issue.', { maxLength: 63 }),
    order: integer('Place in its section: lower is earlier; absent: by rank.'),
    proposedBy: text('Who added it; absent: a feed did.', { maxLength: 63 }),
    presenter: text('Who presents it in the session.', { maxLength: 63 }),
    notes: text('What was said in the session; not published.', { maxLength: 65536 }),
    followsRef: reference('The Story that it follows up.'),
  },
  ['title'],
);

const DUPLICATE = object({ name: text(), by: oneOf(['URL', 'Title']), issueNumber: integer() }, ['name', 'by']);

const STORY_STATUS = object({
  observedGeneration: integer(),
  canonicalURL: text(),
  votesFor: integer(undefined, { minimum: 0 }),
  votesAgainst: integer(undefined, { minimum: 0 }),
  duplicateOf: list(DUPLICATE, 'Stories that tell the same.', { maxItems: 32 }),
  subject: { ...SUBJECT, description: 'How far the pull request, issue or release is.' },
  told: { ...SUBJECT, description: 'How far it was when readers were told.' },
  checkedTime: time('When the subject was asked for last.'),
  conditions: CONDITIONS,
});

const STORY: Kind = {
  kind: 'Story',
  plural: 'stories',
  description:
    'A Story is something that may be told in an issue: proposed by a feed or by somebody, voted for, and decided about.',
  spec: STORY_SPEC,
  status: STORY_STATUS,
  selectable: ['.spec.state', '.spec.issueRef.name', '.spec.feedRef.name'],
  columns: [
    column('Title', '.spec.title'),
    column('State', '.spec.state'),
    column('Issue', '.spec.issueRef.name'),
    column('For', '.status.votesFor', { type: 'integer' }),
    column('Against', '.status.votesAgainst', { type: 'integer' }),
    column('Unique', condition('Unique')),
    column('Translated', condition('TranslationsFresh'), { priority: 1 }),
    column('Presenter', '.spec.presenter', { priority: 1 }),
    column('Subject', '.status.subject.state', { priority: 1 }),
    column('URL', '.spec.url', { priority: 1 }),
    AGE,
  ],
};

const ISSUE: Kind = {
  kind: 'Issue',
  plural: 'issues',
  description:
    'An Issue is a number of the weekly: its sections, the order of its stories, and what is said around them.',
  spec: object(
    {
      number: integer('They count from 1.', { minimum: 1, maximum: 1000000 }),
      date: text('YYYY-MM-DD', { format: 'date' }),
      language: text('BCP 47.', { pattern: LANGUAGE_TAG.source, default: 'ja' }),
      title: text('Plain text.', { minLength: 1, maxLength: 200 }),
      translations: TRANSLATIONS,
      slug: text('What it is called in addresses; once it is published it stays.', { maxLength: 50 }),
      emoji: text(undefined, { maxLength: 32 }),
      type: oneOf(['tech', 'idea']),
      topics: list(text(undefined, { minLength: 1, maxLength: 50 }), undefined, { maxItems: 5 }),
      introduction: BLOCKS,
      sections: SECTIONS,
      afterword: AFTERWORD,
      frontMatter: text('Fields of the front matter that mean nothing here, as YAML.', { maxLength: 65536 }),
      session: object({
        time: time(),
        attendees: list(text(undefined, { maxLength: 63 }), undefined, { maxItems: 256 }),
        minutesPerStory: integer(undefined, { minimum: 1, maximum: 240, default: 5 }),
        notes: text(undefined, { maxLength: 262144 }),
      }),
    },
    ['number', 'title'],
    rules(['self.number == oldSelf.number', 'number is immutable']),
  ),
  status: object({
    observedGeneration: integer(),
    stories: integer(undefined, { minimum: 0 }),
    problems: list(text(), 'What has to be mended before it can be published.', { maxItems: 256 }),
    publishedTime: time(),
    conditions: CONDITIONS,
  }),
  columns: [
    column('Number', '.spec.number', { type: 'integer' }),
    column('Title', '.spec.title'),
    column('Date', '.spec.date'),
    column('Stories', '.status.stories', { type: 'integer' }),
    column('Ready', condition('Ready')),
    column('Translated', condition('TranslationsFresh'), { priority: 1 }),
    column('Published', '.status.publishedTime', { type: 'date' }),
    AGE,
  ],
};

const PUBLICATION: Kind = {
  kind: 'Publication',
  plural: 'publications',
  description: 'A Publication brings an issue to a place, in a format and a language.',
  spec: object(
    {
      issueRef: reference('The Issue.'),
      format: oneOf(PUBLICATION_FORMATS, undefined, { default: 'Zenn' }),
      language: text('Absent: that which the issue is written in.', { maxLength: 35 }),
      target: text('The name of a place that whoever runs the newsroom has given it.', { minLength: 1, maxLength: 63 }),
      published: { type: 'boolean', default: false },
      publishedTime: time('When readers see it first.'),
    },
    ['issueRef', 'target'],
    rules(
      ['self.issueRef.name == oldSelf.issueRef.name', 'issueRef is immutable'],
      ['self.target == oldSelf.target', 'target is immutable: what was published there would stay'],
    ),
  ),
  status: object({
    observedGeneration: integer(),
    path: text('Of the file, below its place.'),
    contentHash: text('Of what was written.'),
    commit: text('Where the place is a repository.'),
    publishedTime: time(),
    conditions: CONDITIONS,
  }),
  selectable: ['.spec.issueRef.name'],
  columns: [
    column('Issue', '.spec.issueRef.name'),
    column('Format', '.spec.format'),
    column('Target', '.spec.target'),
    column('Path', '.status.path'),
    column('Published', condition('Published')),
    AGE,
  ],
};

/** The definitions of the newsroom's kinds, for any cluster. Never changed: shared. */
export const WEEKLY_DEFINITIONS: readonly KubeObject[] = [FEED, STORY, VOTE, ISSUE, PUBLICATION].map((kind) =>
  definitionOf({ group: GROUP, version: VERSION, scope: 'Namespaced', categories: ['weekly'], ...kind }),
);
