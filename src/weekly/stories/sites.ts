/** How one site has several addresses for one page: by its host, what to change of a URL. */
type Rewrite = (url: URL) => void;

/** A page that is named by an id which stands in some place of the path. */
function byPath(pattern: RegExp, host: string, path: (...found: string[]) => string): Rewrite {
  return (url) => {
    const found = pattern.exec(url.pathname);
    if (found === null) return;
    url.hostname = host;
    url.pathname = path(...found.slice(1).map((part) => part ?? ''));
    url.search = '';
  };
}

function toHost(host: string): Rewrite {
  return (url) => {
    url.hostname = host;
  };
}

/** A video: however it is shown, and of whatever list it is one. */
const video: Rewrite = (url) => {
  url.hostname = 'www.youtube.com';
  const inPath = /^\/(?:(?:live|shorts|embed|v|e)\/)([\w-]+)\/?$/.exec(url.pathname)?.[1];
  const id = inPath ?? (url.pathname === '/watch' ? url.searchParams.get('v') : null);
  if (id === null || id === 'videoseries') return;
  url.pathname = '/watch';
  url.search = '';
  url.searchParams.set('v', id);
};

const shortVideo: Rewrite = (url) => {
  const [, id] = /^\/([\w-]+)\/?$/.exec(url.pathname) ?? [];
  if (id === undefined) return;
  url.hostname = 'www.youtube.com';
  url.pathname = '/watch';
  url.search = '';
  url.searchParams.set('v', id);
};

/** A post with its comments; its title and which comment do not matter. */
const reddit: Rewrite = (url) => {
  url.hostname = 'www.reddit.com';
  byPath(/^((?:\/(?:r|user)\/[^/]+)?\/comments\/[a-z0-9]+)(?:\/.*)?$/i, url.hostname, (post) => `${post}/`)(url);
};

/** What somebody said; a picture of it and who shows it do not matter. */
const post: Rewrite = (url) => {
  url.hostname = 'x.com';
  byPath(
    /^\/(?:i\/web|([^/]+))\/status(?:es)?\/(\d+)(?:\/.*)?$/,
    url.hostname,
    (who, id) => `/${who || 'i'}/status/${id}`,
  )(url);
};

/** A paper, in its newest version, as the page that says what it is. */
const paper = byPath(
  /^\/(?:abs|pdf|html|format|ps)\/((?:[a-z-]+(?:\.[A-Z]{2})?\/\d{7}|\d{4}\.\d{4,5}))(?:v\d+)?(?:\.pdf)?\/?$/,
  'arxiv.org',
  (id) => `/abs/${id}`,
);

const SITES: readonly (readonly [host: RegExp, rewrite: Rewrite])[] = [
  [/^youtu\.be$/, shortVideo],
  [/^((www|m|music)\.)?youtube(-nocookie)?\.com$/, video],
  [/^((www|old|new|np|sh|i|m|amp)\.)?reddit\.com$/, reddit],
  [/^redd\.it$/, byPath(/^\/([a-z0-9]+)\/?$/i, 'www.reddit.com', (id) => `/comments/${id}/`)],
  [/^((www|m|mobile)\.)?(twitter|x)\.com$|^(www\.)?([fv]x|fixv)twitter\.com$|^(www\.)?fixupx\.com$/, post],
  [/^((www|export|browse)\.)?arxiv\.org$|^(www\.)?ar5iv(\.labs\.arxiv)?\.org$/, paper],
  [
    /^github\.com$/,
    byPath(/^(\/[^/]+\/[^/]+\/pull\/\d+)\/(?:files|commits|checks|changes)(?:\/.*)?$/, 'github.com', (path) => path),
  ],
  [/^(m|mobile|touch|mbasic|web)\.facebook\.com$/, toHost('www.facebook.com')],
  [/^mobile\.nytimes\.com$/, toHost('www.nytimes.com')],
];

/** Sites of the Wikimedia Foundation have a host for small screens beside each. */
const SMALL_WIKI =
  /^([a-z-]+\.)?m\.((?:wikipedia|wiktionary|wikibooks|wikinews|wikiquote|wikisource|wikiversity|wikivoyage|wikidata|wikimedia)\.org)$/;

/** Brings an address of a site that has several for one page to the one that the site itself leads to. */
export function ofSite(url: URL): void {
  SITES.find(([host]) => host.test(url.hostname))?.[1](url);
  const [, language = 'www.', site] = SMALL_WIKI.exec(url.hostname) ?? [];
  if (site !== undefined) url.hostname = `${language}${site}`;
}

/**
 * What tells a page of a site from others, where an address may say more: which community a post is of, who said something.
 *
 * @returns the path to compare by
 */
export function tellingPath(host: string, path: string): string {
  if (host === 'reddit.com') return path.replace(/^\/(?:r|user)\/[^/]+(?=\/comments\/)/, '');
  if (host === 'x.com') return path.replace(/^\/[^/]+(?=\/status\/)/, '');
  return path;
}
