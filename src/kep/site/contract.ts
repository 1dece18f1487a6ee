import type { GateStage } from '../gates/feature-list.ts';
import type { Mismatch } from '../gates/promises.ts';
import type { Finding } from '../model/finding.ts';
import type { Kep } from '../model/kep.ts';
import type { Dropped, Heading } from '../page/render-readme.ts';
import type { Filterable } from '../query/filter.ts';
import type { UnfinishedSync } from '../resources/unfinished-syncs.ts';
import type { StaleReason } from '../query/stale.ts';
import type { Excerpt } from '../search/excerpt.ts';

/** What a site was made from. */
export interface SiteSource {
  /** `https://github.com/kubernetes/enhancements`. */
  readonly repository: string;
  /** Absent: it is no clone. */
  readonly commit?: string;
  /** When that commit was made: `2026-07-24T23:57:50Z`. */
  readonly time?: string;
  /** The day or revision that was asked for; absent: the newest. */
  readonly asOf?: string;
  /** Of that day is only what histories tell; people and texts are of now. */
  readonly isPartial?: boolean;
  /** False: nothing is known of what changed when, so nothing of what depends on it is there. */
  readonly hasHistory: boolean;
  /** Why the code's gates are not there, in the words of the server: the reader may not list them. */
  readonly codeDenied?: string;
  /** Syncs to the server that did not end, so KEPs may be missing or old; absent: there are none, or that is not known. */
  readonly unfinished?: readonly UnfinishedSync[];
  /** The release that most KEPs of the newest releases are worked on for; what is stale is measured from it. */
  readonly currentMilestone?: string;
}

/** A day, and who says it. */
export interface KnownDay {
  /** `2021-11-02`. */
  readonly day: string;
  /** `kep`: its front matter; `history`: the commits, since the front matter says nothing or cannot be right. */
  readonly by: 'kep' | 'history';
  /** What the front matter says, where it cannot be right. */
  readonly written?: string;
}

/**
 * A KEP in a list, with all that the filter language looks at: `fits(row, parseFilter(text), ({ stale }) => stale !== undefined)`.
 * Fields are as in {@link Kep}.
 */
export interface KepRow extends Filterable {
  /** When it was made, by its front matter or else by the commits. */
  readonly made?: KnownDay;
  /** When something in its folder changed last, by the commits or else by its front matter. */
  readonly changed?: KnownDay;
  /** Why it counts as stale; absent: it does not. */
  readonly stale?: StaleReason;
  /** How many errors and warnings there are about it. */
  readonly findings: number;
}

/** All KEPs, by number. */
export interface SiteIndex {
  readonly source: SiteSource;
  readonly keps: readonly KepRow[];
}

/** What a commit changed in a KEP. */
export interface TimelineEntry {
  readonly time: string;
  readonly commit: string;
  readonly commitUrl: string;
  readonly pullRequest?: number;
  readonly pullRequestUrl?: string;
  readonly changes: readonly FieldChange[];
}

/** A value that changed; `kep` is the field of its beginning (`to`) and its end. */
export interface FieldChange {
  readonly field: string;
  readonly from?: string;
  readonly to?: string;
}

/** How one KEP stands to another: `seeAlso`, `replaces` and `supersededBy` say so themselves; the others are said by the other one. */
export type Relation =
  | ('seeAlso' | 'replaces' | 'supersededBy')
  | ('seenFrom' | 'replacedAccordingTo' | 'supersedesAccordingTo');

/** A neighbour of a KEP. */
export interface Related {
  readonly relation: Relation;
  /** As it was written, by whoever wrote it. */
  readonly text: string;
  /** The other KEP; absent: it leads elsewhere, or nowhere. */
  readonly kep?: Pick<KepRow, 'name' | 'number' | 'title' | 'status' | 'stage'>;
  readonly url?: string;
  /** It names something of the repository that is not there. */
  readonly isDangling?: boolean;
}

/** A gate of a KEP, with what the code has of it. */
export interface PageGate {
  readonly name: string;
  readonly components: readonly string[];
  /** Absent: the code does not have it, or no list of features is known. */
  readonly stages?: readonly GateStage[];
  readonly mismatches: readonly Mismatch[];
}

/** All of one KEP. */
export interface KepPage {
  readonly source: SiteSource;
  readonly kep: KepRow & Omit<Kep, keyof KepRow>;
  /** Its text, safe to be put into a page as it is; empty where it has none. */
  readonly html: string;
  readonly headings: readonly Heading[];
  /** What was left out of the text, by kind. */
  readonly dropped: Dropped;
  /** The oldest first. */
  readonly timeline: readonly TimelineEntry[];
  readonly related: readonly Related[];
  readonly gates: readonly PageGate[];
  readonly findings: readonly Finding[];
  /** The issue where it is tracked. */
  readonly discussionUrl?: string;
  /** Its folder, at the commit. */
  readonly folderUrl: string;
  readonly readmeUrl?: string;
}

/** A reference between two KEPs. */
export interface GraphEdge {
  readonly from: string;
  /** A node, or with `isDangling` what was written. */
  readonly to: string;
  readonly kind: 'seeAlso' | 'replaces' | 'supersededBy';
  readonly isDangling?: boolean;
}

/** All KEPs that refer to others or are referred to, and how. */
export interface SiteGraph {
  readonly source: SiteSource;
  readonly nodes: readonly Pick<KepRow, 'name' | 'number' | 'title' | 'owningSig' | 'status' | 'stage'>[];
  readonly edges: readonly GraphEdge[];
}

/** A gate of the table of promises. */
export interface GateRow {
  readonly gate: string;
  readonly keps: readonly Pick<KepRow, 'name' | 'number' | 'title' | 'owningSig' | 'stage' | 'milestones'>[];
  /** Absent: the code does not have it. */
  readonly stages?: readonly GateStage[];
  readonly mismatches: readonly Mismatch[];
}

/** What KEPs promise of gates, against the code. */
export interface SiteGates {
  readonly source: SiteSource;
  /** The release that the code is of; absent: no list of features is known, and nothing is compared. */
  readonly release?: string;
  readonly gates: readonly GateRow[];
}

/** How many KEPs have which values of a field, the most frequent first, or in the order that the values have. */
export interface Facet {
  readonly field: string;
  readonly values: readonly { readonly value: string; readonly count: number }[];
}

/** Counts for a filter; each field is counted without its own terms, so that a reader sees what another value would give. */
export interface SiteFacets {
  readonly source: SiteSource;
  /** How many KEPs the whole filter lets through. */
  readonly total: number;
  readonly facets: readonly Facet[];
}

/** KEPs that were found by the words of their texts. */
export interface SiteSearch {
  readonly source: SiteSource;
  readonly found: number;
  /** So many KEPs are not in the index yet as they are, so more may be found soon; absent: all are. */
  readonly waiting?: number;
  /** The best first. */
  readonly hits: readonly {
    readonly name: string;
    readonly score: number;
    /** Where the words stand; absent: in title, gates or people alone, or there are many better ones. */
    readonly excerpt?: Excerpt;
  }[];
}

/** What changed, the newest first. */
export interface SiteChanges {
  readonly source: SiteSource;
  readonly changes: readonly (TimelineEntry & {
    readonly kep: Pick<KepRow, 'name' | 'number' | 'title' | 'owningSig'>;
  })[];
}
