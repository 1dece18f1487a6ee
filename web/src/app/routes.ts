import type { Route } from './registry.ts';

/** The route of a path, and what its segments with a colon are. */
export function matchRoute(
  routes: readonly Route[],
  pathname: string,
): { readonly route: Route; readonly params: Readonly<Record<string, string>> } | undefined {
  for (const route of routes)
    for (const path of route.paths) {
      const params = matchPath(path, pathname);
      if (params) return { route, params };
    }
  return undefined;
}

export function matchPath(path: string, pathname: string): Readonly<Record<string, string>> | undefined {
  const wanted = path.split('/').filter(Boolean);
  const given = pathname.split('/').filter(Boolean);
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, segment] of wanted.entries()) {
    if (segment.startsWith(':')) params[segment.slice(1)] = decode(given[i]!);
    else if (segment !== given[i]) return undefined;
  }
  return params;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
