import type { Condition } from './condition.ts';

type Judged = Pick<Condition, 'type' | 'status'>;

/** Conditions that are bad news when they are true; all others are when they are false. */
const BAD_IF_TRUE: ReadonlySet<string> = new Set([
  'Conflicted',
  'InsecureFrontendValidationMode',
  'OverlappingTLSConfig',
  'PartiallyInvalid',
]);

/** Whether a condition says that something is wrong. */
export function isBadNews({ type, status }: Judged): boolean {
  return status === (BAD_IF_TRUE.has(type) ? 'True' : 'False');
}

/** The same, or that it is not known yet whether all is well. */
export function isUnsettled(condition: Judged): boolean {
  return isBadNews(condition) || condition.status === 'Unknown';
}
