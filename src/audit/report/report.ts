import type { AssessedGrant } from '../access/unused.ts';
import type { Grant } from '../access/granted.ts';
import type { JustifiedRule } from '../access/grants.ts';
import type { RiskLevel } from '../access/risks.ts';
import { evidenceText, permissionText } from '../access/role-manifests.ts';
import type { AuditResult, AuditStep } from '../probes/audit-result.ts';
import type { KindsResult } from '../probes/kinds-result.ts';
import type { Verification } from '../verdict/compare-runs.ts';
import type { Finding } from '../verdict/finding.ts';
import { type JoinedJudgement, joinJudgements } from '../verdict/join.ts';
import { isOfTheSpec, type Judgement } from '../verdict/verdict.ts';
import { rolesLack } from './roles-lack.ts';
import { joinedCoverage } from './joined-coverage.ts';

/** The version of the form of reports: fields are added to it, and none is taken away or changed. */
export const REPORT_VERSION = 'audit.nekube.dev/v1alpha1';

/**
 * All that an audit of an operator found, as plain data: what `-o json` prints, and pages and objects are made of. What was found with one
 * kind of resources is in {@link kinds}; all else is of the operator as a whole: the strongest verdict, the joined rights. Lines of what was
 * covered begin with the kind that they are about, where there are several.
 */
export interface OperatorReport extends JoinedJudgement {
  readonly apiVersion: typeof REPORT_VERSION;
  readonly kind: 'OperatorAuditReport';
  readonly operator: { readonly command: readonly string[]; readonly user: string };
  /** RFC 3339. */
  readonly startedAt: string;
  readonly tookMs: number;
  /** How long all that is tried was thought to take, of all kinds together; absent: that was not asked. */
  readonly neededMs?: number;
  /** Of all kinds, each with its own. */
  readonly findings: readonly Finding[];
  readonly kinds: readonly KindReport[];
  readonly coverage: ReportedCoverage & { readonly kinds: AuditResult['coverage']['kinds'] };
  /** What it read, as lines. */
  readonly reads: readonly string[];
  readonly requests: { readonly all: number; readonly denied: readonly string[] };
  /** The same as `requests.denied`. */
  readonly denied: readonly string[];
  readonly clusterRules: readonly ReportedRule[];
  readonly namespaceRules: Readonly<Record<string, readonly ReportedRule[]>>;
  /** Roles and bindings of these rules, as YAML; what they lack stands above them. */
  readonly roles: string;
  /** What these lack of what was not seen here, as sentences. */
  readonly rolesLack: readonly string[];
  /** All that the manifests grant, the riskiest first. */
  readonly granted: readonly ReportedGrant[];
  /** Those of it that are more than was used. */
  readonly unused: readonly ReportedGrant[];
  /** Absent: it was not tried whether the roles suffice. */
  readonly verification?: Verification;
}

/** What was found with one kind of resources; its findings are those of the report that have its name. */
export interface KindReport extends Judgement {
  /** As in `shops.shop.example`. */
  readonly kind: string;
  /** The resource that it was probed with was made by its schema. */
  readonly isSampleMade: boolean;
  readonly tookMs: number;
  readonly coverage: ReportedCoverage;
  readonly reads: readonly string[];
  /** How many requests the operator made meanwhile. */
  readonly requests: number;
}

/** How far an operator was looked at. */
export interface ReportedCoverage {
  readonly leaves: AuditResult['coverage']['leaves'];
  /** By a leaf of the spec the places that it changes: `configmaps ‹namespace›/‹name›: /data/colour`. */
  readonly influence: Readonly<Record<string, readonly string[]>>;
  /** What was done, in this order. */
  readonly steps: readonly AuditStep[];
  /** What was not done, and why. */
  readonly gaps: readonly string[];
  /** Those of the gaps that are for want of time. */
  readonly cutOff: readonly string[];
  /** What cannot be seen of such an operator here. */
  readonly limits: readonly string[];
  /** What no audit tries, where the verdict would be another one if the operator went by it. */
  readonly neverTried: readonly string[];
}

/** A rule, with what shows that it is needed as lines. */
export interface ReportedRule extends Omit<JustifiedRule, 'evidence'> {
  readonly evidence: readonly string[];
}

/** A grant, how risky it is, and what was used of it as lines. */
export interface ReportedGrant extends Grant {
  readonly level: RiskLevel;
  readonly why: string;
  readonly used: readonly string[];
  /** The permissions that were, each once: `configmaps get`. */
  readonly usedPermissions: readonly string[];
  /** True: of all that was used the log has no outcome, so that all of it may have been refused. */
  readonly isOutcomeUnknown?: boolean;
}

/** What a report has besides the result of the audit. */
export interface ReportInput extends Pick<OperatorReport, 'operator' | 'roles' | 'verification'> {
  readonly result: KindsResult;
  readonly assessed: readonly AssessedGrant[];
  readonly startedAt: Date;
  readonly tookMs: number;
}

/** Verdicts that say that nothing else counts hold as far as what was tried. */
const NEVER_TRIED = [
  'annotations and labels of the resource that it knows by other words than the usual ones, and a status that somebody else writes with words of its own',
  'texts longer than 70 signs',
  'what others add to objects of its own by names that it may know, and objects of a kind that it makes with other labels than it gives',
];

/** The report of an audit. */
export function reportOf({
  result,
  assessed,
  operator,
  roles,
  startedAt,
  tookMs,
  verification,
}: ReportInput): OperatorReport {
  const { denied, usage, unprobed } = result;
  const { cluster, namespaces } = result.roles;
  const kinds = result.kinds.map(kindReport);
  const missing = unprobed.filter(({ why }) => why !== undefined).map(({ kind }) => kind);
  const probed = { probed: kinds.map(({ kind }) => kind).join(', '), others: unprobed };
  const lack = rolesLack(probed, usage, assessed);
  const judgements = result.kinds.map(({ kind, result: { judgement } }) => ({ kind, judgement }));
  return {
    apiVersion: REPORT_VERSION,
    kind: 'OperatorAuditReport',
    operator,
    startedAt: startedAt.toISOString(),
    tookMs,
    ...(result.needed && { neededMs: Math.round(result.needed.neededMs) }),
    ...joinJudgements(judgements, missing),
    findings: result.kinds.flatMap(({ kind, result: { findings } }) => findings.map((one) => ({ kind, ...one }))),
    kinds,
    coverage: {
      kinds: probed,
      ...joinedCoverage(kinds, unprobed),
    },
    reads: [...new Set(kinds.flatMap(({ reads }) => reads))],
    requests: { all: usage.requests, denied },
    denied,
    clusterRules: cluster.map(reportedRule),
    namespaceRules: Object.fromEntries([...namespaces].map(([name, rules]) => [name, rules.map(reportedRule)])),
    roles: `${lack.map((one) => `# ${one}\n`).join('')}${roles}`,
    rolesLack: lack,
    granted: assessed.map(reportedGrant),
    unused: assessed.filter(({ isMore }) => isMore).map(reportedGrant),
    ...(verification && { verification }),
  };
}

function kindReport({ kind, isMade, tookMs, result }: KindsResult['kinds'][number]): KindReport {
  const { judgement, coverage, steps, reads, usage } = result;
  const { leaves, gaps, cutOff = [], limits, influence } = coverage;
  const neverTried = isOfTheSpec(judgement.verdict) ? NEVER_TRIED : [];
  return {
    kind,
    ...judgement,
    because: judgement.because.map((finding) => ({ kind, ...finding })),
    isSampleMade: isMade,
    tookMs,
    coverage: { leaves, influence: Object.fromEntries(influence), steps, gaps, cutOff, limits, neverTried },
    reads,
    requests: usage.requests,
  };
}

/** Whether a finding is one of those that decided the verdict. */
export function isDecisive({ kind, aspect, probe }: Finding, { because }: Pick<OperatorReport, 'because'>): boolean {
  return because.some((one) => one.kind === kind && one.aspect === aspect && one.probe === probe);
}

/** A rule as reports have it. */
export function reportedRule({ evidence, ...rule }: JustifiedRule): ReportedRule {
  return { ...rule, evidence: evidence.map(evidenceText) };
}

/** A grant as reports have it. */
export function reportedGrant({ grant, risk, used }: AssessedGrant): ReportedGrant {
  const isOutcomeUnknown = used.length > 0 && used.every((one) => one.isOutcomeUnknown === true);
  return {
    ...grant,
    ...risk,
    used: used.map(evidenceText),
    usedPermissions: [...new Set(used.map(({ permission }) => permissionText(permission)))],
    ...(isOutcomeUnknown && { isOutcomeUnknown }),
  };
}
