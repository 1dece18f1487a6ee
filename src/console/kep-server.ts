import { isParseError, type KubeObject, newBadRequest } from 'nekube/apimachinery';
import { type Client, isNoMatchError } from 'nekube/client';
import {
  contentAsOf,
  FEATURE_LIST_KIND,
  fits,
  isDay,
  KEP_KIND,
  KEP_TEXT_KIND,
  KepSite,
  parseFilter,
  serverContent,
  type SiteContent,
} from 'nekube/kep';
import { answerKepCall, KEP_URLS, type KepCall, type KepSource, limitOf } from './kep-calls.ts';

/** So long KEPs are taken to be as they were. */
const FRESH_MS = 10_000;
/** Days that somebody looks at now are few. */
const MOST_DAYS = 8;

/** The site of now, and what those of days are made from. */
interface Kept {
  readonly content: SiteContent;
  readonly site: KepSite;
  readonly days: Map<string, KepSite>;
  readonly state: string;
}

/**
 * The KEPs that were synced to the cluster. There is one site of them for all users, who must be allowed to list what it is
 * made of. It is made anew when a Kep has changed.
 */
export class ServerKeps implements KepSource {
  readonly #now: () => number;
  #site: Promise<Kept> | undefined;
  #until = 0;

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The answer as JSON. @throws StatusError */
  async ask(call: KepCall, client: Client): Promise<string> {
    try {
      return JSON.stringify(await answer(await this.#kept(client), call));
    } catch (error) {
      throw isParseError(error) ? newBadRequest(error.message) : error;
    }
  }

  /** A cluster to which none were synced has a site without KEPs: there is nothing that went wrong. */
  async #kept(client: Client): Promise<Kept> {
    try {
      // who asks must be allowed to read what the answer is made of
      const one = { limit: 1, metadataOnly: true } as const;
      await Promise.all([
        client.list(KEP_KIND, one),
        client.list(KEP_TEXT_KIND, one),
        client.list(FEATURE_LIST_KIND, one).catch(unlessNoMatch),
      ]);
    } catch (error) {
      if (isNoMatchError(error)) return keptOf(NOTHING, '');
      throw error;
    }
    return await this.#fresh(client);
  }

  async #fresh(client: Client): Promise<Kept> {
    if (this.#site !== undefined && this.#now() < this.#until) return await this.#site;
    const known = await this.#site;
    const state = await stateOf(client);
    if (known?.state !== state) {
      this.#site = serverContent(client).then((content) => keptOf(content, state));
      this.#site.catch(() => (this.#site = undefined));
    }
    this.#until = this.#now() + FRESH_MS;
    return await this.#site!;
  }
}

const NOTHING: SiteContent = {
  source: { repository: 'https://github.com/kubernetes/enhancements' },
  keps: [],
  findings: new Map(),
  histories: () => new Map(),
  textOf: () => '',
  allTexts: async () => () => '',
};

function keptOf(content: SiteContent, state: string): Kept {
  const site = new KepSite(content, KEP_URLS);
  // the first search would wait for it
  if (content.keps.length > 0) void site.prepareSearch().catch(() => {});
  return { content, site, days: new Map(), state };
}

async function answer(kept: Kept, call: KepCall): Promise<object> {
  const query = new URLSearchParams(call.query);
  const day = query.get('asOf') ?? '';
  if (day === '') return answerKepCall(kept.site, call);
  if (!isDay(day)) throw newBadRequest('asOf must be a day, as in 2024-01-31');
  const then = siteAt(kept, day);
  return call.path === 'search' ? searchAt(kept, then, query) : answerKepCall(then, call);
}

function siteAt({ content, days }: Kept, day: string): KepSite {
  const site = days.get(day) ?? new KepSite(contentAsOf(content, day), KEP_URLS);
  days.delete(day);
  days.set(day, site);
  if (days.size > MOST_DAYS) days.delete(days.keys().next().value!);
  return site;
}

/** The texts are those of now, of which alone there is an index; what fits is as it was at the day. */
async function searchAt({ site }: Kept, then: KepSite, query: URLSearchParams): Promise<object> {
  const filter = parseFilter(query.get('filter') ?? '');
  const rows = then.index().keps.filter((row) => fits(row, filter, ({ stale }) => stale !== undefined));
  const wanted = new Set(rows.map(({ name }) => name));
  const { hits } = await site.search(query.get('q') ?? '', { limit: Infinity });
  const found = hits.filter(({ name }) => wanted.has(name));
  return { source: then.source, found: found.length, hits: found.slice(0, limitOf(query)) };
}

/** Another one when any Kep, or a list of features, is another one. */
async function stateOf(client: Client): Promise<string> {
  const states = await Promise.all([
    versionsOf(client, KEP_KIND),
    versionsOf(client, FEATURE_LIST_KIND).catch(unlessNoMatch),
  ]);
  return states.join();
}

async function versionsOf(client: Client, kind: typeof KEP_KIND | typeof FEATURE_LIST_KIND): Promise<string> {
  const versions: string[] = [];
  for await (const { metadata } of client.pages<KubeObject>(kind, { metadataOnly: true }))
    versions.push(`${metadata.uid}:${metadata.resourceVersion}`);
  return versions.join();
}

/** Who synced KEPs need not have brought a list of features. */
function unlessNoMatch(error: unknown): undefined {
  if (isNoMatchError(error)) return undefined;
  throw error;
}
