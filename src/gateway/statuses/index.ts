/** What is said of the objects of Gateway API, in their statuses. */
export type * from './statuses.ts';
export { isBadNews, isUnsettled } from './polarity.ts';
export { type Condition, condition, no, type Verdict, yes } from './condition.ts';
export { type AssignedAddresses, type PlaneReport, withPlaneState } from './with-plane-state.ts';
