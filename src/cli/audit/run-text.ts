import {
  adviceWords,
  ASPECT_WORDS,
  type Finding,
  isDecisive,
  isOfTheSpec,
  type KindReport,
  kindsWords,
  type OperatorReport,
  otherGaps,
  RISK_LEVELS,
  verdictWords,
} from 'nekube/audit';
import { aboutDuration } from '../about-duration.ts';
import { printable, printableLines } from '../printable.ts';
import { formatTable } from '../table.ts';
import { grantTable } from './log-text.ts';

/** More lines than these of a finding are counted only. */
const MOST_LINES = 8;
/** Of a refused value the text has no more than this. */
const LONGEST_REFUSAL = 160;

/** A verdict and all that it rests on: what decided, what else was seen, of each kind; rights, and what is not known. */
export function reportText(report: OperatorReport): string {
  const { verdict, confidence, capability, coverage, requests, kinds, decidedBy } = report;
  const { limits, neverTried } = coverage;
  const words = [verdictWords(verdict, report), adviceWords(kinds), kindsWords(coverage.kinds)];
  const told = words.filter((text) => text !== undefined).map(printable);
  const by = kinds.length > 1 && verdict !== 'unknown' ? `, by ${decidedBy.map(printable).join(', ')}` : '';
  const sections = [
    `Verdict: ${verdict} (confidence ${confidence}, capability level ${capability})${by}\n  ${told.join('\n  ')}\n`,
    capabilityText(report),
    kinds.length > 1 ? kindTable(kinds) : '',
    ...kinds.flatMap((kind) => kindTexts(kind, report)),
    rightsText(report),
    section('It was refused, and lacks rights for', requests.denied.map(printable)),
    verificationText(report),
    cutOffText(report),
    section('Not known', [...otherGaps(coverage), ...limits].map(printable)),
    section('No audit tries, and it might go by', [...neverTried]),
    observedText(report),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

/** What an operator with several kinds is worth for each of them. */
function kindTable(kinds: readonly KindReport[]): string {
  const rows = kinds.map(({ kind, verdict, confidence, capability, coverage: { leaves }, isSampleMade, tookMs }) => [
    kind,
    verdict,
    confidence,
    String(capability),
    `${leaves.exercised} of ${leaves.all}`,
    isSampleMade ? 'made by its schema' : 'given',
    `${(tookMs / 1000).toFixed(0)} s`,
  ]);
  return formatTable([['KIND', 'VERDICT', 'CONFIDENCE', 'LEVEL', 'LEAVES', 'SAMPLE', 'TIME'], ...rows]);
}

/** What was found with one kind; of several under its name. */
function kindTexts(kind: KindReport, { kinds, findings }: OperatorReport): string[] {
  const { leaves, influence } = kind.coverage;
  const own = findings.filter((one) => one.kind === kind.kind);
  const others = own.filter((finding) => !isDecisive(finding, kind));
  const words = verdictWords(kind.verdict, { findings: own, coverage: kind.coverage });
  return [
    kinds.length > 1 ? `${printable(kind.kind)}: ${kind.verdict}\n  ${printable(words)}\n${chartHint(kind)}` : '',
    section('Because', kind.because.map(findingText)),
    section('Also seen', others.map(findingText)),
    section(
      `What the spec changes (${leaves.exercised} of ${leaves.all} leaves tried, ${leaves.refused.length} values refused by the server)`,
      Object.entries(influence).map(([leaf, places]) => `spec${leaf}\n${lines(places)}`),
    ),
    section('The server refused', shown(leaves.refused.map(shortRefusal))),
    section('Tried, and changed nothing', leaves.withoutEffect.length === 0 ? [] : [leafList(leaves.withoutEffect)]),
    section('Not tried', leaves.untried.length === 0 ? [] : [leafList(leaves.untried)]),
    section('What it reads', shown(kind.reads)),
  ];
}

function chartHint({ kind, verdict }: KindReport): string {
  return isOfTheSpec(verdict) ? `  "nekube audit chart --kind ${printable(kind)}" makes the chart\n` : '';
}

const LEVELS = ['Basic Install', 'Seamless Upgrades', 'Full Lifecycle', 'Deep Insights'];

/** OperatorHub's level that was seen, beside the one that is declared. */
function capabilityText({ capability, capabilityBecause, declaredCapability }: OperatorReport): string {
  const declared = declaredCapability === undefined ? '' : `, and ${printable(declaredCapability)} is declared`;
  const title = `Capability level ${capability}, ${LEVELS[capability - 1]}, was seen${declared}`;
  if (capabilityBecause.length > 0) return section(title, capabilityBecause.map(printable));
  return declared === '' ? '' : `${title}\n`;
}

/** What a budget, or who interrupted it, cut off of each kind. */
function cutOffText({ coverage, neededMs, tookMs }: OperatorReport): string {
  const hint = neededMs === undefined ? '' : ` (${neededText(neededMs, tookMs)}: --budget)`;
  return section(`Cut off${hint}`, coverage.cutOff.map(printable));
}

function neededText(neededMs: number, tookMs: number): string {
  const needed = aboutDuration(neededMs);
  return tookMs < neededMs
    ? `all of it takes about ${needed}`
    : `the ${needed} that all of it takes at least were not enough here`;
}

function section(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `${title}:\n${items.map((item) => `  ${item}\n`).join('')}`;
}

function findingText({ aspect, probe, evidence }: Finding): string {
  return `${ASPECT_WORDS[aspect]} (${aspect}), when this was done: ${printable(probe)}\n${lines(evidence)}`;
}

/** A refused value with what of the server's reason is about it; all of it is in the other forms of the report. */
function shortRefusal(line: string): string {
  const reason = line.replace(
    /(?<=: )admission webhook "[^"]*" denied the request: |(?<=: )\S+ "[^"]*" is invalid: /g,
    '',
  );
  return reason.length <= LONGEST_REFUSAL ? reason : `${reason.slice(0, LONGEST_REFUSAL - 1)}…`;
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

function rightsText({ granted, unused, roles, rolesLack }: OperatorReport): string {
  const smallest = `The smallest roles:\n${rolesLack.map((one) => `${printable(one)}\n`).join('')}\n${printableLines(
    roles,
  )
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

function observedText({ requests, tookMs, kinds, operator }: OperatorReport): string {
  const [only] = kinds;
  const done = kinds.length === 1 ? only!.coverage.steps.map(({ name }) => name).join('; ') : stepsOfAll(kinds);
  return `Observed: ${requests.all} ${requests.all === 1 ? 'request' : 'requests'} of ${printable(operator.user)} in ${(tookMs / 1000).toFixed(0)} s. Done: ${done || 'nothing'}.\n`;
}

/** What was done with all kinds, and what with some. */
function stepsOfAll(kinds: readonly KindReport[]): string {
  const names = [...new Set(kinds.flatMap(({ coverage }) => coverage.steps.map(({ name }) => name)))];
  return names
    .map((name) => {
      const those = kinds.filter(({ coverage }) => coverage.steps.some((step) => step.name === name));
      return those.length === kinds.length ? name : `${name} (${those.map(({ kind }) => printable(kind)).join(', ')})`;
    })
    .join('; ');
}
