import { createHash } from 'node:crypto';
import { adviceWords, ASPECT_WORDS, kindsWords, verdictWords } from '../verdict/words.ts';
import type { Finding } from '../verdict/finding.ts';
import { type Html, html } from './html.ts';
import { otherGaps } from './joined-coverage.ts';
import { influenceTable } from './page-influence.ts';
import { rightsSections } from './page-rights.ts';
import { PAGE_SCRIPT, PAGE_STYLE } from './page-style.ts';
import { isDecisive, type KindReport, type OperatorReport } from './report.ts';

/**
 * A report as one page that needs nothing else: it asks nobody for anything, and its policy allows no script and no style but its own, so
 * that what an operator says can do nothing, even if it were not escaped.
 */
export function reportPage(report: OperatorReport): string {
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(PAGE_STYLE)}'`,
    `script-src '${hashOf(PAGE_SCRIPT)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const { text } = html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${report.verdict}: operator audit</title>
`;
  const body = html`</head>
<body>
<header>
<h1>Operator audit</h1>
<p><code>${report.operator.command.join(' ')}</code> <span class="dim">as</span> <code>${report.operator.user}</code></p>
</header>
<main>
${sectionsOf(report)}
</main>
<footer><p>nekube audit, ${report.startedAt}, ${report.apiVersion}. What is not in here was not seen; it does not follow that it does not happen.</p></footer>
`;
  // hashed to the letter, so they are put in as they are
  return `<!doctype html>\n${text}<style>${PAGE_STYLE}</style>\n${body.text}<script>${PAGE_SCRIPT}</script>\n</body>\n</html>\n`;
}

/** Of several kinds each has a section of its own. */
function sectionsOf(report: OperatorReport): readonly (Html | undefined)[] {
  const { kinds, findings } = report;
  const [only] = kinds;
  const rest = [rightsSections(report), coverage(report)];
  if (only !== undefined && kinds.length === 1)
    return [verdictCard(report), evidence(only, findings), verified(report), influence(only), ...rest];
  const each = kinds.map((kind, i) => kindSection(kind, findings, i));
  return [verdictCard(report), kindTable(report), ...each, verified(report), ...rest];
}

const VERDICT_TONES: Readonly<Record<OperatorReport['verdict'], string>> = {
  render: 'good',
  'render-with-secrets': 'good',
  heal: 'good',
  compose: 'mid',
  operate: 'info',
  external: 'info',
  unknown: 'bad',
};
const CAPABILITIES = ['', 'basic install', 'seamless upgrades', 'full lifecycle', 'deep insights'];

function verdictCard(report: OperatorReport): Html {
  const { verdict, confidence, capability, declaredCapability, coverage, requests, granted, unused, tookMs } = report;
  const risky = unused.filter(({ level }) => level === 'critical' || level === 'high').length;
  const facts: readonly (readonly [string, string])[] = [
    ['Confidence', coverage.gaps.length === 0 ? confidence : `${confidence}, since not all is known`],
    ['Capability level seen', `${capability}, ${CAPABILITIES[capability] ?? ''}`],
    ...(declaredCapability === undefined ? [] : [['Capability level declared', declaredCapability] as const]),
    ['Leaves of the spec tried', `${coverage.leaves.exercised} of ${coverage.leaves.all}`],
    ['Observed', `${requests.all} ${requests.all === 1 ? 'request' : 'requests'} in ${Math.round(tookMs / 1000)} s`],
    ['Refused', `${requests.denied.length} ${requests.denied.length === 1 ? 'request' : 'requests'}`],
    ['Granted beyond use', granted.length === 0 ? 'not known' : `${unused.length} rights, ${risky} of them risky`],
  ];
  return html`<div class="verdict">
<p class="word"><span class="badge ${VERDICT_TONES[verdict] ?? 'plain'}">Verdict</span> ${verdict}</p>
<p class="meaning">${[verdictWords(verdict, report), adviceWords(report.kinds), kindsWords(coverage.kinds)].filter(Boolean).join(' ')}</p>
<dl class="facts">${facts.map(([term, text]) => html`<div><dt>${term}</dt><dd>${text}</dd></div>`)}</dl>
</div>
`;
}

/** What an operator with several kinds is worth for each of them. */
function kindTable({ kinds }: OperatorReport): Html {
  return html`<section aria-labelledby="kinds">
<h2 id="kinds">Kinds</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Kinds"><table>
<thead><tr><th scope="col">Kind</th><th scope="col">Verdict</th><th scope="col">Confidence</th><th scope="col" class="num">Level</th><th scope="col" class="num">Leaves tried</th><th scope="col" class="num">Requests</th><th scope="col" class="num">Time</th></tr></thead>
<tbody>${kinds.map(
    ({ kind, verdict, confidence, capability, coverage: { leaves }, requests, tookMs }, i) => html`<tr>
<th scope="row"><a href="#kind-${i + 1}"><code>${kind}</code></a></th>
<td><span class="badge ${VERDICT_TONES[verdict] ?? 'plain'}">${verdict}</span></td>
<td>${confidence}</td>
<td class="num">${capability}</td>
<td class="num">${leaves.exercised} of ${leaves.all}</td>
<td class="num">${requests}</td>
<td class="num">${(tookMs / 1000).toFixed(1)} s</td>
</tr>`,
  )}</tbody>
</table></div>
</section>
`;
}

/** One of several kinds: what it is judged by, what its spec changes, how far it was looked at. */
function kindSection(kind: KindReport, findings: readonly Finding[], i: number): Html {
  const id = `kind-${i + 1}`;
  const { verdict, isSampleMade } = kind;
  const own = findings.filter((one) => one.kind === kind.kind);
  const table = influenceTable(kind.coverage.influence);
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${kind.kind} <span class="badge ${VERDICT_TONES[verdict] ?? 'plain'}">${verdict}</span></h2>
<p>${verdictWords(verdict, { findings: own, coverage: kind.coverage })}${isSampleMade ? ' Its sample was made by its schema.' : undefined}</p>
${evidenceOf(kind, own)}
${table === undefined ? undefined : html`<h3>Which leaf of the spec changes what</h3>${table}`}
${covered(kind)}
</section>
`;
}

function evidence(kind: KindReport, findings: readonly Finding[]): Html {
  return html`<section aria-labelledby="evidence">
<h2 id="evidence">Evidence</h2>
${evidenceOf(kind, findings)}
</section>
`;
}

function evidenceOf(kind: KindReport, findings: readonly Finding[]): Html {
  const first = findings.filter((one) => isDecisive(one, kind));
  const others = findings.filter((one) => !isDecisive(one, kind));
  return html`${first.length === 0 ? html`<p class="dim">Nothing was seen that decides.</p>` : html`<h3>What decided</h3>${first.map((one) => findingHtml(one, true))}`}
${others.length === 0 ? undefined : html`<h3>Also seen</h3>${others.map((one) => findingHtml(one, false))}`}`;
}

function findingHtml({ aspect, probe, evidence: lines, requests = [] }: Finding, isOpen: boolean): Html {
  return html`<details${isOpen ? html` open` : undefined}>
<summary><span class="what">${ASPECT_WORDS[aspect] ?? aspect}</span><span class="badge plain">${aspect}</span></summary>
<div class="in"><p class="dim">Tried: ${probe}</p>
<ul>${lines.map((line) => html`<li><code>${line}</code></li>`)}</ul>
${requests.length === 0 ? undefined : html`<details><summary>What it asked the server meanwhile (${requests.length})</summary><pre class="wrap" tabindex="0">${requests.join('\n')}</pre></details>`}
</div></details>
`;
}

function verified({ verification }: OperatorReport): Html | undefined {
  if (verification === undefined) return undefined;
  const { isSame, denied, differences, compared, gaps } = verification;
  const lines = [...denied.map((line) => `refused: ${line}`), ...differences];
  return html`<section aria-labelledby="verified">
<h2 id="verified">With the smallest roles <span class="badge ${isSame ? 'good' : 'bad'}">${isSame ? 'the same' : 'not the same'}</span></h2>
<p>It was run again through the same probes with the roles below and no others; ${compared === 1 ? '1 write was' : `${compared} different writes were`} compared.
${isSame ? 'It wrote the same, and was refused nothing.' : 'It did not do the same:'}</p>
${lines.length === 0 ? undefined : html`<ul>${lines.map((line) => html`<li><code>${line}</code></li>`)}</ul>`}
${gaps.map((gap) => html`<p class="dim">${gap}</p>`)}
</section>
`;
}

function influence({ coverage }: KindReport): Html | undefined {
  const table = influenceTable(coverage.influence);
  if (table === undefined) return undefined;
  return html`<section aria-labelledby="influence">
<h2 id="influence">Which leaf of the spec changes what</h2>
${table}
</section>
`;
}

function coverage({ kinds, coverage }: OperatorReport): Html {
  const { steps, cutOff, limits, neverTried } = coverage;
  const unknown = [...otherGaps(coverage), ...limits];
  return html`<section aria-labelledby="coverage">
<h2 id="coverage">What was covered</h2>
<h3>Done</h3>
<div class="scroll" tabindex="0" role="region" aria-label="Steps"><table class="narrow">
<thead><tr><th scope="col">Intervention</th><th scope="col">Time</th></tr></thead>
<tbody>${steps.map(({ name, tookMs }) => html`<tr><td>${name}</td><td class="num">${(tookMs / 1000).toFixed(1)} s</td></tr>`)}</tbody>
</table></div>
${listed('Cut off, for want of time', cutOff)}
<h3>Not known</h3>
${unknown.length + cutOff.length === 0 ? html`<p class="dim">All that the audit does was done.</p>` : html`<ul>${unknown.map((gap) => html`<li>${gap}</li>`)}</ul>`}
${listed('What no audit tries, and it might go by', neverTried)}
${kinds.length === 1 ? kinds.map(covered) : undefined}
</section>
`;
}

/** How far the spec of a kind was tried, and what was read meanwhile. */
function covered({ reads, coverage: { leaves } }: KindReport): Html {
  return html`${listed(
    'Leaves of the spec that were tried, and changed nothing',
    leaves.withoutEffect.map((leaf) => `spec${leaf}`),
  )}
${listed(
  'Leaves of the spec that were not tried',
  leaves.untried.map((leaf) => `spec${leaf}`),
)}
${listed('What it read', reads)}
${listed('Values of the spec that the server refuses', leaves.refused)}`;
}

function listed(title: string, lines: readonly string[]): Html | undefined {
  if (lines.length === 0) return undefined;
  return html`<h3>${title}</h3><ul>${lines.map((one) => html`<li><code>${one}</code></li>`)}</ul>`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
