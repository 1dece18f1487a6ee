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
