import type { CorsFilter } from '../../model/index.ts';
import type { HeaderList } from '../http/header-list.ts';

/** What CORS says of a request. */
export interface CorsVerdict {
  /** Headers of the answer, whatever it is: name, value, name, value… */
  readonly headers: readonly string[];
  /** It asks what it may do: it is answered at once, without a backend. */
  readonly preflight: boolean;
}

/** What a page of an origin may do with an answer, as Envoy says it; undefined for a request that is of no other origin. */
export function corsVerdict(cors: CorsFilter, method: string, request: HeaderList): CorsVerdict | undefined {
  const origin = request.first('origin');
  if (origin === undefined || origin === '') return undefined;
  const asked = request.first('access-control-request-method');
  const preflight = method === 'OPTIONS' && asked !== undefined && asked !== '';
  const covered = cors.allowOrigins.some((allowed) => coversOrigin(allowed, origin));
  if (!covered && !preflight) return { headers: [], preflight };
  const headers = covered ? ['access-control-allow-origin', origin] : [];
  if (cors.allowCredentials === true) headers.push('access-control-allow-credentials', 'true');
  if (covered) pushList(headers, 'access-control-expose-headers', cors.exposeHeaders);
  if (preflight) {
    const requested = request.get('access-control-request-headers');
    pushList(headers, 'access-control-allow-methods', allowed(cors.allowMethods, asked));
    pushList(headers, 'access-control-allow-headers', allowed(cors.allowHeaders, requested));
    headers.push('access-control-max-age', String(cors.maxAgeSeconds));
  }
  headers.push('vary', 'Origin');
  return { headers, preflight };
}

/** A star is what was asked for: with credentials browsers take none for a wildcard (the Fetch standard). */
function allowed(list: readonly string[], asked: string | undefined): readonly string[] {
  if (!list.includes('*')) return list;
  return asked === undefined ? [] : [asked];
}

function pushList(headers: string[], name: string, list: readonly string[]): void {
  if (list.length > 0) headers.push(name, list.join(', '));
}

/** `*`, an origin, or one with a star, which stands for any text without a slash. */
function coversOrigin(pattern: string, origin: string): boolean {
  if (pattern === '*' || pattern === origin) return true;
  const star = pattern.indexOf('*');
  if (star === -1) return false;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  if (origin.length <= before.length + after.length) return false;
  if (!origin.startsWith(before) || !origin.endsWith(after)) return false;
  return !origin.slice(before.length, origin.length - after.length).includes('/');
}
