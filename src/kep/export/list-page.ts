import type { Facet, SiteFacets, SiteIndex } from '../site/contract.ts';
import { type Html, html } from './html.ts';
import { pageOf, type PageContext } from './layout.ts';
import { kepTable } from './parts.ts';
import type { Texts } from './texts.ts';

/** The fields that have a choice above the list. */
const CHOICES = ['sig', 'status', 'stage', 'milestone'] as const;

/** The list of all KEPs. Without scripts it is that, with them it is filtered and searched as one types. */
export function listPage(
  context: PageContext,
  index: SiteIndex,
  { facets }: SiteFacets,
  data: { readonly rows: string; readonly search: string },
): string {
  const { language, texts } = context;
  const main = html`<h1>${texts.title}</h1>
<form id="filter" role="search" hidden data-rows="${data.rows}" data-search="${data.search}" data-of="${texts.of}" data-shown="${texts.shown}" data-searching="${texts.searching}" data-no-search="${texts.noSearch}">
<p class="words"><label for="words">${texts.filter}</label>
<input id="words" name="q" type="search" autocomplete="off" spellcheck="false" aria-describedby="help"></p>
<p class="choices">${CHOICES.map((field) => choice(field, facets, texts))}
<label><input id="stale" type="checkbox"> ${texts.onlyStale}</label>
<output id="count" for="words" aria-live="polite">${index.keps.length}</output></p>
<p id="help" class="soft">${texts.filterHelp}</p>
</form>
${kepTable(index.keps, '', language, texts)}`;
  return pageOf(context, { page: 'index', title: texts.title, main, section: 'index', hasScript: true });
}

function choice(field: (typeof CHOICES)[number], facets: readonly Facet[], texts: Texts): Html {
  const values = facets.find((facet) => facet.field === field)?.values ?? [];
  return html`<label>${texts[field]} <select data-field="${field}"><option value="">${texts.any}</option>${values.map(
    ({ value, count }) => html`<option value="${value}" translate="no">${value} (${count})</option>`,
  )}</select></label>
`;
}
