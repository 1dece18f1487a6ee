import { differencesOf, type Outcome } from '../observe/outcome.ts';
import { isOfItself } from '../observe/operator-write.ts';
import { shownDifference } from '../observe/shown-difference.ts';
import { withWords } from '../observe/words.ts';
import { actorOf, isOfResource, type TrailRequest } from '../trail/request.ts';

/** Whether an operator does the same with other rights. */
export interface Verification {
  readonly isSame: boolean;
  /** What it was refused in the second run: a line each, as in `get secrets shop/key`. */
  readonly denied: readonly string[];
  /** What it wrote in one run only, or wrote otherwise, as sentences. */
  readonly differences: readonly string[];
  /** How many different writes were compared: verb, resource, and names but for those that the audit gave; of a cut run, objects. */
  readonly compared: number;
  /** Why less was compared than could have been. */
  readonly gaps: readonly string[];
}

/** What is compared of a run. */
export interface Run {
  readonly trail: readonly TrailRequest[];
  /** What it makes of the sample. */
  readonly base: Outcome;
  readonly coverage: { readonly gaps: readonly string[] };
}

/** Compares two runs of the same probes. A run that was cut short is compared by what it makes of the sample alone. */
export function compareRuns(first: Run, second: Run, user: string): Verification {
  const own = ({ trail }: Run): TrailRequest[] => trail.filter((request) => actorOf(request).name === user);
  const denied = [
    ...new Set(
      own(second)
        .filter(({ decision }) => decision === 'denied')
        .map(shownRequest),
    ),
  ];
  const [before, after] = [writesOf(own(first)), writesOf(own(second))];
  const cut = [first, second].some(({ coverage }) =>
    coverage.gaps.some((gap) => /the time was over|it was interrupted/.test(gap)),
  );
  const only = (in_: ReadonlySet<string>, notIn: ReadonlySet<string>, where: string): string[] =>
    cut ? [] : [...in_].filter((write) => !notIn.has(write)).map((write) => `${write}: ${where}`);
  const differences = [
    ...differencesOf(first.base, second.base).map(
      (one) => `${shownDifference(one)}: written otherwise for the same resource`,
    ),
    ...only(before, after, 'not written with the smallest roles'),
    ...only(after, before, 'written with the smallest roles only'),
  ];
  return {
    isSame: denied.length === 0 && differences.length === 0,
    denied,
    differences,
    compared: cut ? first.base.size : before.size,
    gaps: cut ? ['a run was cut short: only what it makes of the sample was compared'] : [],
  };
}

/** What comes of several kinds, each compared by itself; of several each line begins with its kind. */
export function joinVerifications(all: readonly (readonly [kind: string, of: Verification])[]): Verification {
  const lines = (pick: (of: Verification) => readonly string[]): readonly string[] =>
    all.flatMap(([kind, of]) => pick(of).map((line) => (all.length === 1 ? line : `${kind}: ${line}`)));
  return {
    isSame: all.every(([, { isSame }]) => isSame),
    denied: lines(({ denied }) => denied),
    differences: lines(({ differences }) => differences),
    compared: all.reduce((sum, [, { compared }]) => sum + compared, 0),
    gaps: lines(({ gaps }) => gaps),
  };
}

/** What succeeded, each once. */
function writesOf(own: readonly TrailRequest[]): ReadonlySet<string> {
  const written = own.filter(
    ({ verb, target, code }) =>
      isOfResource(target) && !isOfItself(target) && !['get', 'list', 'watch'].includes(verb) && code > 0 && code < 300,
  );
  return new Set(written.map(shownRequest));
}

/** `create configmaps ‹namespace›/‹name›`: with words for the names that an audit makes, and for what a server adds to a name. */
function shownRequest({ verb, target, body }: TrailRequest): string {
  if (!isOfResource(target)) return `${verb} ${target.path}`;
  const { group, resource, subresource, namespace } = target;
  const { name: said, generateName } = (body?.metadata ?? {}) as {
    readonly name?: string;
    readonly generateName?: string;
  };
  const name = target.name || (said ?? (generateName === undefined ? '' : `${generateName}*`));
  const what = `${resource}${group === '' ? '' : `.${group}`}${subresource === '' ? '' : `/${subresource}`}`;
  const where = [namespace, name].filter((part) => part !== '').join('/');
  // what a server adds to a name that it makes differs each time
  return `${verb} ${what} ${withWords(where).replace(/-[bcdfghjklmnpqrstvwxz2456789]{5}$/, '-*')}`.trimEnd();
}
