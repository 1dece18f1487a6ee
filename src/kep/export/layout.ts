import type { SiteSource } from '../site/contract.ts';
import { type Content, Html, html } from './html.ts';
import { fileOf, type Language, LANGUAGES, TEXTS, type Texts } from './texts.ts';

/** The files that pages load, by their paths in the site. */
export interface Assets {
  /** Filters the list. */
  readonly script: string;
  /** Has the choice of light or dark; every page loads it before it is drawn. */
  readonly theme: string;
  readonly style: string;
}

/** What all pages of a site have in common. */
export interface PageContext {
  readonly language: Language;
  readonly texts: Texts;
  readonly source: SiteSource;
  readonly assets: Assets;
  /** Where the site will be, with a slash at its end; absent: links are relative, and nothing names it. */
  readonly baseUrl?: string;
  /** Those that own KEPs, and so have a page. */
  readonly sigs: ReadonlySet<string>;
}

/** A page: where it is, and what it says. */
export interface PageParts {
  /** Its path without language and ending: `keps/127-user-namespaces`. */
  readonly page: string;
  readonly title: string;
  readonly main: Html;
  /** The page of the navigation that it is, or is below. */
  readonly section: (typeof SECTIONS)[number];
  readonly head?: Content;
  /** The script that filters is for the list alone. */
  readonly hasScript?: boolean;
}

/** Browsers ask for one in any case. */
export const ICON = {
  path: 'assets/icon.svg',
  content:
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#2451c7"/><path d="M4 4h8M4 8h8M4 12h5" stroke="#fff" stroke-width="1.6" stroke-linecap="round"/></svg>\n',
} as const;

const SECTIONS = ['index', 'sigs', 'releases', 'gates', 'changes'] as const;

/** Nothing but the site's own files; neither scripts nor styles in a page. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'";

/** A whole page. */
export function pageOf(context: PageContext, { page, title, main, section, head, hasScript }: PageParts): string {
  const { language, texts, assets, baseUrl } = context;
  const root = rootOf(page);
  const { list: index, sigs, releases, gates, changes } = texts;
  const names = { index, sigs, releases, gates, changes };
  const document = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" type="image/svg+xml" href="${root}${ICON.path}">
<link rel="stylesheet" href="${root}${assets.style}">
<script src="${root}${assets.theme}"></script>
${LANGUAGES.map(
  (
    one,
  ) => html`<link rel="alternate" hreflang="${one}" href="${baseUrl === undefined ? root : baseUrl}${fileOf(page, one)}">
`,
)}${
  baseUrl !== undefined &&
  html`<link rel="canonical" href="${baseUrl}${fileOf(page, language)}">
`
}<link rel="alternate" type="application/atom+xml" title="${texts.changes}" href="${root}feeds/all.atom">
<link rel="alternate" type="application/feed+json" title="${texts.changes}" href="${root}feeds/all.json">
${head}${
  hasScript &&
  html`<script type="module" src="${root}${assets.script}"></script>
`
}</head>
<body>
<a class="skip" href="#main">${texts.skip}</a>
<header>
<a class="home" href="${root}${fileOf('index', language)}">${texts.short}</a>
<nav aria-label="${texts.pages}"><ul>
${SECTIONS.map(
  (
    one,
  ) => html`<li><a href="${root}${fileOf(one, language)}"${one === section && new Html(page === one ? ' aria-current="page"' : ' class="here"')}>${names[one]}</a></li>
`,
)}</ul></nav>
${LANGUAGES.filter((one) => one !== language).map(
  (
    one,
  ) => html`<a class="language" lang="${one}" hreflang="${one}" href="${root}${fileOf(page, one)}">${TEXTS[one].language}</a>
`,
)}<label class="theme" hidden>${texts.theme} <select id="theme" autocomplete="off"><option value="">${texts.themeSystem}</option><option value="light">${texts.themeLight}</option><option value="dark">${texts.themeDark}</option></select></label>
</header>
<main id="main">
${main}
</main>
<footer>${footer(context)}</footer>
</body>
</html>
`;
  return document.text;
}

/** The way from a page to the root of the site: `../` for each folder. */
export function rootOf(page: string): string {
  return '../'.repeat(page.split('/').length - 1);
}

function footer({ texts, source }: PageContext): Html {
  const { repository, commit, time } = source;
  const name = repository.replace(/^https?:\/\//, '');
  return html`<p>${texts.from} <a href="${repository}" rel="noopener noreferrer">${name}</a>${
    commit !== undefined &&
    html`, ${texts.at} <a href="${repository}/commit/${commit}" rel="noopener noreferrer"><code>${commit.slice(0, 8)}</code></a>`
  }${time !== undefined && html` (<time datetime="${time}">${time.slice(0, 10)}</time>)`}</p>`;
}
