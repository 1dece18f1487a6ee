import {
  ASPECT_WORDS,
  type Finding,
  isDecisive,
  kindsWords,
  type OperatorReport,
  RISK_LEVELS,
  verdictWords,
} from 'nekube/audit';
import { printable, printableLines } from '../printable.ts';
import { grantTable } from './log-text.ts';

/** More lines than these of a finding are counted only. */
const MOST_LINES = 8;

/** A verdict and all that it rests on: what decided, what else was seen, rights, and what is not known. */
export function reportText(report: OperatorReport): string {
  const { verdict, because, confidence, capability, findings, coverage, requests } = report;
  const others = findings.filter((finding) => !isDecisive(finding, report));
  const { leaves, influence, gaps, limits, neverTried } = coverage;
  const words = [verdictWords(verdict, report), kindsWords(coverage.kinds)].filter((text) => text !== undefined);
  const sections = [
    `Verdict: ${verdict} (confidence ${confidence}, capability level ${capability})\n  ${words.map(printable).join('\n  ')}\n`,
    capabilityText(report),
    section('Because', because.map(findingText)),
    section('Also seen', others.map(findingText)),
    section(
      `What the spec changes (${leaves.exercised} of ${leaves.all} leaves tried, ${leaves.refused.length} values refused by the server)`,
      Object.entries(influence).map(([leaf, places]) => `spec${leaf}\n${lines(places)}`),
    ),
    section('Tried, and changed nothing', leaves.withoutEffect.length === 0 ? [] : [leafList(leaves.withoutEffect)]),
    section('Not tried', leaves.untried.length === 0 ? [] : [leafList(leaves.untried)]),
    section('What it reads', shown(report.reads)),
    rightsText(report),
    section('It was refused, and lacks rights for', requests.denied.map(printable)),
    verificationText(report),
    section('Not known', [...gaps, ...limits].map(printable)),
    section('No audit tries, and it might go by', [...neverTried]),
    observedText(report),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

const LEVELS = ['Basic Install', 'Seamless Upgrades', 'Full Lifecycle', 'Deep Insights'];

/** OperatorHub's level that was seen, beside the one that is declared. */
function capabilityText({ capability, capabilityBecause, declaredCapability }: OperatorReport): string {
  const declared = declaredCapability === undefined ? '' : `, and ${printable(declaredCapability)} is declared`;
  const title = `Capability level ${capability}, ${LEVELS[capability - 1]}, was seen${declared}`;
  if (capabilityBecause.length > 0) return section(title, capabilityBecause.map(printable));
  return declared === '' ? '' : `${title}\n`;
}

function section(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `${title}:\n${items.map((item) => `  ${item}\n`).join('')}`;
}

function findingText({ aspect, probe, evidence }: Finding): string {
  return `${ASPECT_WORDS[aspect]} (${aspect}), when this was done: ${printable(probe)}\n${lines(evidence)}`;
}

/** Leaves in a line; of many the first. */
function leafList(all: readonly string[]): string {
  const first = all.slice(0, 2 * MOST_LINES).map((leaf) => printable(`spec${leaf}`));
  const more = all.length - first.length;
  return `${first.join(', ')}${more > 0 ? `, and ${more} more (-o json)` : ''}`;
}

function lines(all: readonly string[]): string {
  return shown(all)
    .map((line) => `      ${line}`)
    .join('\n');
}

/** The first of many, and how many more there are. */
function shown(all: readonly string[]): string[] {
  const first = all.slice(0, MOST_LINES).map(printable);
  if (all.length > MOST_LINES) first.push(`and ${all.length - MOST_LINES} more (-o json, --html FILE)`);
  return first;
}

function rightsText({ granted, unused, roles }: OperatorReport): string {
  const smallest = `The smallest roles:\n\n${printableLines(roles)
    .replace(/^ *#.*\n/gm, '')
    .replace(/^(?=.)/gm, '  ')}`;
  if (granted.length === 0) return `The manifests grant it nothing.\n\n${smallest}`;
  if (unused.length === 0) return `All that is granted was used.\n\n${smallest}`;
  const counts = RISK_LEVELS.map((level) => [level, unused.filter((one) => one.level === level).length] as const);
  const told = counts.filter(([, count]) => count > 0).map(([level, count]) => `${count} ${level}`);
  return `Granted, and more than was used (${told.join(', ')}):\n\n${grantTable(unused)}\n${smallest}`;
}

function verificationText({ verification }: OperatorReport): string {
  if (verification === undefined) return '';
  const { isSame, denied, differences, compared, gaps } = verification;
  const notes = gaps.map((gap) => `  ${printable(gap)}\n`).join('');
  if (isSame)
    return `With the smallest roles and no others it wrote the same (${compared} different ${compared === 1 ? 'write' : 'writes'}), and was refused nothing.\n${notes}`;
  const found = [...denied.map((line) => `refused: ${line}`), ...differences].map((line) => `  ${printable(line)}\n`);
  return `With the smallest roles and no others it does not do the same:\n${found.join('')}${notes}`;
}

function observedText({ requests, tookMs, coverage, operator }: OperatorReport): string {
  const done = coverage.steps.map(({ name }) => name).join('; ');
  return `Observed: ${requests.all} ${requests.all === 1 ? 'request' : 'requests'} of ${printable(operator.user)} in ${(tookMs / 1000).toFixed(0)} s. Done: ${done || 'nothing'}.\n`;
}
