import { newFailure } from 'nekube/apimachinery';
import type { KepSite } from 'nekube/kep';

/** What a page asks of the site of KEPs; the query as it was. */
export interface KepCall {
  /** `index`, `page/NAME`, `graph`, `gates`, `facets`, `search` or `changes`; of a checkout also `image`. */
  readonly path: string;
  readonly query: string;
}

/** Where pages of the console lead to. */
export const KEP_URLS = { kepUrl: (name: string): string => `/keps/${encodeURIComponent(name)}` };

/** The types of images by the ends of their names. */
const IMAGE_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  svg: 'image/svg+xml',
  webp: 'image/webp',
  avif: 'image/avif',
};

/** What browsers are told of an image. What is none that they show is something to be kept. */
export function imageType(path: string): string {
  return IMAGE_TYPES[/\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream';
}

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
      return await site.search(asked.get('q') ?? '', { filter, limit });
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

/** How many of them are asked for. */
export function limitOf(query: URLSearchParams): number {
  return Math.min(Number(query.get('limit')) || 50, MOST);
}

/** What no name can be escaped as is the name of no KEP. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
