import { atomFeed, type ChangeOfKep, type FeedAbout, jsonFeed } from '../feed/feed.ts';
import { compactIndex } from '../search/compact-index.ts';
import type { SiteChanges } from '../site/contract.ts';
import { KepSite, type SiteContent } from '../site/kep-site.ts';
import { kepPage } from './kep-page.ts';
import { type Assets, ICON, type PageContext } from './layout.ts';
import { listPage } from './list-page.ts';
import { bySig, changesPage, gatesPage, sigPage, sigsPage } from './other-pages.ts';
import { fileName } from './parts.ts';
import { byRelease, releasePage, releasesPage } from './release-pages.ts';
import { fileOf, LANGUAGES, TEXTS } from './texts.ts';

/** A file of a site; its path is from the site's root. */
export interface SiteFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** How a site is written. */
export interface ExportOptions {
  /** The files that pages load, by their names, and which of them pages name. */
  readonly assets: Assets & { readonly files: readonly SiteFile[] };
  /** Where the site will be, with a slash at its end; absent: nothing names it. */
  readonly baseUrl?: string;
  /** Called after each page of a KEP. */
  readonly onProgress?: (done: number, all: number) => void;
}

/** So many changes are on their page, and so many in a feed. */
const MOST_CHANGES = 300;
const MOST_IN_FEED = 100;

/**
 * All files of a site that needs no server but one of files, and no scripts but to filter and search. The same content gives the same
 * bytes. Files come one by one, so that they need not all be in memory.
 */
export async function* siteFiles(
  content: SiteContent,
  { assets, baseUrl, onProgress }: ExportOptions,
): AsyncGenerator<SiteFile> {
  const images = new Map<string, Uint8Array>();
  const imageUrl = (path: string): string | undefined => {
    const image = images.get(path) ?? content.imageOf?.(path);
    if (image === undefined) return undefined;
    images.set(path, image);
    return `../files/${path.split('/').map(encodeURIComponent).join('/')}`;
  };
  yield* assets.files;
  yield ICON;
  const data = { rows: 'data/keps.json', search: 'data/search.json' };
  let done = 0;
  for (const language of LANGUAGES) {
    const site = new KepSite(content, { kepUrl: (name) => fileOf(name, language), imageUrl });
    const { source } = site;
    const index = site.index();
    const context: PageContext = {
      language,
      texts: TEXTS[language],
      source,
      assets,
      sigs: new Set(bySig(index).map(([sig]) => sig)),
      ...(baseUrl !== undefined && { baseUrl }),
    };
    const page = (name: string, text: string): SiteFile => ({ path: fileOf(name, language), content: text });
    yield page('index', listPage(context, index, site.facets(''), data));
    yield page('sigs', sigsPage(context, index));
    for (const [sig, rows] of bySig(index)) yield page(`sigs/${fileName(sig)}`, sigPage(context, sig, rows));
    yield page('releases', releasesPage(context, index));
    for (const [release, named] of byRelease(index))
      yield page(`releases/${release}`, releasePage(context, release, named));
    yield page('gates', gatesPage(context, site.gates()));
    yield page('changes', changesPage(context, site.changes({ limit: MOST_CHANGES })));
    for (const { name } of index.keps) {
      yield page(`keps/${name}`, kepPage(context, (await site.page(name))!));
      onProgress?.(++done, index.keps.length * LANGUAGES.length);
    }
    if (language === 'en') {
      yield { path: data.rows, content: JSON.stringify(index) };
      yield* feedFiles(site, baseUrl);
    }
  }
  yield { path: data.search, content: compactIndex(content.keps, await content.allTexts()) };
  for (const [path, image] of images) yield { path: `files/${path}`, content: image };
}

/** Feeds of all KEPs, and of each SIG. */
function* feedFiles(site: KepSite, baseUrl: string | undefined): Generator<SiteFile> {
  const all = site.changes({ limit: Infinity }).changes;
  yield* feed('all', {}, all, baseUrl);
  for (const [sig] of bySig(site.index())) {
    const own = all.filter(({ kep }) => kep.owningSig === sig);
    yield* feed(
      fileName(sig),
      { id: `changes/${sig}`, title: `Kubernetes Enhancement Proposals of ${sig}: changes` },
      own,
      baseUrl,
    );
  }
}

function* feed(
  name: string,
  about: FeedAbout,
  entries: SiteChanges['changes'],
  baseUrl: string | undefined,
): Generator<SiteFile> {
  const changes = entries
    .slice(0, MOST_IN_FEED)
    .flatMap(({ kep, time, commit, pullRequest, changes: own }): readonly ChangeOfKep[] =>
      own.map((change) => ({
        kep,
        change: { time, commit, ...(pullRequest !== undefined && { pullRequest }), ...change },
      })),
    );
  const of = (ending: string): FeedAbout => ({
    ...about,
    ...(baseUrl !== undefined && { homeUrl: baseUrl, selfUrl: `${baseUrl}feeds/${name}.${ending}` }),
  });
  yield { path: `feeds/${name}.atom`, content: atomFeed(changes, of('atom')) };
  yield { path: `feeds/${name}.json`, content: `${JSON.stringify(jsonFeed(changes, of('json')), null, 2)}\n` };
}
