/**
 * Who owns which field of an object, who is in conflict with whom, and what an apply would do about it, on any cluster.
 *
 * What it does not do: it prints nothing (`nekube own`), and starts no server.
 */
export { type Blame, blame, type BlamedLine, type ClaimKind } from './blame.ts';
export { MASKED, maskSecret } from './mask.ts';
export { type FieldChoice, narrow, type NarrowedLine } from './narrow.ts';
export { ownedFields } from './owned-fields.ts';
export { type Owner, type Ownership, readOwnership } from './owners.ts';
export { type ObjectType, ObjectTypes, objectTypesOf } from './object-types.ts';
export { type Claim, isApplyConflict } from './conflict-causes.ts';
export {
  type Configuration,
  type ConflictsFound,
  type FieldConflict,
  findConflicts,
  type FindOptions,
} from './field-conflicts.ts';
export { type DecidedConflict, type Verdict } from './decided-configuration.ts';
export type { Why } from './why.ts';
export {
  applyDecidedBy,
  type ApplyDecidedOptions,
  type ApplyDecidedResult,
  conflictErrorOf,
  type Decide,
  decideConflicts,
  type Decided,
  type DecisionContext,
} from './apply-decided.ts';
export { OwnershipTally, type Party, type PartyTally, type SharedTally } from './tally.ts';
export {
  type ClientDecisions,
  decideByPolicies,
  type PolicyContext,
  type PolicyReading,
  readPolicies,
} from './policy-decisions.ts';
export { applyManifests, membershipProblems } from './pipeline/apply-manifests.ts';
export type { ParentRef, Tooling } from './pipeline/applyset.ts';
export { ApplySetError, resolveParent } from './pipeline/applyset-parent.ts';
export type { ApplySetChoice } from './pipeline/applyset-session.ts';
export {
  type DecidedWriterOptions,
  forceConflicts,
  heedConflicts,
  newDecidedWriter,
} from './pipeline/decided-writer.ts';
export {
  idOf,
  type Manifest,
  type NamespaceChoice,
  placeManifests,
  type ReadManifests,
  readManifests,
  showObject,
  type SourceDocument,
} from './pipeline/manifest.ts';
export type { ObjectWriter, Outlook, Written } from './pipeline/object-writer.ts';
export { type Readiness, readinessOf, type ReadinessState } from './pipeline/readiness.ts';
export {
  type ApplyReport,
  exitCodeOf,
  type FieldChange,
  type ObjectAction,
  type ObjectReport,
  type Outcome,
  type PrunedReport,
  type ReportedConflict,
} from './pipeline/report.ts';
export { reportMarkdown } from './pipeline/report-markdown.ts';
export { reportText } from './pipeline/report-text.ts';
export type { ApplyRunOptions, Progress } from './pipeline/run-context.ts';
export { scopesOf } from './pipeline/served-scopes.ts';
export {
  type SilentManager,
  type Takeover,
  TakeoverReport,
  type UnappliedField,
  type UnappliedObjects,
} from './takeover.ts';
export { type Identity, identityOf } from './policies/identity.ts';
export {
  type InstalledDefinition,
  installDefinitions,
  type KindInUse,
  kindsInUse,
  removeDefinitions,
} from './policies/definitions.ts';
export { explainApply, type ExplainedConflict, type ExplainOptions } from './policies/explain-apply.ts';
export {
  answerParked,
  type Answers,
  examineParked,
  type ParkedState,
  type Replayed,
  replayParked,
} from './policies/parked-apply.ts';
export {
  type Edit,
  editedConfiguration,
  type EditedConfiguration,
  type ForeignRemoval,
  newConfiguration,
} from './edit/edited-configuration.ts';
export {
  applyEdit,
  decideByPath,
  type EditOptions,
  type EditPlan,
  type EditRequest,
  type EditResult,
  planEdit,
  type PlannedRemoval,
} from './edit/plan-edit.ts';
export { unownedFields } from './unowned-fields.ts';
export { type AuditEntry, auditEntryOf } from './history/audit-entry.ts';
export { AuditTail, type AuditTailOptions } from './history/audit-tail.ts';
export { gapsBetween, type Interval } from './history/coverage.ts';
export type { Dependents } from './history/dependents.ts';
export { type DriftWar, DriftWars, warsIn } from './history/drift-wars.ts';
export {
  type AuditedWrite,
  type HistoryObject,
  type HistoryRecord,
  type RecordedChange,
  timeOfChange,
  type Writer,
} from './history/history-record.ts';
export { HistoryStore, type HistoryStoreOptions, type Retention, type Scope } from './history/history-store.ts';
export { type KeptValue, textOfHash } from './history/kept-value.ts';
export { isNoise } from './history/noise.ts';
export { pathOfText, textOfPath } from './history/path-text.ts';
export { Recorder, type RecorderOptions, type ScopeRecorder } from './history/recorder.ts';
export { type HistoryLine, objectsNamed, timelineOf, type TimelineOptions } from './history/timeline.ts';
export { type FieldWrite, type War, WarDetector, type WarEvent, type WarRules } from './history/war-detector.ts';
export { watchFields, type WatchFieldsOptions } from './history/watch-fields.ts';
export type { ApplyPlan, PlannedAction, PlannedField, PlanOutcome, PlanWarning } from './plan/apply-plan.ts';
export { readableValue } from './plan/field-values.ts';
export { planApply, type PlanOptions } from './plan/plan.ts';
export { type ManifestPlan, type PlanAllOptions, planManifests } from './plan/plan-all.ts';
export { showClaim, showClaims } from './show-claim.ts';
export { MigrateError, type MigrateOptions, type Migrated, migrateOwnership } from './migrate/migrate.ts';
export { clientSideManagers, type Upgrade, upgradeManagedFields } from './migrate/upgrade-managed-fields.ts';
export { blamedLineData } from './data/blame-data.ts';
export { changeData, goneData, historyLineData, historyObjectData, warData } from './data/history-data.ts';
export { byObjects, matrixData, type OwnershipMatrix, partyData } from './data/matrix-data.ts';
export { managerData, ownerData } from './data/owner-data.ts';
export { planData, refusalOf } from './data/plan-data.ts';
