import { queryParamOf } from '../../matching/index.ts';
import type { LoadBalancing } from '../../model/index.ts';
import { cookieOf } from '../filters/session.ts';
import type { HeaderLookup } from '../router/index.ts';

/** What of a request decides its endpoint, where that is by hash; undefined: nothing does. */
export function hashKeyOf(
  balancing: LoadBalancing | undefined,
  request: { readonly headers: HeaderLookup; readonly query: string; readonly client: string },
): string | undefined {
  if (balancing?.type !== 'ConsistentHash') return undefined;
  const { by } = balancing;
  switch (by.type) {
    case 'SourceIP':
      return request.client;
    case 'Header':
      return request.headers.get(by.name.toLowerCase());
    case 'QueryParam':
      return queryParamOf(request.query, by.name);
    case 'Cookie':
      return cookieOf(request.headers.get('cookie'), by.name);
  }
}
