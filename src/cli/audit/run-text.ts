import type { JsonObject } from 'nekube/apimachinery';
import { type AssessedGrant, type AuditResult, evidenceText, type Finding, type Verdict } from 'nekube/audit';
import { printable } from '../printable.ts';

const MEANING: Readonly<Record<Verdict, string>> = {
  render: 'What it writes is a function of the resource: a Helm chart does the same.',
  'render-with-secrets':
    'What it writes is a function of the resource, and of values that it makes once: a Helm chart does the same.',
  heal: 'What it writes is a function of the resource, and it puts back what was changed: a Helm chart and GitOps do the same.',
  compose: 'It reads what others wrote, or writes where others are: a composition, or an operator with few rights.',
  operate: 'It acts by status, time or order, which no chart does: an operator is justified.',
  external: 'It deals with what is outside of the cluster.',
  unknown: 'It wrote nothing, so that nothing can be said.',
};

/** More lines than these of a finding are counted only. */
const MOST_LINES = 8;

/** A verdict and all that it rests on. */
export function resultText({ judgement, findings, coverage, denied }: AuditResult): string {
  const { verdict, because, confidence } = judgement;
  const others = findings.filter((finding) => !because.includes(finding));
  const { leaves, influence, gaps, limits } = coverage;
  const sections = [
    `Verdict: ${verdict} (confidence: ${confidence})\n  ${MEANING[verdict]}\n`,
    section('Because', because.map(findingText)),
    section('Also seen', others.map(findingText)),
    section(
      `What the spec does (${leaves.exercised} of ${leaves.all} leaves tried, ${leaves.refused.length} values refused by the server)`,
      [...influence].map(([leaf, places]) => `${leaf}\n${lines(places)}`),
    ),
    section('It was refused', denied),
    section('Not known', [...gaps, ...limits]),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

/** The same for programs. */
export function resultJson(
  { judgement, findings, coverage, denied, roles }: AuditResult,
  assessed: readonly AssessedGrant[],
): JsonObject {
  const plain = (rule: AuditResult['roles']['cluster'][number]) => ({
    ...rule,
    evidence: rule.evidence.map(evidenceText),
  });
  return {
    ...judgement,
    findings,
    coverage: { ...coverage, influence: Object.fromEntries(coverage.influence) },
    denied,
    clusterRules: roles.cluster.map(plain),
    namespaceRules: Object.fromEntries([...roles.namespaces].map(([name, rules]) => [name, rules.map(plain)])),
    unused: assessed
      .filter(({ isMore }) => isMore)
      .map(({ grant, risk, used }) => ({ ...grant, ...risk, used: used.map(evidenceText) })),
  } as unknown as JsonObject;
}

function section(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `${title}:\n${items.map((item) => `  ${item}\n`).join('')}`;
}

function findingText({ aspect, probe, evidence }: Finding): string {
  return `${aspect}: ${printable(probe)}\n${lines(evidence)}`;
}

function lines(all: readonly string[]): string {
  const shown = all.slice(0, MOST_LINES).map((line) => `      ${printable(line)}`);
  if (all.length > MOST_LINES) shown.push(`      and ${all.length - MOST_LINES} more`);
  return shown.join('\n');
}
