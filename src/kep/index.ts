/**
 * The repository of Kubernetes Enhancement Proposals (github.com/kubernetes/enhancements) as data: every KEP of a checkout with
 * what it refers to, what became of it, what is odd about it and how to mend that; a language to filter them, a search of their
 * texts, and counts; the same as objects of a server, and as a site (docs/kep.md).
 *
 * What it does not do: it fetches nothing unless a repository is to be cloned, changes nothing in a checkout, and guesses no value
 * that was misspelt.
 */
export { type Checkout, readCheckout } from './checkout/read-checkout.ts';
export { folderTree } from './checkout/folder-tree.ts';
export { commitAt, gitTree } from './checkout/git-tree.ts';
export { isCheckout } from './checkout/is-checkout.ts';
export { type ExportOptions, type SiteFile, siteFiles } from './export/site-files.ts';
export { builtAssets, writeSite, type WrittenSite } from './export/write-site.ts';
export { atomFeed, type ChangeOfKep, changeText, type FeedAbout, jsonFeed } from './feed/feed.ts';
export { type CodeGate, type GateStage, readFeatureList } from './gates/feature-list.ts';
export { type GatePromise, gatePromises, type Mismatch, releaseOf } from './gates/promises.ts';
export { cloneRepository, headOf } from './git/clone.ts';
export { GitError } from './git/git.ts';
export { historiesOf, type KepHistory } from './history/history.ts';
export { HISTORY_FIELDS, type KepChange } from './history/timeline.ts';
export type { Tree } from './model/tree.ts';
export type { CheckoutFiles } from './model/checkout-files.ts';
export { type Finding, type Level, LEVELS, type LineEdit, type Rule, RULES } from './model/finding.ts';
export {
  type FeatureGate,
  type Kep,
  type KepStatus,
  type ReadinessApprover,
  type Reference,
  type Stage,
  STAGES,
  STATUSES,
} from './model/kep.ts';
export type { Dropped, Heading, RenderContext, RenderedReadme } from './page/render-readme.ts';
export { patchOf } from './lint/patch.ts';
export {
  type Filterable,
  FILTER_FIELDS,
  type FilterField,
  fits,
  type KepFilter,
  type Term,
  unknownValues,
} from './query/filter.ts';
export { parseFilter, termOf } from './query/parse-filter.ts';
export {
  FEATURE_LIST_DEFINITION,
  FEATURE_LIST_KIND,
  KEP_DEFINITION,
  KEP_KIND,
  KEP_SYNC_DEFINITION,
  KEP_SYNC_KIND,
  KEP_TEXT_DEFINITION,
  KEP_TEXT_KIND,
} from './resources/definition.ts';
export { type CodeOfRelease, syncFeatureList } from './resources/feature-lists.ts';
export { readKeps, type ServerKeps } from './resources/read-keps.ts';
export { kepObject, type KepContent } from './resources/kep-resource.ts';
export { syncKeps, type Synced, type SyncOptions } from './resources/sync.ts';
export { contentAsOf } from './site/as-of.ts';
export { SyncLostError } from './resources/sync-mark.ts';
export { type UnfinishedSync, unfinishedSyncs } from './resources/unfinished-syncs.ts';
export { LiveKeps } from './site/live-keps.ts';
export { type CheckoutContent, checkoutContent, type CheckoutContentOptions } from './site/checkout-content.ts';
export type {
  Facet,
  FieldChange,
  GateRow,
  GraphEdge,
  KepPage,
  KepRow,
  KnownDay,
  PageGate,
  Related,
  Relation,
  SiteChanges,
  SiteFacets,
  SiteGates,
  SiteGraph,
  SiteIndex,
  SiteSearch,
  SiteSource,
  TimelineEntry,
} from './site/contract.ts';
export { FACET_FIELDS, facetsOf } from './site/facets.ts';
export { historiesIn, KepSite, type SiteContent, type SiteUrls, stalenessIn } from './site/kep-site.ts';
export { serverCode, serverContent } from './site/server-content.ts';
export type { Excerpt } from './search/excerpt.ts';
export { type CompactHit, openCompactIndex } from './search/compact-index.ts';
export type { SearchIndex } from './search/growing-index.ts';
export { excerptIn, type Hit, KepIndex } from './search/kep-index.ts';
export type { TextIndexData } from './search/text-index.ts';
export { currentMilestone, type FreshSince, staleness, type StaleReason } from './query/stale.ts';
export { type Counts, countBy, type KepStats, statsOf } from './stats/stats.ts';
