import { minorOf } from '../document/values.ts';
import { groupBy } from '../model/group-by.ts';
import type { KepRow, SiteIndex } from '../site/contract.ts';
import { type Html, html } from './html.ts';
import { pageOf, type PageContext } from './layout.ts';
import { kepTable } from './parts.ts';
import { fileOf } from './texts.ts';

/** What KEPs name a release for: a stage, or `latest`, as their latest milestone and for no stage. */
export type Release = ReadonlyMap<string, readonly KepRow[]>;

const STAGES = ['alpha', 'beta', 'stable', 'deprecated', 'disabled', 'removed', 'latest'];

/** The KEPs by the releases that they name, the newest first. */
export function byRelease({ keps }: SiteIndex): readonly (readonly [release: string, named: Release])[] {
  const named = keps.flatMap((row) => {
    const promises = Object.entries(row.milestones).map(([stage, release]) => ({ row, stage, release }));
    const { latestMilestone: latest } = row;
    const isOfStage = latest === undefined || promises.some(({ release }) => release === latest);
    return isOfStage ? promises : [...promises, { row, stage: 'latest', release: latest }];
  });
  const releases = [...groupBy(named, ({ release }) => release)].sort(([a], [b]) => minorOf(b) - minorOf(a));
  return releases.map(([release, of]) => [release, rowsByStage(of)]);
}

function rowsByStage(named: readonly { readonly row: KepRow; readonly stage: string }[]): Release {
  const stages = [...groupBy(named, ({ stage }) => stage)].map(
    ([stage, of]) => [stage, of.map(({ row }) => row)] as const,
  );
  return new Map(stages.sort(([a], [b]) => STAGES.indexOf(a) - STAGES.indexOf(b)));
}

/** The page that lists the releases. */
export function releasesPage(context: PageContext, index: SiteIndex): string {
  const { texts, language } = context;
  const main = html`<h1>${texts.releases}</h1>
<p class="soft">${texts.releasesHelp}</p>
<div class="table" tabindex="0"><table><thead><tr><th scope="col">${texts.release}</th>${STAGES.map(
    (stage) => html`<th scope="col" class="number">${stage === 'latest' ? texts.namedLatest : stage}</th>`,
  )}</tr></thead><tbody>
${byRelease(index).map(
  ([release, named]) =>
    html`<tr><td><a href="${fileOf(`releases/${release}`, language)}" translate="no">${release}</a></td>${STAGES.map(
      (stage) => html`<td class="number">${named.get(stage)?.length ?? ''}</td>`,
    )}</tr>
`,
)}</tbody></table></div>`;
  return pageOf(context, { page: 'releases', title: `${texts.releases} – ${texts.title}`, main, section: 'releases' });
}

/** The page of one release: what lands in it, by stage. */
export function releasePage(context: PageContext, release: string, named: Release): string {
  const { texts, language } = context;
  const heading = (stage: string, count: number): Html =>
    html`<h2>${stage === 'latest' ? texts.namedLatest : html`<span class="badge ${stage}" translate="no">${stage}</span>`} (${count})</h2>`;
  const main = html`<h1 translate="no">${release}</h1>
${[...named].map(
  ([stage, rows]) => html`${heading(stage, rows.length)}
${kepTable(rows, '../', language, texts)}
`,
)}`;
  const title = `${release} – ${texts.title}`;
  return pageOf(context, { page: `releases/${release}`, title, main, section: 'releases' });
}
