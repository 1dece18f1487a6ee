import type { Coverage } from '../verdict/finding.ts';

/** Where it is said what an audit does not know of an operator, and why. */
export class Unknowns implements Pick<Coverage, 'gaps' | 'cutOff' | 'limits' | 'watchLimits'> {
  readonly gaps: string[] = [];
  readonly cutOff: string[] = [];
  readonly limits: string[] = [];
  readonly watchLimits = new Map<string, string>();

  /** Something could not be done. */
  readonly gap = (text: string): void => void this.gaps.push(text);

  /** There was no time for something. */
  readonly cut = (text: string): void => {
    this.gap(text);
    this.cutOff.push(text);
  };

  /** The audit cannot see something of this operator, whatever is done. */
  readonly limit = (text: string): void => void this.limits.push(text);

  /** The same of a kind that it watches, and of which nothing comes. */
  readonly watchLimit = (kind: string, text: string): void => {
    this.limit(text);
    this.watchLimits.set(kind, text);
  };
}
