import type { FieldChange, KepRow, TimelineEntry } from '../site/contract.ts';
import { stageName, statusName } from '../model/kep.ts';
import { type Content, Html, html } from './html.ts';
import { fileOf, type Language, type Texts } from './texts.ts';

/** A link to the page of a KEP, with its number and title. */
export function kepLink(
  { name, number, title }: Pick<KepRow, 'name' | 'number' | 'title'>,
  root: string,
  language: Language,
): Html {
  return html`<a href="${root}${fileOf(`keps/${name}`, language)}" lang="en" translate="no">${number ? `${number} ` : ''}${title || name}</a>`;
}

/** A status or a stage with its colour; what is none is shown as it was written. */
export function badge(field: 'status' | 'stage', kep: Pick<KepRow, 'status' | 'stage' | 'written'>): Html {
  const name = field === 'status' ? statusName(kep) : stageName(kep);
  if (name === 'none') return html`<span class="soft">–</span>`;
  return html`<span class="badge ${name}" translate="no">${name === 'invalid' ? `${kep.written[field] ?? ''} ?` : name}</span>`;
}

/** Why a KEP is stale, in words. */
export function staleText(stale: NonNullable<KepRow['stale']>, texts: Texts): string {
  return { milestone: texts.staleMilestone, unchanged: texts.staleUnchanged, unnamed: texts.staleUnnamed }[stale];
}

/** A row for each KEP; the script of the list finds them by their order. */
export function kepTable(rows: readonly KepRow[], root: string, language: Language, texts: Texts): Html {
  const head = [texts.number, texts.name, texts.sig, texts.status, texts.stage, texts.milestone, texts.changed];
  return html`<div class="table" tabindex="0"><table class="keps">
<thead><tr>${head.map((name, i) => html`<th scope="col"${i === 0 && new Html(' class="number"')}>${name}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => kepRow(row, root, language, texts))}</tbody>
</table></div>`;
}

function kepRow(row: KepRow, root: string, language: Language, texts: Texts): Html {
  const sig = row.owningSig;
  const page = `${root}${fileOf(`keps/${row.name}`, language)}`;
  return html`<tr><td class="number">${row.number || ''}</td><td><a href="${page}" lang="en" translate="no">${row.title || row.name}</a>${
    row.stale !== undefined &&
    html` <span class="badge stale" title="${staleText(row.stale, texts)}">${texts.stale}</span>`
  }</td><td translate="no">${sig === '' ? '–' : html`<a href="${root}${fileOf(`sigs/${fileName(sig)}`, language)}">${sig.replace(/^sig-/, '')}</a>`}</td><td>${badge('status', row)}</td><td>${badge('stage', row)}</td><td translate="no">${row.latestMilestone === undefined ? '–' : html`<a href="${root}${fileOf(`releases/${row.latestMilestone}`, language)}">${row.latestMilestone}</a>`}</td><td>${row.changed?.day ?? '–'}</td></tr>
`;
}

/** A name as a file may have it. */
export function fileName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9-]+/g, '-') || 'none';
}

/** What a commit changed, in words; names of fields and their values are not translated. */
export function changeWords({ field, from, to }: FieldChange, texts: Texts): Html {
  if (field === 'kep') return html`${to === undefined ? texts.takenAway : texts.proposed}`;
  const name = html`<span translate="no">${field}</span>`;
  if (from === undefined) return html`${name}: <b translate="no">${to}</b>`;
  if (to === undefined) return html`${name}: <s translate="no">${from}</s> ${texts.noMore}`;
  return html`${name}: <span class="soft" translate="no">${from}</span> → <b translate="no">${to}</b>`;
}

/** The pull request, or the commit where there is none. */
export function placeOf({ commit, commitUrl, pullRequest, pullRequestUrl }: TimelineEntry): Html {
  const [url, text] =
    pullRequestUrl === undefined ? [commitUrl, commit.slice(0, 8)] : [pullRequestUrl, `#${pullRequest}`];
  return html`<a href="${url}" rel="noopener noreferrer">${text}</a>`;
}

/** Pieces with commas between. */
export function joined(pieces: readonly Content[]): Content {
  return pieces.map((piece, i) => (i === 0 ? piece : [', ', piece]));
}
