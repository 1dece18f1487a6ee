import { newFailure } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { KepSite } from 'nekube/kep';

/** What a page asks of the site of KEPs; the query as it was. */
export interface KepCall {
  /** `index`, `page/NAME`, `graph`, `gates`, `facets`, `search` or `changes`; of a checkout also `image`. */
  readonly path: string;
  readonly query: string;
}

/** Where the KEPs are from that a console shows. */
export interface KepSource {
  /**
   * The answer as JSON, or an image.
   *
   * @param client acts as who asks
   * @throws StatusError
   */
  ask(call: KepCall, client: Client): Promise<string | Uint8Array>;
  /**
   * Begins to read, so that the first page need not wait for all of it.
   *
   * @param client acts as the console's users do
   */
  start(client: Client): void;
  /** Reads no more. */
  close(): Promise<void>;
}

/** Where pages of the console lead to. */
export const KEP_URLS = { kepUrl: (name: string): string => `/keps/${encodeURIComponent(name)}` };

/** So many hits and changes are answered at most. */
const MOST = 1000;

/**
 * What the site has of it.
 *
 * @throws StatusError `NotFound`
 * @throws ParseError for a filter that is none
 */
export async function answerKepCall(site: KepSite, { path, query }: KepCall): Promise<object> {
  const asked = new URLSearchParams(query);
  const filter = asked.get('filter') ?? '';
  const limit = limitOf(asked);
  const [what, name] = path.split('/', 2);
  switch (what) {
    case 'index':
      return site.index();
    case 'graph':
      return site.graph();
    case 'gates':
      return site.gates();
    case 'facets':
      return site.facets(filter);
    case 'search':
      return await site.search(asked.get('q') ?? '', { filter, limit, isPatient: false });
    case 'changes':
      return site.changes({ filter, limit, since: asked.get('since') ?? '' });
    case 'page': {
      const page = await site.page(decoded(name ?? ''));
      if (page !== undefined) return page;
      throw newFailure(404, 'NotFound', `there is no KEP ${JSON.stringify(name)}`);
    }
    default:
      throw newFailure(404, 'NotFound', 'the site of KEPs has nothing of that name');
  }
}

/** How many of them are asked for: one at least. */
export function limitOf(query: URLSearchParams): number {
  return Math.min(Math.max(Number(query.get('limit')) || 50, 1), MOST);
}

/** What no name can be escaped as is the name of no KEP. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
