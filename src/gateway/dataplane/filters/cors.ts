import type { CorsFilter } from '../../model/index.ts';
import type { HeaderList } from '../http/header-list.ts';

/** What CORS says of a request. */
export interface CorsVerdict {
  /** Headers of the answer, whatever it is: name, value, name, value… */
  readonly headers: readonly string[];
  /** It asks what it may do: it is answered at once, without a backend. */
  readonly preflight: boolean;
}

/** What a page of an origin may do with an answer; undefined for a request that is of no other origin. */
export function corsVerdict(cors: CorsFilter, method: string, request: HeaderList): CorsVerdict | undefined {
  const origin = request.first('origin');
  if (origin === undefined || origin === '') return undefined;
  const asked = request.first('access-control-request-method');
  const preflight = method === 'OPTIONS' && asked !== undefined;
  if (!cors.allowOrigins.some((allowed) => coversOrigin(allowed, origin))) return { headers: [], preflight };
  const credentials = cors.allowCredentials === true;
  const headers = ['access-control-allow-origin', origin];
  if (credentials) headers.push('access-control-allow-credentials', 'true');
  pushList(headers, 'access-control-expose-headers', cors.exposeHeaders);
  if (preflight) {
    // with credentials a star is no wildcard (the Fetch standard), so what was asked for is said
    const requested = request.get('access-control-request-headers');
    pushList(headers, 'access-control-allow-methods', allowed(cors.allowMethods, credentials, asked));
    pushList(headers, 'access-control-allow-headers', allowed(cors.allowHeaders, credentials, requested));
    headers.push('access-control-max-age', String(cors.maxAgeSeconds));
  }
  headers.push('vary', 'Origin');
  return { headers, preflight };
}

function allowed(list: readonly string[], credentials: boolean, asked: string | undefined): readonly string[] {
  if (!list.includes('*')) return list;
  if (!credentials) return ['*'];
  return asked === undefined ? [] : [asked];
}

function pushList(headers: string[], name: string, list: readonly string[]): void {
  if (list.length > 0) headers.push(name, list.join(', '));
}

/** `*`, an origin, or one with a star, which stands for any text of a host. */
function coversOrigin(pattern: string, origin: string): boolean {
  if (pattern === '*' || pattern.toLowerCase() === origin.toLowerCase()) return true;
  const star = pattern.indexOf('*');
  if (star === -1) return false;
  const before = pattern.slice(0, star).toLowerCase();
  const after = pattern.slice(star + 1).toLowerCase();
  const text = origin.toLowerCase();
  if (text.length <= before.length + after.length || !text.startsWith(before) || !text.endsWith(after)) return false;
  return /^[a-z0-9.-]+$/.test(text.slice(before.length, text.length - after.length));
}
