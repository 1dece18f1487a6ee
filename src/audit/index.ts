/**
 * What a program does on a Kubernetes API, against what it may do: which permissions its requests needed, the smallest roles that
 * give them, and what else it was granted, the riskiest first; from an audit log, of any cluster. And what an operator is worth:
 * {@link auditKinds} runs it on a control plane of its own for each kind of resources that it works on, intervenes, and judges it by what it
 * wrote; {@link auditOperator} does so with one kind.
 *
 * What it does not do: it says nothing of what it did not see happen.
 */
export type { AuditOptions, AuditResult, AuditStep, Declared } from './probes/audit-result.ts';
export { auditOperator } from './probes/run.ts';
export { auditKinds } from './probes/audit-kinds.ts';
export type { KindsOptions, KindsResult, ProbedKind, UnprobedKind } from './probes/kinds-result.ts';
export type { NeededTime } from './probes/needed-time.ts';
export { sampleOfDefinition } from './probes/definition.ts';
export { reportPage } from './report/page.ts';
export { otherGaps } from './report/joined-coverage.ts';
export { OPERATOR_AUDIT, operatorAudit } from './report/operator-audit.ts';
export { OPERATOR_AUDIT_DEFINITION } from './report/operator-audit-definition.ts';
export { verifyRoles } from './probes/verify.ts';
export { compareRuns, type Run, type Verification } from './verdict/compare-runs.ts';
export {
  isDecisive,
  type KindReport,
  type OperatorReport,
  REPORT_VERSION,
  type ReportedCoverage,
  type ReportedGrant,
  reportedGrant,
  type ReportedRule,
  reportedRule,
  type ReportInput,
  reportOf,
} from './report/report.ts';
export {
  adviceWords,
  ASPECT_WORDS,
  isOfSeveral,
  kindsWords,
  VERDICT_WORDS,
  verdictWords,
} from './verdict/words.ts';
export { chartOfOperator, type ChartOptions, type ChartResult } from './probes/chart.ts';
export { type FoundChart, isNoChart, type NoChart } from './chart/find-chart.ts';
export { chartFiles, type ChartSubject } from './chart/chart-files.ts';
export { type ChartTemplates, type Example, isSameSet } from './chart/synthesize.ts';
export { type Counterexample, counterexampleOf } from './chart/counterexample.ts';
export { type MadeOnce, signed } from './chart/made-once.ts';
export { mostWrong } from './chart/bound.ts';
export { randomSpec } from './chart/random-spec.ts';
export { type Operator, OperatorFailure, type RunningOperator, type Serving } from './observe/operator.ts';
export { type OperatorService, USUAL_WEBHOOK_PORT } from './observe/operator-services.ts';
export type { Patience } from './observe/session.ts';
export { processOperator, type ProcessOptions } from './observe/process-operator.ts';
export type { Aspect, Coverage, Finding, ProbedKinds } from './verdict/finding.ts';
export { type JoinedJudgement, joinJudgements, type KindJudgement } from './verdict/join.ts';
export { isOfTheSpec, judge, type Judgement, type Verdict } from './verdict/verdict.ts';
export { AuditLogReader, type AuditTrail } from './trail/audit-log.ts';
export {
  actorOf,
  type Decision,
  type Identity,
  isOfResource,
  isWithoutOutcome,
  type PathTarget,
  type RequestTarget,
  type ResourceTarget,
  type TrailRequest,
} from './trail/request.ts';
export {
  isOnResource,
  type PathPermission,
  type Permission,
  type ResourcePermission,
  type UsedPermission,
} from './access/permission.ts';
export { type Usage, usageOf } from './access/used.ts';
export { type NameSoundness, stableNames } from './access/stable-names.ts';
export { type MinimalRoles, minimalRoles, type RoleOptions } from './access/minimal-roles.ts';
export type { JustifiedRule } from './access/grants.ts';
export { evidenceText, roleManifests } from './access/role-manifests.ts';
export { type Subject, subjectOf } from './access/rbac-subject.ts';
export { groupsOfAccount, type ServiceAccountRef, userOfAccount } from './access/service-account.ts';
export { type Grant, type Granted, grantedTo, grantText } from './access/granted.ts';
export { type Risk, RISK_LEVELS, type RiskLevel, riskOf } from './access/risks.ts';
export { type AssessedGrant, assess, ungranted } from './access/unused.ts';
