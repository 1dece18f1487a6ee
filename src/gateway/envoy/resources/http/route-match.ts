import type { HttpMatch, PathMatch, ValueMatch } from '../../../model/index.ts';
import type { HeaderMatcher, RouteMatch } from '../messages.ts';

/** Which requests a route is for. */
export function routeMatch(match: HttpMatch): RouteMatch {
  const headers: HeaderMatcher[] = match.headers.map((header) => ({
    name: header.name,
    string_match: stringMatch(header),
  }));
  if (match.method !== undefined) headers.unshift({ name: ':method', string_match: { exact: match.method } });
  const params = match.queryParams.map((param) => ({ name: param.name, string_match: stringMatch(param) }));
  return {
    ...pathMatch(match.path),
    ...(headers.length > 0 && { headers }),
    ...(params.length > 0 && { query_parameters: params }),
    ...(match.grpc && { grpc: {} }),
  };
}

/** The value of a header or parameter. */
export function stringMatch(match: ValueMatch) {
  return match.type === 'Exact' ? { exact: match.value } : { safe_regex: { regex: match.value } };
}

function pathMatch({ type, value }: PathMatch): RouteMatch {
  if (type === 'Exact') return { path: value };
  if (type === 'RegularExpression') return { safe_regex: { regex: value } };
  return value === '/' ? { prefix: '/' } : { path_separated_prefix: value };
}
