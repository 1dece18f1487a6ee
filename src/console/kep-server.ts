import { isDay, isParseError, isStatusError, newBadRequest } from 'nekube/apimachinery';
import { type Client, isNoMatchError } from 'nekube/client';
import {
  contentAsOf,
  FEATURE_LIST_KIND,
  fits,
  KEP_KIND,
  KEP_TEXT_KIND,
  KepSite,
  LiveKeps,
  parseFilter,
  serverCode,
  type SiteContent,
  type SiteSource,
  unfinishedSyncs,
} from 'nekube/kep';
import { answerKepCall, KEP_URLS, type KepCall, type KepSource, limitOf } from './kep-calls.ts';

/** So long KEPs are taken to be as they were, where they cannot be watched. */
const FRESH_MS = 10_000;
/** So long nobody waits for what is another: the old is answered while it is looked after. */
const LAPSED_MS = 60_000;
/** Days that somebody looks at now are few. */
const MOST_DAYS = 8;

/** The Keps of the cluster. */
interface Kept {
  readonly content: SiteContent;
  /** What was made of them, by the code beside them. */
  readonly sites: Map<Code, Sites>;
}

/** The site of now, and what those of days are made from. */
interface Sites {
  readonly content: SiteContent;
  readonly site: KepSite;
  readonly days: Map<string, KepSite>;
}

/** The code's gates; nothing where there are none, or who asks may not list them. */
type Code = Pick<SiteContent, 'codeGates' | 'release'>;

/**
 * The KEPs that were synced to the cluster. There is one site of them for all users, who must be allowed to list what it is
 * made of; who may not list the code's gates has the same without these. When a Kep has
 * changed it is made anew, and the index of texts is not.
 */
export class ServerKeps implements KepSource {
  readonly #now: () => number;
  readonly #live = new LiveKeps();
  #known: Kept | undefined;
  #checked = 0;
  #checking: Promise<Kept> | undefined;
  #code: { readonly state: string; readonly code: Promise<Code> } | undefined;

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The answer as JSON. @throws StatusError */
  async ask(call: KepCall, client: Client): Promise<string> {
    try {
      const { sites, denied } = await this.#sites(client);
      const unfinished = call.path === 'index' ? await unfinishedSyncs(client) : [];
      const more = {
        ...(denied !== undefined && { codeDenied: denied }),
        ...(unfinished.length > 0 && { unfinished }),
      };
      return JSON.stringify(withSource(await answer(sites, call), more));
    } catch (error) {
      throw isParseError(error) ? newBadRequest(error.message) : error;
    }
  }

  /** The index of texts is made then, a KEP at a time, so that the first search need not wait for all of it. */
  start(client: Client): void {
    // who asks is told what is wrong, if it still is
    this.#sites(client).catch(() => {});
  }

  async close(): Promise<void> {
    this.#live.close();
  }

  async #sites(client: Client): Promise<{ readonly sites: Sites; readonly denied?: string }> {
    const [kept, { code, denied }] = await Promise.all([this.#kept(client), this.#codeFor(client)]);
    return { sites: sitesOf(kept, code), ...(denied !== undefined && { denied }) };
  }

  /** A cluster to which none were synced has a site without KEPs: there is nothing that went wrong. */
  async #kept(client: Client): Promise<Kept> {
    try {
      // who asks must be allowed to read what the answer is made of
      const one = { limit: 1, metadataOnly: true } as const;
      await Promise.all([client.list(KEP_KIND, one), client.list(KEP_TEXT_KIND, one)]);
    } catch (error) {
      if (isNoMatchError(error)) return { content: NOTHING, sites: new Map() };
      throw error;
    }
    return await this.#fresh(client);
  }

  async #fresh(client: Client): Promise<Kept> {
    const age = this.#now() - this.#checked;
    if (this.#known !== undefined && age < FRESH_MS && !this.#live.isWatched) return this.#known;
    this.#checking ??= this.#check(client).finally(() => (this.#checking = undefined));
    if (this.#known === undefined || age >= LAPSED_MS || this.#live.isWatched) return await this.#checking;
    // who asks next is told what is wrong, if it still is
    this.#checking.catch(() => {});
    return this.#known;
  }

  async #check(client: Client): Promise<Kept> {
    const isOther = await this.#live.update(client);
    this.#checked = this.#now();
    if (isOther || this.#known === undefined) this.#known = { content: this.#live.content, sites: new Map() };
    return this.#known;
  }

  /** The code's gates, which are read anew when there is another list; `denied` says why who asks has none. */
  async #codeFor(client: Client): Promise<{ readonly code: Code; readonly denied?: string }> {
    try {
      const state = await codeState(client);
      if (this.#code?.state !== state) {
        this.#code = { state, code: serverCode(client) };
        this.#code.code.catch(() => (this.#code = undefined));
      }
      return { code: await this.#code.code };
    } catch (error) {
      if (isNoMatchError(error)) return { code: NO_CODE };
      if (isStatusError(error, 'Forbidden')) return { code: NO_CODE, denied: error.message };
      throw error;
    }
  }
}

const NO_CODE: Code = {};

const NOTHING: SiteContent = {
  source: { repository: 'https://github.com/kubernetes/enhancements' },
  keps: [],
  findings: new Map(),
  histories: () => new Map(),
  textOf: () => '',
  allTexts: async () => () => '',
};

function sitesOf(kept: Kept, code: Code): Sites {
  const known = kept.sites.get(code);
  if (known !== undefined) return known;
  const content = { ...kept.content, ...code };
  const site = new KepSite(content, KEP_URLS);
  const sites = { content, site, days: new Map() };
  // of an older list none is asked for any more
  for (const old of kept.sites.keys()) if (old !== NO_CODE) kept.sites.delete(old);
  kept.sites.set(code, sites);
  return sites;
}

/** Says in an answer what is about who asks, and about this moment. */
function withSource(answered: object, more: Partial<SiteSource>): object {
  if (Object.keys(more).length === 0) return answered;
  const { source } = answered as { readonly source?: SiteSource };
  return { ...answered, source: { ...source, ...more } };
}

async function answer(kept: Sites, call: KepCall): Promise<object> {
  const query = new URLSearchParams(call.query);
  const day = query.get('asOf') ?? '';
  if (day === '') return answerKepCall(kept.site, call);
  if (!isDay(day)) throw newBadRequest('asOf must be a day, as in 2024-01-31');
  const then = siteAt(kept, day);
  return call.path === 'search' ? searchAt(kept, then, query) : answerKepCall(then, call);
}

function siteAt({ content, days }: Sites, day: string): KepSite {
  const site = days.get(day) ?? new KepSite(contentAsOf(content, day), KEP_URLS);
  days.delete(day);
  days.set(day, site);
  if (days.size > MOST_DAYS) days.delete(days.keys().next().value!);
  return site;
}

/** The texts are those of now, of which alone there is an index; what fits is as it was at the day. */
async function searchAt({ site }: Sites, then: KepSite, query: URLSearchParams): Promise<object> {
  const filter = parseFilter(query.get('filter') ?? '');
  const rows = then.index().keps.filter((row) => fits(row, filter, ({ stale }) => stale !== undefined));
  const wanted = new Set(rows.map(({ name }) => name));
  const { hits, waiting } = await site.search(query.get('q') ?? '', { limit: Infinity, isPatient: false });
  const found = hits.filter(({ name }) => wanted.has(name));
  return {
    source: then.source,
    found: found.length,
    ...(waiting !== undefined && { waiting }),
    hits: found.slice(0, limitOf(query)),
  };
}

/** Another one when a list is another one. @throws StatusError: who asks may not list them */
async function codeState(client: Client): Promise<string> {
  const { items } = await client.list(FEATURE_LIST_KIND, { metadataOnly: true });
  return items.map(({ metadata }) => `${metadata.uid}:${metadata.resourceVersion}`).join();
}
