import { groupBy } from '../model/group-by.ts';
import type { GateRow, KepRow, SiteChanges, SiteGates, SiteIndex } from '../site/contract.ts';
import { type Content, type Html, html } from './html.ts';
import { pageOf, type PageContext, rootOf } from './layout.ts';
import { mismatchText } from './mismatch-text.ts';
import { changeWords, fileName, joined, kepLink, kepTable, placeOf } from './parts.ts';
import { fileOf, type Texts } from './texts.ts';

/** KEPs by the SIG that owns them, in the order of their names. */
export function bySig({ keps }: SiteIndex): readonly (readonly [sig: string, rows: readonly KepRow[]])[] {
  const groups = [...groupBy(keps, ({ owningSig }) => owningSig)].filter(([sig]) => sig !== '');
  return groups.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The page that lists the SIGs. */
export function sigsPage(context: PageContext, index: SiteIndex): string {
  const { texts, language } = context;
  const main = html`<h1>${texts.sigs}</h1>
<div class="table" tabindex="0"><table><thead><tr><th scope="col">${texts.sig}</th><th scope="col" class="number">${texts.count}</th><th scope="col" class="number">${texts.open}</th><th scope="col" class="number">${texts.stale}</th><th scope="col">${texts.feeds}</th></tr></thead><tbody>
${bySig(index).map(([sig, rows]) => {
  const file = fileName(sig);
  const open = rows.filter(({ status }) => status === 'provisional' || status === 'implementable').length;
  const stale = rows.filter((row) => row.stale !== undefined).length;
  return html`<tr><td><a href="${fileOf(`sigs/${file}`, language)}" translate="no">${sig}</a></td><td class="number">${rows.length}</td><td class="number">${open}</td><td class="number">${stale}</td><td>${feedLinks(file, '')}</td></tr>
`;
})}</tbody></table></div>`;
  return pageOf(context, { page: 'sigs', title: `${texts.sigs} – ${texts.title}`, main, section: 'sigs' });
}

/** The page of one SIG. */
export function sigPage(context: PageContext, sig: string, rows: readonly KepRow[]): string {
  const { texts, language } = context;
  const page = `sigs/${fileName(sig)}`;
  const main = html`<h1 translate="no">${sig}</h1>
<p class="soft">${rows.length} ${texts.short} · ${texts.feeds}: ${feedLinks(fileName(sig), '../')}</p>
${kepTable(rows, '../', language, texts)}`;
  const head = html`<link rel="alternate" type="application/atom+xml" title="${sig}" href="../feeds/${fileName(sig)}.atom">
`;
  return pageOf(context, { page, title: `${sig} – ${texts.title}`, main, section: 'sigs', head });
}

function feedLinks(name: string, root: string): Html {
  return html`<a href="${root}feeds/${name}.atom">Atom</a>, <a href="${root}feeds/${name}.json">JSON</a>`;
}

/** The page of gates: where KEPs and code differ, then all of them. */
export function gatesPage(context: PageContext, { gates, release }: SiteGates): string {
  const { texts } = context;
  const odd = gates.filter(({ mismatches, keps }) => mismatches.length > 0 && keps.length > 0);
  const main = html`<h1>${texts.gates}</h1>
<p class="soft">${release === undefined ? texts.noList : `${texts.gatesOf} ${release}`}</p>
${
  odd.length > 0 &&
  html`<h2>${texts.mismatches} (${odd.length})</h2>
${gateTable(odd, context, ['code', 'mismatch'])}`
}
<h2>${texts.allGates} (${gates.length})</h2>
${gateTable(gates, context, release === undefined ? [] : ['code'])}`;
  return pageOf(context, { page: 'gates', title: `${texts.gates} – ${texts.title}`, main, section: 'gates' });
}

/** Gates with what is promised of them, and the columns that are asked for: without a list of features nothing is known of the code. */
function gateTable(
  gates: readonly GateRow[],
  { texts, language }: PageContext,
  columns: readonly ('code' | 'mismatch')[],
): Html {
  const names = (['gate', 'kep', 'promised', ...columns] as const).map((name) => texts[name]);
  const row = ({
    gate,
    keps,
    stages,
    mismatches,
  }: GateRow): Html => html`<tr><td><code translate="no">${gate}</code></td><td>${
    keps.length === 0 ? '–' : joined(keps.map((kep) => kepLink(kep, '', language)))
  }</td><td translate="no">${joined(keps.map(({ milestones }) => promised(milestones)))}</td>${
    columns.includes('code') && html`<td translate="no">${inCode(stages, texts)}</td>`
  }${columns.includes('mismatch') && html`<td>${mismatches.map((one) => mismatchText(one, texts)).join('; ')}</td>`}</tr>
`;
  return html`<div class="table" tabindex="0"><table><thead><tr>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>
${gates.map(row)}</tbody></table></div>`;
}

function promised(milestones: KepRow['milestones']): string {
  return Object.entries(milestones)
    .map(([stage, milestone]) => `${stage} ${milestone}`)
    .join(', ');
}

function inCode(stages: GateRow['stages'], texts: Texts): string {
  return stages?.map(({ stage, release }) => `${stage} ${release}`).join(', ') ?? texts.notThere;
}

/** The page of the newest changes. */
export function changesPage(context: PageContext, { changes }: SiteChanges): string {
  const { texts, language } = context;
  const row = (
    entry: SiteChanges['changes'][number],
  ): Content => html`<tr><td><time datetime="${entry.time}">${entry.time.slice(0, 10)}</time></td><td>${kepLink(entry.kep, rootOf('changes'), language)}</td><td>${joined(entry.changes.map((change) => changeWords(change, texts)))}</td><td>${placeOf(entry)}</td></tr>
`;
  const main = html`<h1>${texts.newest}</h1>
<p class="soft">${texts.feeds}: ${feedLinks('all', '')}</p>
<div class="table" tabindex="0"><table><thead><tr><th scope="col">${texts.day}</th><th scope="col">${texts.kep}</th><th scope="col">${texts.change}</th><th scope="col">${texts.pullRequest}</th></tr></thead><tbody>
${changes.map(row)}</tbody></table></div>`;
  return pageOf(context, { page: 'changes', title: `${texts.changes} – ${texts.title}`, main, section: 'changes' });
}
