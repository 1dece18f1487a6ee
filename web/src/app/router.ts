import { computed, signal } from '@preact/signals';
import { registered } from './registry.ts';
import { matchRoute } from './routes.ts';

const here = (): URL => new URL(location.href);

/** Where the tab is. Everything that is shown follows from it and from the cluster. */
export const url = signal<URL>(here());

/** Counts moves from one view to another since the page was loaded. */
export const moves = signal(0);

/** The path alone: views that only depend on it are not drawn anew when the query changes. */
export const pathname = computed(() => url.value.pathname);

/** The route of the path, undefined where no view is. */
export const route = computed(() =>
  matchRoute(
    registered.value.flatMap((section) => section.routes),
    pathname.value,
  ),
);

/** One value of the query. */
export function queryValue(name: string): string | undefined {
  return url.value.searchParams.get(name) ?? undefined;
}

/** Parts of the query that hold for every view, and go along with a link. */
const ALONG = ['at', 'lang', 'theme'];

/** The address of another view, with what holds for every view. */
export function href(path: string): string {
  const to = new URL(path, location.origin);
  for (const name of ALONG) {
    const value = url.value.searchParams.get(name);
    if (value !== null && !to.searchParams.has(name)) to.searchParams.set(name, value);
  }
  return to.pathname + to.search + to.hash;
}

/** Goes to another view. `replace` for what is no step to go back to, as a letter typed into a filter. */
export function navigate(path: string, options: { readonly replace?: boolean } = {}): void {
  const to = new URL(path, location.origin);
  if (to.href === location.href) return;
  if (options.replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  if (to.pathname !== url.peek().pathname) moves.value++;
  url.value = here();
}

/** Changes values of the query; undefined takes one away. */
export function setQuery(
  values: Readonly<Record<string, string | undefined>>,
  options: { readonly replace?: boolean } = {},
): void {
  const to = new URL(url.peek());
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === '') to.searchParams.delete(name);
    else to.searchParams.set(name, value);
  }
  navigate(readable(to), options);
}

/** Colons, commas and slashes may stand in a query as they are, and filters have many. */
function readable(to: URL): string {
  return to.pathname + to.search.replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%2F', '/') + to.hash;
}

addEventListener('popstate', () => {
  moves.value++;
  url.value = here();
});

// a link to ourselves changes the view, without loading the page anew
document.addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return;
  const link = (event.target as Element).closest?.('a[href]') as HTMLAnchorElement | null;
  // within the view is the browser's
  if (!link || link.getAttribute('href')!.startsWith('#')) return;
  if (link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (/^\/(console|k8s|signin)(\/|$)/.test(link.pathname)) return;
  event.preventDefault();
  navigate(link.pathname + link.search + link.hash);
});
