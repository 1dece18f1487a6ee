import { anyOf, type Any } from 'nekube/xds';
import type { CorsFilter } from '../../../model/index.ts';
import { quoted } from './rewrite.ts';

/** The filter of CORS for a route. Preflights are answered here, whether or not they match. */
export function corsPolicy(cors: CorsFilter): Any {
  return anyOf('envoy.extensions.filters.http.cors.v3.CorsPolicy', {
    allow_origin_string_match: cors.allowOrigins.map(originMatch),
    ...(cors.allowMethods.length > 0 && { allow_methods: allowed(cors.allowMethods) }),
    ...(cors.allowHeaders.length > 0 && { allow_headers: allowed(cors.allowHeaders) }),
    ...(cors.exposeHeaders.length > 0 && { expose_headers: cors.exposeHeaders.join(', ') }),
    max_age: String(cors.maxAgeSeconds),
    allow_credentials: cors.allowCredentials === true,
    forward_not_matching_preflights: false,
  });
}

/** Envoy takes a star for a wildcard where it stands alone. */
function allowed(list: readonly string[]): string {
  return list.includes('*') ? '*' : list.join(', ');
}

/** A star stands for any text without a slash, so for one label or more; alone, for every origin. */
function originMatch(origin: string) {
  if (origin === '*') return { safe_regex: { regex: '.*' } };
  if (!origin.includes('*')) return { exact: origin };
  return { safe_regex: { regex: quoted(origin).replaceAll('\\*', '[^/]+') } };
}
