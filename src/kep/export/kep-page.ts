import type { KepPage, KnownDay, PageGate, Related, TimelineEntry } from '../site/contract.ts';
import { STAGES } from '../model/kep.ts';
import { type Content, Html, html } from './html.ts';
import { pageOf, type PageContext } from './layout.ts';
import { mismatchText } from './mismatch-text.ts';
import { badge, changeWords, fileName, joined, kepLink, placeOf, staleText } from './parts.ts';
import { fileOf, type Texts } from './texts.ts';

/** The page of one KEP. */
export function kepPage(context: PageContext, data: KepPage): string {
  const { texts } = context;
  const { kep } = data;
  const name = kep.number ? `KEP-${kep.number}` : kep.name;
  const main = html`<div class="kep">
<div class="body">
<h1><span class="soft" translate="no">${name}</span> <span lang="en" translate="no">${kep.title || kep.name}</span></h1>
<p class="badges">${badge('status', kep)} ${badge('stage', kep)}${kep.latestMilestone !== undefined && html` <span class="badge">${kep.latestMilestone}</span>`}${
    kep.stale !== undefined &&
    html` <span class="badge stale">${texts.stale}</span> <span class="soft">${staleText(kep.stale, texts)}</span>`
  }</p>
${findings(data, texts)}${timeline(data.timeline, texts)}${related(data.related, context)}${gates(data.gates, texts)}
<article class="readme" lang="en">
${data.html === '' ? html`<p class="soft" lang="${context.language}">${texts.noText}</p>` : new Html(withoutTitle(data.html))}
</article>
${dropped(data, texts)}</div>
<aside>
${facts(data, context)}${contents(data, texts)}</aside>
</div>`;
  return pageOf(context, { page: `keps/${kep.name}`, title: `${name}: ${kep.title}`, main, section: 'index' });
}

/** A text begins with its title, which the page has said. */
function withoutTitle(text: string): string {
  return text.replace(/^\s*<h1 id="[^"]*">(?:(?!<\/h1>)[^])*<\/h1>\n?/, '');
}

function facts({ kep, discussionUrl, folderUrl, readmeUrl }: KepPage, { texts, language, sigs }: PageContext): Html {
  const sig = (one: string): Html =>
    !sigs.has(one)
      ? html`<span translate="no">${one}</span>`
      : html`<a href="../${fileOf(`sigs/${fileName(one)}`, language)}" translate="no">${one}</a>`;
  const link = (url: string, text: string): Html => html`<a href="${url}" rel="noopener noreferrer">${text}</a>`;
  const people = (list: readonly string[]): Content => list.length > 0 && joined(list.map(person));
  const reached = STAGES.filter((stage) => kep.milestones[stage] !== undefined);
  const rows: readonly (readonly [string, Content])[] = [
    [texts.sig, kep.owningSig !== '' && sig(kep.owningSig)],
    [texts.participating, kep.participatingSigs.length > 0 && joined(kep.participatingSigs.map(sig))],
    [
      texts.milestones,
      reached.length > 0 &&
        joined(reached.map((stage) => html`<span translate="no">${stage} ${kep.milestones[stage]}</span>`)),
    ],
    [texts.made, kep.made && day(kep.made, texts)],
    [texts.changed, kep.changed && day(kep.changed, texts)],
    [texts.authors, people(kep.authors)],
    [texts.reviewers, people(kep.reviewers)],
    [texts.approvers, people(kep.approvers)],
    [
      texts.readiness,
      kep.readinessApprovers.length > 0 &&
        joined(kep.readinessApprovers.map(({ stage, approver }) => [`${stage} `, person(approver)])),
    ],
    [texts.disable, kep.disableSupported === undefined ? undefined : kep.disableSupported ? texts.yes : texts.no],
    [
      texts.metrics,
      kep.metrics.length > 0 && joined(kep.metrics.map((one) => html`<code translate="no">${one}</code>`)),
    ],
    [texts.discussion, discussionUrl !== undefined && link(discussionUrl, `#${kep.number}`)],
    [texts.source, link(folderUrl, 'kep.yaml')],
    [texts.text, readmeUrl !== undefined && link(readmeUrl, 'README.md')],
  ];
  return html`<dl class="facts">
${rows.map(
  ([name, value]) =>
    value !== undefined &&
    value !== false &&
    html`<div><dt>${name}</dt><dd>${value}</dd></div>
`,
)}</dl>`;
}

/** A login leads to its page; other names do not. */
function person(name: string): Html {
  const login = /^@([A-Za-z\d-]+)$/.exec(name)?.[1];
  if (login === undefined) return html`<span translate="no">${name}</span>`;
  return html`<a href="https://github.com/${login}" rel="noopener noreferrer" translate="no">${name}</a>`;
}

function day({ day: known, by, written }: KnownDay, texts: Texts): Html {
  const note = [by === 'history' && texts.byCommits, written !== undefined && `${texts.written} ${written}`].filter(
    Boolean,
  );
  return html`<time datetime="${known}">${known}</time>${note.length > 0 && html` <span class="soft">(${note.join('; ')})</span>`}`;
}

function contents({ headings }: KepPage, texts: Texts): Content {
  const shown = headings.filter(({ level }, i) => level <= 3 && (i > 0 || level > 1));
  if (shown.length < 2) return undefined;
  return html`<nav class="toc" aria-label="${texts.contents}"><h2>${texts.contents}</h2><ul lang="en" translate="no">
${shown.map(
  ({ id, level, text }) => html`<li class="level-${level}"><a href="#${id}">${text}</a></li>
`,
)}</ul></nav>`;
}

function timeline(entries: readonly TimelineEntry[], texts: Texts): Content {
  if (entries.length === 0) return undefined;
  return html`<section><h2>${texts.timeline}</h2><ol class="timeline">
${entries.map(
  (
    entry,
  ) => html`<li><time datetime="${entry.time}">${entry.time.slice(0, 10)}</time> <span>${joined(shownChanges(entry).map((change) => changeWords(change, texts)))}</span> ${placeOf(entry)}</li>
`,
)}</ol></section>
`;
}

/** Of a beginning what it began as, without what the page says anyway. */
function shownChanges({ changes }: TimelineEntry): TimelineEntry['changes'] {
  const isFirst = changes.some(({ field, to }) => field === 'kep' && to !== undefined);
  return isFirst ? changes.filter(({ field }) => ['kep', 'status', 'stage'].includes(field)) : changes;
}

function related(list: readonly Related[], { texts, language }: PageContext): Content {
  const kinds = (
    ['replaces', 'supersededBy', 'replacedAccordingTo', 'supersedesAccordingTo', 'seeAlso', 'seenFrom'] as const
  ).filter((kind) => list.some(({ relation }) => relation === kind));
  if (kinds.length === 0) return undefined;
  const other = ({ kep, url, text, isDangling }: Related): Html => {
    if (kep !== undefined)
      return html`${kepLink(kep, '../', language)}${kep.status !== undefined && html` <span class="badge ${kep.status}" translate="no">${kep.status}</span>`}`;
    if (url !== undefined && /^https?:/.test(url)) return html`<a href="${url}" rel="noopener noreferrer">${text}</a>`;
    return html`<code translate="no">${text}</code>${isDangling && html` <span class="badge odd">${texts.dangling}</span>`}`;
  };
  return html`<section><h2>${texts.related}</h2><dl class="related">
${kinds.map(
  (
    kind,
  ) => html`<div><dt>${texts[kind]}</dt>${list.filter(({ relation }) => relation === kind).map((one) => html`<dd>${other(one)}</dd>`)}</div>
`,
)}</dl></section>
`;
}

function gates(list: readonly PageGate[], texts: Texts): Content {
  if (list.length === 0) return undefined;
  return html`<section><h2>${texts.gates}</h2><ul class="gates">
${list.map(
  ({
    name,
    components,
    stages,
    mismatches,
  }) => html`<li><code translate="no">${name}</code>${components.length > 0 && html` <span class="soft" translate="no">${components.join(', ')}</span>`}${
    stages !== undefined &&
    html`: <span translate="no">${stages.map(({ stage, release }) => `${stage} ${release}`).join(', ')}</span>`
  }${mismatches.map((one) => html` <span class="badge odd">${mismatchText(one, texts)}</span>`)}</li>
`,
)}</ul></section>
`;
}

function findings({ findings: list, source }: KepPage, texts: Texts): Content {
  const odd = list.filter(({ level }) => level !== 'note');
  if (odd.length === 0) return undefined;
  const place = (file: string, line: number | undefined): string =>
    `${source.repository}/blob/${source.commit ?? 'HEAD'}/${encodeURI(file)}${line === undefined ? '' : `#L${line}`}`;
  return html`<details class="findings"><summary>${texts.findings} (${odd.length})</summary><ul lang="en">
${odd.map(
  ({
    message,
    file,
    line,
  }) => html`<li>${message} (<a href="${place(file, line)}" rel="noopener noreferrer">${file.split('/').at(-1)}${line !== undefined && `:${line}`}</a>)</li>
`,
)}</ul></details>
`;
}

function dropped({ dropped: counts }: KepPage, texts: Texts): Content {
  const told = Object.entries(counts).filter(([kind]) => kind !== 'element');
  if (told.length === 0) return undefined;
  return html`<p class="soft">${texts.dropped} ${told.map(([kind, count]) => `${kind} (${count})`).join(', ')}</p>
`;
}
