import type { CodeGate } from '../gates/feature-list.ts';
import { type GatePromise, gatePromises, releaseOf } from '../gates/promises.ts';
import { GitError } from '../git/git.ts';
import type { KepHistory } from '../history/history.ts';
import { groupBy } from '../model/group-by.ts';
import type { Finding } from '../model/finding.ts';
import type { Kep } from '../model/kep.ts';
import type { RenderContext } from '../page/render-readme.ts';
import { fits } from '../query/filter.ts';
import { parseFilter } from '../query/parse-filter.ts';
import { currentMilestone, staleness, type StaleReason } from '../query/stale.ts';
import { GrowingIndex, type SearchIndex } from '../search/growing-index.ts';
import type {
  GateRow,
  GraphEdge,
  KepPage,
  KepRow,
  PageGate,
  SiteChanges,
  SiteFacets,
  SiteGates,
  SiteGraph,
  SiteIndex,
  SiteSearch,
  SiteSource,
} from './contract.ts';
import { facetsOf, isStaleRow } from './facets.ts';
import { briefOf, edgesOf, relatedOf } from './graph.ts';
import { rowOf } from './rows.ts';
import { timelineOf } from './timeline.ts';

/** The repository that KEPs are in, unless another is named. */
export const REPOSITORY = 'https://github.com/kubernetes/enhancements';

/** What a site is made from: a checkout, or the resources of a server. */
export interface SiteContent {
  readonly source: Omit<SiteSource, 'currentMilestone' | 'hasHistory'>;
  readonly keps: readonly Kep[];
  /** By the names of KEPs. */
  readonly findings: ReadonlyMap<string, readonly Finding[]>;
  /** By the names of KEPs. Throws GitError: there is no history. */
  readonly histories: () => ReadonlyMap<string, KepHistory>;
  /** The README.md of a KEP; empty where it has none. */
  readonly textOf: (kep: Kep) => string | Promise<string>;
  /** The same for all of them, for a search. */
  readonly allTexts: () => Promise<(kep: Kep) => string>;
  /** An index of them that is kept elsewhere; absent: the site makes its own. */
  readonly searchIndex?: SearchIndex;
  /** Another text where one of the texts is another; absent: that is not known. */
  readonly textsVersion?: () => Promise<string>;
  /** An image of the repository, by its path; undefined: there is none. Absent: none are known. */
  readonly imageOf?: (path: string) => Uint8Array | undefined;
  /** The gates of the code; absent: nothing is compared with them. */
  readonly codeGates?: readonly CodeGate[];
  /** The release that the code is of; absent: the newest that the gates speak of. */
  readonly release?: string;
}

/** Where the host of a site serves what its pages lead to. */
export type SiteUrls = Pick<RenderContext, 'kepUrl' | 'imageUrl'>;

/** The data of a site of KEPs: what a live server answers, and what a static export is written from. All of it is plain JSON. */
export class KepSite {
  readonly source: SiteSource;
  readonly #content: SiteContent;
  readonly #urls: SiteUrls;
  readonly #keps: ReadonlyMap<string, Kep>;
  readonly #byPath: ReadonlyMap<string, string>;
  readonly #rows: ReadonlyMap<string, KepRow>;
  readonly #edges: readonly GraphEdge[];
  readonly #histories: ReadonlyMap<string, KepHistory>;
  #index: Promise<SearchIndex> | undefined;
  #promises: readonly GatePromise[] | undefined;

  constructor(content: SiteContent, urls: SiteUrls) {
    const { keps, findings } = content;
    const histories = historiesIn(content);
    this.#histories = histories;
    this.#content = content;
    this.#urls = urls;
    this.#keps = new Map(keps.map((kep) => [kep.name, kep]));
    this.#byPath = new Map(keps.map(({ path, name }) => [path, name]));
    this.#edges = edgesOf(keps);
    const milestone = currentMilestone(keps);
    const hasHistory = histories.size > 0;
    this.source = { ...content.source, hasHistory, ...(milestone !== undefined && { currentMilestone: milestone }) };
    const reason = stalenessIn(content, histories);
    this.#rows = new Map(
      keps.map((kep) => {
        const { name } = kep;
        const context = { history: histories.get(name), findings: findings.get(name) ?? [], staleReason: reason(kep) };
        return [name, rowOf(kep, context)];
      }),
    );
  }

  /** All KEPs as rows. */
  index(): SiteIndex {
    return { source: this.source, keps: [...this.#rows.values()] };
  }

  /** All of one KEP; undefined: there is none of that name. The first call loads what renders texts. */
  async page(name: string): Promise<KepPage | undefined> {
    const { textOf, findings, source } = this.#content;
    const kep = this.#keps.get(name);
    if (kep === undefined) return undefined;
    const { renderReadme } = await import('../page/render-readme.ts');
    const fileUrl = (path: string): string => fileUrlOf(source, path);
    const kepAt = (path: string): string | undefined => this.#byPath.get(path);
    return {
      source: this.source,
      kep: { ...kep, ...this.#rows.get(name)! },
      ...renderReadme(await textOf(kep), { kep, kepAt, fileUrl, ...this.#urls }),
      timeline: timelineOf(this.#histories.get(name)?.changes ?? [], source.repository),
      related: relatedOf(kep, this.#keps, this.#edges),
      gates: this.#gatesOf(kep),
      findings: findings.get(name) ?? [],
      ...(kep.number && { discussionUrl: `${source.repository}/issues/${kep.number}` }),
      folderUrl: fileUrl(kep.path),
      ...(kep.readme !== undefined && { readmeUrl: fileUrl(kep.readme) }),
    };
  }

  /** All references between KEPs, and those that lead nowhere. */
  graph(): SiteGraph {
    const linked = new Set(this.#edges.flatMap(({ from, to }) => [from, to]));
    const nodes = this.#content.keps.filter(({ name }) => linked.has(name)).map(briefOf);
    return { source: this.source, nodes, edges: this.#edges };
  }

  /** All gates of KEPs and of the code, with where they differ. */
  gates(): SiteGates {
    const { release } = this;
    this.#promises ??= this.#promisesOf(this.#content.keps, this.#content.codeGates);
    const gates = this.#promises.map(
      ({ gate, keps, code, mismatches }): GateRow => ({
        gate,
        keps: keps.map((kep) => ({ ...briefOf(kep), milestones: kep.milestones })),
        ...(code !== undefined && { stages: code.stages }),
        mismatches,
      }),
    );
    return { source: this.source, ...(release !== undefined && { release }), gates };
  }

  /** The release that the code is of; undefined: none is known. */
  get release(): string | undefined {
    const { codeGates, release } = this.#content;
    return release ?? (codeGates === undefined ? undefined : releaseOf(codeGates));
  }

  /**
   * Counts for a filter of the filter language.
   *
   * @throws ParseError: a field or a value that there is none of
   */
  facets(filter: string, most = 50): SiteFacets {
    const parsed = parseFilter(filter);
    const rows = [...this.#rows.values()];
    const total = rows.filter((row) => fits(row, parsed, isStaleRow)).length;
    return { source: this.source, total, facets: facetsOf(rows, parsed, isStaleRow, { most }) };
  }

  /** Makes the index of the texts, once; others run in between. */
  async prepareSearch(): Promise<void> {
    const index = await this.#searchIndex();
    await index.whole();
  }

  #searchIndex(): Promise<SearchIndex> {
    this.#index ??=
      this.#content.searchIndex === undefined ? this.#makeIndex() : Promise.resolve(this.#content.searchIndex);
    return this.#index;
  }

  async #makeIndex(): Promise<GrowingIndex> {
    try {
      const textOf = await this.#content.allTexts();
      const index = new GrowingIndex((name) => {
        const kep = this.#keps.get(name);
        return kep && { kep, text: textOf(kep) };
      });
      for (const name of this.#keps.keys()) index.change(name);
      // the next search tries again
      index.whole().catch(() => (this.#index = undefined));
      return index;
    } catch (error) {
      this.#index = undefined;
      throw error;
    }
  }

  /**
   * KEPs whose texts have words, of those that a filter lets through. The first call makes the index, which takes
   * seconds; {@link KepSite.prepareSearch} does so before.
   *
   * @param options `isPatient`: waits for the index (yes); if not, what it has by now is looked at, and `waiting` says how much is missing
   * @throws ParseError as {@link facets}
   */
  async search(
    query: string,
    {
      filter = '',
      limit = 50,
      isPatient = true,
    }: { readonly filter?: string; readonly limit?: number; readonly isPatient?: boolean } = {},
  ): Promise<SiteSearch> {
    const parsed = parseFilter(filter);
    const isWanted = ({ name }: Kep): boolean => {
      // an index that is kept elsewhere may have one more by now
      const row = this.#rows.get(name);
      return row !== undefined && fits(row, parsed, isStaleRow);
    };
    const growing = await this.#searchIndex();
    if (isPatient) await growing.whole();
    const waiting = growing.waiting();
    const hits = growing.index.find(query, { excerpts: Math.min(limit, MOST_EXCERPTS), isWanted });
    return {
      source: this.source,
      found: hits.length,
      ...(waiting > 0 && { waiting }),
      hits: hits
        .slice(0, limit)
        .map(({ kep, score, excerpt }) => ({ name: kep.name, score, ...(excerpt !== undefined && { excerpt }) })),
    };
  }

  /**
   * What changed in the KEPs that a filter lets through.
   *
   * @throws ParseError as {@link facets}
   */
  changes({
    filter = '',
    since = '',
    limit = 200,
  }: {
    readonly filter?: string;
    readonly since?: string;
    readonly limit?: number;
  } = {}): SiteChanges {
    const parsed = parseFilter(filter);
    const { keps, source } = this.#content;
    const wanted = keps.filter(({ name }) => fits(this.#rows.get(name)!, parsed, isStaleRow));
    const changes = wanted.flatMap((kep) =>
      timelineOf(this.#histories.get(kep.name)?.changes ?? [], source.repository)
        .filter(({ time }) => time >= since)
        .map((entry) => ({ ...entry, kep: briefOf(kep) })),
    );
    const newest = changes.sort((a, b) => (a.time > b.time ? -1 : a.time < b.time ? 1 : 0));
    return { source: this.source, changes: newest.slice(0, limit) };
  }

  #gatesOf(kep: Kep): readonly PageGate[] {
    const named = new Set(kep.featureGates.map(({ name }) => name));
    const own = this.#promisesOf(
      [kep],
      this.#content.codeGates?.filter(({ name }) => named.has(name)),
    );
    const promises = new Map(own.map((promise) => [promise.gate, promise]));
    return kep.featureGates.map(({ name, components }) => {
      const { code, mismatches = [] } = promises.get(name) ?? {};
      return { name, components, ...(code !== undefined && { stages: code.stages }), mismatches };
    });
  }

  #promisesOf(keps: readonly Kep[], codeGates: readonly CodeGate[] | undefined): readonly GatePromise[] {
    const promises = gatePromises(keps, codeGates ?? [], this.release ?? 'v1.0');
    return codeGates === undefined ? promises.map((promise) => ({ ...promise, mismatches: [] })) : promises;
  }
}

/** Which KEPs are stale, and why; days are compared with that of the source. */
export function stalenessIn(
  { keps, source }: Pick<SiteContent, 'keps' | 'source'>,
  histories: ReadonlyMap<string, KepHistory>,
): (kep: Kep) => StaleReason | undefined {
  const release = currentMilestone(keps);
  if (release === undefined) return () => undefined;
  const today = source.time?.slice(0, 10);
  const changed = (name: string): string | undefined => histories.get(name)?.changed.slice(0, 10);
  return staleness({ release, changed, ...(today !== undefined && { today }) });
}

/** The histories of KEPs; none where there is no repository. */
export function historiesIn({ histories }: Pick<SiteContent, 'histories'>): ReadonlyMap<string, KepHistory> {
  try {
    return histories();
  } catch (error) {
    if (error instanceof GitError) return new Map();
    throw error;
  }
}

/** More excerpts than a reader looks at would take longer than a search. */
const MOST_EXCERPTS = 20;

/** Where a file of the repository is to be read, at the commit. */
function fileUrlOf({ repository, commit }: SiteContent['source'], path: string): string {
  return `${repository}/blob/${commit ?? 'HEAD'}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** Findings by the KEPs in whose folders they are. */
export function findingsByKep(
  keps: readonly Kep[],
  findings: readonly Finding[],
): ReadonlyMap<string, readonly Finding[]> {
  const folders = new Map(keps.map(({ path, name }) => [path, name]));
  const ofKeps = findings.flatMap((finding) => {
    for (let end = finding.file.lastIndexOf('/'); end > 0; end = finding.file.lastIndexOf('/', end - 1)) {
      const name = folders.get(finding.file.slice(0, end));
      if (name !== undefined) return [{ name, finding }];
    }
    return [];
  });
  return new Map(
    [...groupBy(ofKeps, ({ name }) => name)].map(([name, own]) => [name, own.map(({ finding }) => finding)]),
  );
}
