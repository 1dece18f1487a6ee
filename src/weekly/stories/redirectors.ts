/** Pages that only lead on, and the parameter that says where to. */
const BY_PARAMETER: readonly (readonly [host: RegExp, path: RegExp, parameters: readonly string[]])[] = [
  [/^(www\.)?google\.[a-z.]+$/, /^\/url$/, ['q', 'url']],
  [/^(l|lm)\.facebook\.com$/, /^\/l\.php$/, ['u']],
  [/^l\.instagram\.com$/, /^\/$/, ['u']],
  [/^(www\.)?youtube\.com$/, /^\/redirect$/, ['q']],
  [/^slack-redir\.net$/, /^\/link$/, ['url']],
  [/\.safelinks\.protection\.outlook\.com$/, /^\//, ['url']],
  [/^(www\.)?linkedin\.com$/, /^\/(redir\/redirect|safety\/go)$/, ['url']],
  [/^getpocket\.com$/, /^\/redirect$/, ['url']],
  [/^out\.reddit\.com$/, /^\//, ['url']],
  [/^b\.hatena\.ne\.jp$/, /^\/entry$/, ['url']],
];

/** Where a page leads that does nothing but that, as far as its address says; undefined for others. */
export function unwrapped(url: URL): string | undefined {
  return byParameter(url) ?? byPath(url);
}

function byParameter(url: URL): string | undefined {
  const found = BY_PARAMETER.find(([host, path]) => host.test(url.hostname) && path.test(url.pathname));
  return (
    found?.[2].map((name) => url.searchParams.get(name)).find((target) => target && /^https?:\/\//.test(target)) ??
    undefined
  );
}

/** AMP caches and bookmark pages have the address of the page in their path; `s` says that it is one by TLS. */
function byPath({ hostname, pathname, search }: URL): string | undefined {
  const path = /^(www\.)?google\.[a-z.]+$/.test(hostname)
    ? /^\/amp\/(s\/)?([^/]+\..+)$/
    : /\.(cdn\.ampproject\.org|bing-amp\.com)$/.test(hostname)
      ? /^\/(?:[acv]|wp|mc)\/(s\/)?([^/]+\..+)$/
      : hostname === 'b.hatena.ne.jp'
        ? /^\/entry\/(s\/)?([^/]+\..+)$/
        : undefined;
  const found = path?.exec(pathname);
  return found ? `http${found[1] ? 's' : ''}://${found[2]}${search}` : undefined;
}
