/**
 * A team's weekly digest, from feeds to a published issue: feeds in every form and encoding that is met, what is collected of them, the
 * newsroom as resources with their controllers, and issues that are rendered, published, translated and searched.
 *
 * What it does not do: it reaches no server but by the API, so that a newsroom is on any cluster; what reads and writes issues needs none. It
 * runs nothing that a feed says.
 */
export { charsetOf, type DecodedText, decodeText, type EncodingHints } from './feeds/decode-text.ts';
export { parseDate } from './feeds/dates.ts';
export type { Defect, DefectCode } from './feeds/defect.ts';
export { type Answer, GitHubClient, GitHubError, type GitHubOptions, type GitHubRequest } from './github/client.ts';
export { type GitHubExport, readGitHubExport } from './github/export-file.ts';
export { REPOSITORY } from './github/repository.ts';
export type { GitHubRecord } from './github/record.ts';
export {
  type Afterword,
  BLOCK_KINDS,
  type Block,
  type BlockKind,
  type IssueDocument,
  type IssueType,
  type Section,
  type Story,
  type Translation,
} from './issue/model.ts';
export { keepKeys } from './issue/keys.ts';
export { forReaders } from './issue/readers.ts';
export { normalizeIssue, normalizeStory } from './issue/normalize.ts';
export {
  pairTranslation,
  type PlacedTranslation,
  sourceHash,
  translateIssue,
  type TranslationGap,
  translationsOf,
  withTranslation,
  withTranslations,
} from './issue/translate.ts';
export { type IssueText, textsOf, translatableText } from './issue/texts.ts';
export { gapWords, translatedAndMarked } from './issue/gap-marks.ts';
export {
  isSheet,
  readSheet,
  type SheetEntry,
  type SheetTranslations,
  type TranslationSheet,
  translationsOfSheet,
  writeSheet,
} from './markdown/translation-sheet.ts';
export { readIssue, type ReadIssue, type ReadOptions } from './markdown/read-issue.ts';
export type { MarkdownFlavor } from './markdown/write-blocks.ts';
export { writeIssue } from './markdown/write-issue.ts';
export { type Archive, type PastIssue, readArchive } from './archive/archive.ts';
export { linkPastIssues, type PastLink } from './archive/past-links.ts';
export { type ArchiveHit, ArchiveIndex } from './archive/search.ts';
export {
  EditedFileError,
  type KeptFeedOptions,
  keepFeed,
  publishIssue,
  type Published,
  type PublishOptions,
} from './publish/publish.ts';
export { type PlannedFile, type Rehearsal, rehearseIssue } from './publish/rehearse.ts';
export type { Uncommitted } from './publish/journal.ts';
export { baseSlug } from './publish/slug.ts';
export { type Disk } from './publish/disk.ts';
export { RepositoryError } from './publish/repository.ts';
export { type AtomOptions, writeAtom } from './render/atom.ts';
export { type EmailOptions, writeEmail, writeEmailHtml } from './render/email.ts';
export { type CardInfo, textOfTitle } from './render/html-blocks.ts';
export { type RenderOptions, writeHtml } from './render/html-page.ts';
export { writePlainText } from './render/plain-text.ts';
export { ISSUE_FORMATS, type IssueFormat, renderIssue } from './render/render-issue.ts';
export { checkZenn, checkZennFields, type RuleBreak } from './render/zenn-rules.ts';
export { canonicalUrl, urlKey } from './stories/canonical-url.ts';
export { type Candidate, type Judged, type Rank, rankOf, Taste } from './stories/ranking.ts';
export { type ComparedStory, indexKeys, type Sameness, sameness } from './stories/same-story.ts';
export { type Subject, subjectOf } from './subjects/subject.ts';
export {
  type FollowUp,
  followUpOf,
  type Mention,
  SUBJECT_STATES,
  type SubjectState,
  type SubjectStateName,
  type Successor,
  successorAmong,
} from './subjects/subject-state.ts';
export type { FeedEnclosure, FeedFormat, FeedItem, FeedPerson, FeedText, ParsedFeed, PollHints } from './feeds/feed.ts';
export { textOfHtml } from './feeds/html-text.ts';
export { parseFeed, type ParseFeedOptions } from './feeds/parse-feed.ts';
export { pageMetadata, type PageMetadata } from './feeds/page-metadata.ts';
export {
  addFeedController,
  collectFeed,
  type CollectedFeed,
  type FeedControllerOptions,
  waitOf,
} from './controllers/feed-controller.ts';
export type { NewsOptions } from './controllers/news.ts';
export { writeFeedStatus } from './controllers/feed-status.ts';
export { githubSubject } from './controllers/github-subject.ts';
export { type ProposeOptions, type Proposed, proposeStory } from './controllers/propose-story.ts';
export { readSource, type SourceParts } from './controllers/read-source.ts';
export type { ReadSource } from './controllers/source.ts';
export { addStoryController, type StoryControllerOptions } from './controllers/story-controller.ts';
export { WEEKLY_DEFINITIONS } from './resources/definitions.ts';
export { installWeekly, WEEKLY_OBJECTS } from './resources/install.ts';
export * from './resources/kinds.ts';
export { itemsOfGitHub } from './sources/github-items.ts';
export { type Proposal, proposalsOf, type Proposals, type SourceItem, storyName } from './sources/proposals.ts';
export { storyTitle } from './sources/story-title.ts';
export { AddressGuard } from './collect/addresses.ts';
export { type FeedState, isGone, newFeedState } from './collect/feed-state.ts';
export {
  DocumentFetcher,
  type DocumentRequest,
  type FetcherOptions,
  type FetchOutcome,
} from './collect/fetch-document.ts';
export type { FailedFetch, FetchFailure } from './collect/fetch-failure.ts';
export type { ResolveName } from './collect/resolve-name.ts';
export { withoutSecrets } from './collect/without-secrets.ts';
export { type FetchDocument, pollFeed } from './collect/poll-feed.ts';
export {
  pollRound,
  type RoundFeed,
  type RoundOptions,
  type RoundResult,
  type RoundSummary,
} from './collect/poll-round.ts';
export {
  afterPoll,
  DEFAULT_POLL_POLICY,
  isDue,
  type PollContext,
  type PollOutcome,
  type PollPolicy,
} from './collect/schedule.ts';
export { momentOf, scheduledFor, waitsUntil } from './issue/publication-time.ts';
export {
  type AgendaItem,
  agendaOf,
  type FeedWeights,
  inOrder,
  type RankedStory,
  rankStories,
} from './newsroom/agenda.ts';
export { editorName, isEditorName, isUnnamed, isVoteOf, sharedName } from './newsroom/editor-name.ts';
export { agendaMarkdown, timeOf } from './newsroom/agenda-markdown.ts';
export {
  issueTranslations,
  storyTranslations,
  type TranslationsApply,
  translationsApply,
  translationsFresh,
  type TranslationState,
} from './newsroom/translations.ts';
export { withVotes } from './newsroom/votes.ts';
export { type Composed, composeIssue, type Decomposed, decomposeIssue } from './newsroom/compose.ts';
export {
  applyOverMachines,
  type Decision,
  type DecisionApply,
  decisionApply,
  ORDER_STEP,
  orderBetween,
} from './newsroom/decision.ts';
export { addIssueController } from './controllers/issue-controller.ts';
export {
  addPublicationController,
  type PublicationControllerOptions,
  type PublicationTarget,
} from './controllers/publication-controller.ts';
