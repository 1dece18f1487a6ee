import { type JsonObject, type KubeObject, stringifyJson } from 'nekube/apimachinery';
import { grantText } from '../access/granted.ts';
import type { RiskLevel } from '../access/risks.ts';
import type { Verification } from '../verdict/compare-runs.ts';
import { adviceWords, verdictWords } from '../verdict/words.ts';
import { isDecisive, type OperatorReport } from './report.ts';

/** The kind of stored audits. */
export const OPERATOR_AUDIT = { apiVersion: 'audit.nekube.dev/v1alpha1', kind: 'OperatorAudit' } as const;

/** An object of more bytes than these may be refused (etcd's bound is 1.5 MiB); what is cut is told. */
const MOST_BYTES = 512 * 1024;
/** Of each list so many items are kept, fewer if that is still too much. */
const KEPT = [200, 50, 10, 2, 0] as const;
const LONGEST_TEXT = 1024;

/** An object that keeps a report as its status, cut to what an object may hold. */
export function operatorAudit(report: OperatorReport, name: string, now: Date): KubeObject {
  const { operator } = report;
  const spec = { command: operator.command.map((part) => cutText(part)), user: operator.user };
  for (const kept of KEPT) {
    const status = statusOf(report, kept, now);
    const object = { ...OPERATOR_AUDIT, metadata: { name }, spec, status } as unknown as KubeObject;
    if (kept === 0 || Buffer.byteLength(stringifyJson(object as unknown as JsonObject)) <= MOST_BYTES) return object;
  }
  throw new RangeError('unreachable: the last of them has no lists');
}

function statusOf(report: OperatorReport, kept: number, now: Date): JsonObject {
  const { verdict, confidence, capability, requests, verification, startedAt, tookMs } = report;
  const cut = new Cut(kept);
  const status = {
    verdict,
    summary: [verdictWords(verdict, report), adviceWords(report.kinds)].filter(Boolean).join(' ').slice(0, 32_768),
    confidence,
    capabilityLevel: capability,
    startTime: `${startedAt.slice(0, 19)}Z`,
    durationSeconds: Math.round(tookMs / 1000),
    requests: requests.all,
    decidedBy: cut.list('decidedBy', report.decidedBy).map(cutText),
    kinds: kindsOf(report, cut),
    findings: findingsOf(report, cut),
    coverage: coverageOf(report, cut),
    rights: rightsOf(report, cut),
    ...(verification && { verification: verificationOf(verification, cut) }),
    conditions: conditionsOf(report, now),
  };
  return { ...status, ...(cut.told.size > 0 && { truncated: [...cut.told].slice(0, 20) }) } as unknown as JsonObject;
}

function kindsOf({ kinds }: OperatorReport, cut: Cut) {
  return cut
    .list('kinds', kinds)
    .map(({ kind, verdict, confidence, capability, coverage: { leaves }, requests, tookMs }) => ({
      kind: cutText(kind),
      verdict,
      confidence,
      capabilityLevel: capability,
      leaves: leaves.all,
      leavesExercised: leaves.exercised,
      requests,
      durationSeconds: Math.round(tookMs / 1000),
    }));
}

function findingsOf(report: OperatorReport, cut: Cut) {
  return cut.list('findings', report.findings).map((finding) => ({
    ...(finding.kind !== undefined && { kind: cutText(finding.kind) }),
    aspect: finding.aspect,
    probe: cutText(finding.probe),
    decided: isDecisive(finding, report),
    evidence: cut.list(`evidence of ${finding.aspect}`, finding.evidence).map(cutText),
  }));
}

function coverageOf({ coverage }: OperatorReport, cut: Cut) {
  const { kinds } = coverage;
  return {
    kind: cutText(kinds.probed),
    otherKinds: cut.list('other kinds', kinds.others).map(({ kind }) => cutText(kind)),
    leaves: coverage.leaves.all,
    leavesExercised: coverage.leaves.exercised,
    steps: coverage.steps.map(({ name }) => name),
    gaps: cut.list('gaps', coverage.gaps).map(cutText),
    limits: cut.list('limits', [...coverage.limits, ...coverage.neverTried]).map(cutText),
    influence: cut.list('influence', Object.entries(coverage.influence)).map(([leaf, places]) => ({
      leaf: cutText(leaf),
      places: cut.list(`places of ${leaf}`, places).map(cutText),
    })),
  };
}

function rightsOf({ unused, requests, roles }: OperatorReport, cut: Cut) {
  const risks = (level: RiskLevel): number => unused.filter((one) => one.level === level).length;
  return {
    unused: { critical: risks('critical'), high: risks('high'), medium: risks('medium'), low: risks('low') },
    riskiest: cut.list('riskiest', unused).map((grant) => ({
      level: grant.level,
      grant: cutText(grantText(grant)),
      ...(grant.namespace !== '' && { namespace: grant.namespace }),
      role: cutText(grant.role),
    })),
    denied: cut.list('denied', requests.denied).map(cutText),
    smallest: roles.length <= MOST_BYTES / 4 ? roles : cut.text('smallest roles'),
  };
}

function verificationOf({ isSame, compared, denied, differences }: Verification, cut: Cut) {
  const all = [...denied.map((one) => `refused: ${one}`), ...differences];
  return { isSame, compared, differences: cut.list('differences', all).map(cutText) };
}

/** As others see at a glance: it was judged, all was covered, it has no more rights than it used, they suffice. */
function conditionsOf(report: OperatorReport, now: Date): JsonObject[] {
  const lastTransitionTime = `${now.toISOString().slice(0, 19)}Z`;
  const all = [judged(report), covered(report), leastPrivilege(report), verified(report)];
  return all
    .filter((one) => one !== undefined)
    .map(({ type, is, reason, message }) => ({
      type,
      status: is === undefined ? 'Unknown' : is ? 'True' : 'False',
      reason,
      message: message.slice(0, 32_768),
      lastTransitionTime,
    }));
}

/** A condition, whose status is unknown without `is`. */
interface Said {
  readonly type: string;
  readonly is?: boolean;
  readonly reason: string;
  readonly message: string;
}

function judged({ verdict, confidence }: OperatorReport): Said {
  const is = verdict !== 'unknown';
  const message = `${verdict}, with ${confidence} confidence`;
  return { type: 'Judged', is, reason: is ? 'Observed' : 'NothingSeen', message };
}

function covered({ coverage: { gaps } }: OperatorReport): Said {
  if (gaps.length === 0)
    return { type: 'Covered', is: true, reason: 'AllDone', message: 'all that the audit does was done' };
  const told = gaps.map((gap) => cutText(gap)).join('; ');
  return { type: 'Covered', is: false, reason: 'Gaps', message: told.slice(0, 8192) };
}

function leastPrivilege({ granted, unused }: OperatorReport): Said {
  const type = 'LeastPrivilege';
  if (granted.length === 0) return { type, reason: 'NothingGranted', message: 'what is granted is not known' };
  const is = unused.length === 0;
  const message = `${unused.length} of ${granted.length} grants are more than was used`;
  return { type, is, reason: is ? 'AllUsed' : 'MoreThanUsed', message };
}

function verified({ verification }: OperatorReport): Said | undefined {
  if (verification === undefined) return undefined;
  const { isSame, denied, differences } = verification;
  const message = isSame
    ? 'with the smallest roles it wrote the same'
    : `refused ${denied.length}, different ${differences.length}`;
  return { type: 'Verified', is: isSame, reason: isSame ? 'Same' : 'Different', message };
}

/** What is left out of lists, and the note of it. */
class Cut {
  readonly told = new Set<string>();
  readonly #kept: number;

  constructor(kept: number) {
    this.#kept = kept;
  }

  list<T>(what: string, items: readonly T[]): readonly T[] {
    if (items.length > this.#kept) this.told.add(`${cutText(what)}: ${this.#kept} of ${items.length}`);
    return items.slice(0, this.#kept);
  }

  text(what: string): undefined {
    this.told.add(`${what}: left out`);
    return undefined;
  }
}

function cutText(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text;
}
