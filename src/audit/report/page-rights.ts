import { grantText } from '../access/granted.ts';
import type { RiskLevel } from '../access/risks.ts';
import { type Html, html } from './html.ts';
import type { OperatorReport, ReportedGrant } from './report.ts';

const TONES: Readonly<Record<RiskLevel, string>> = { critical: 'bad', high: 'mid', medium: 'info', low: 'plain' };

/** What is granted against what was used, and the smallest roles. */
export function rightsSections(report: OperatorReport): Html {
  return html`${granted(report)}${smallest(report)}`;
}

function granted({ granted: all, unused, requests }: OperatorReport): Html {
  const used = all.length - unused.length;
  const intro =
    all.length === 0
      ? 'The manifests grant it nothing, so that there is nothing to compare.'
      : `${unused.length} of ${all.length} grants give more than was used, the riskiest first; ${used} were used as they are.`;
  return html`<section aria-labelledby="granted">
<h2 id="granted">Granted against used</h2>
<p>${intro}</p>
${unused.length === 0 ? undefined : grantTable(unused)}
${
  requests.denied.length === 0
    ? undefined
    : html`<h3>It was refused, and lacks rights for it</h3><ul>${requests.denied.map((line) => html`<li><code>${line}</code></li>`)}</ul>`
}
</section>
`;
}

function grantTable(grants: readonly ReportedGrant[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Granted and more than was used"><table>
<thead><tr><th scope="col">Risk</th><th scope="col">Granted</th><th scope="col">Where</th><th scope="col">Used of it</th><th scope="col">What it can do</th><th scope="col">By</th></tr></thead>
<tbody>${grants.map(
    (grant) => html`<tr>
<td><span class="badge ${TONES[grant.level] ?? 'plain'}">${grant.level}</span></td>
<td><code>${grantText(grant)}</code></td>
<td>${grant.namespace === '' ? 'everywhere' : html`<code>${grant.namespace}</code>`}</td>
<td>${usedText(grant.used)}</td>
<td>${grant.why}</td>
<td>${grant.role}</td>
</tr>`,
  )}</tbody>
</table></div>`;
}

function usedText(used: readonly string[]): Html {
  if (used.length === 0) return html`<span class="dim">nothing</span>`;
  if (used.length === 1) return html`<code>${used[0]}</code>`;
  return html`<details><summary>${used.length} permissions</summary><ul>${used.map((line) => html`<li><code>${line}</code></li>`)}</ul></details>`;
}

function smallest({ roles }: OperatorReport): Html {
  return html`<section aria-labelledby="roles">
<div class="bar"><h2 id="roles">The smallest roles</h2><div><span id="told" role="status" class="dim"></span> <button type="button" data-copy="yaml" hidden>Copy</button></div></div>
<p>Each rule stands below the requests that show that it is needed. Requests that were refused are no use.</p>
<pre tabindex="0" id="yaml">${roles}</pre>
</section>
`;
}
