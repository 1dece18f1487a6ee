import { compareElements, fieldElement, indexElement, PathElement } from './path-element.ts';
import { emptySet, type FieldNode, FieldSet } from './set.ts';

/** Makes a smaller set of a set, by a rule. */
export type FieldFilter = (set: FieldSet) => FieldSet;

/** Leaves out the given paths and all that is below them. */
export function excludeFilter(exclude: FieldSet): FieldFilter {
  return (set) => set.recursiveDifference(exclude);
}

/** Stands for any element in a {@link prefixMatcher}. */
export const anyElement: unique symbol = Symbol('any element');

/** A pattern for paths: what matches is a prefix, and then anything below it. */
export interface FieldMatcher {
  /** Everything from here on matches, and the members say nothing. */
  readonly everything: boolean;
  /** One pattern an element, the wildcard first: it is taken before the others. */
  readonly members: readonly { readonly element: PathElement | typeof anyElement; readonly child: FieldMatcher }[];
}

/** Matches paths that begin with these parts; strings are fields, numbers indices, {@link anyElement} is anything. */
export function prefixMatcher(...parts: readonly (PathElement | string | number | typeof anyElement)[]): FieldMatcher {
  let matcher: FieldMatcher = { everything: true, members: [] };
  for (const part of parts.toReversed()) {
    matcher = { everything: false, members: [{ element: elementOf(part), child: matcher }] };
  }
  return matcher;
}

function elementOf(part: PathElement | string | number | typeof anyElement): PathElement | typeof anyElement {
  if (typeof part === 'string') return fieldElement(part);
  return typeof part === 'number' ? indexElement(part) : part;
}

/** Keeps only the paths that one of the matchers matches; all paths, if there are none. */
export function includeFilter(...matchers: readonly FieldMatcher[]): FieldFilter {
  if (matchers.length === 0) return (set) => set;
  const matcher = matchers.reduce(mergeMatchers);
  return (set) => includeMatches(set, matcher);
}

function compareMembers(a: FieldMatcher['members'][number], b: FieldMatcher['members'][number]): number {
  if (a.element === anyElement || b.element === anyElement) {
    return (a.element === anyElement ? 0 : 1) - (b.element === anyElement ? 0 : 1);
  }
  return compareElements(a.element, b.element);
}

function mergeMatchers(a: FieldMatcher, b: FieldMatcher): FieldMatcher {
  if (a.everything || b.everything) return { everything: true, members: [] };
  const members = [...a.members];
  for (const member of b.members) {
    const at = a.members.findIndex((known) => compareMembers(known, member) === 0);
    if (at < 0) members.push(member);
    else members[at] = { element: member.element, child: mergeMatchers(a.members[at]!.child, member.child) };
  }
  return { everything: false, members: members.sort(compareMembers) };
}

function includeMatches(set: FieldSet, matcher: FieldMatcher): FieldSet {
  if (matcher.everything) return set;
  const out: FieldNode[] = [];
  for (const node of set.nodes) {
    const match = matcher.members.find(
      (m) => m.element === anyElement || compareElements(m.element, node.element) === 0,
    );
    if (match === undefined) continue;
    const children = node.children && includeMatches(node.children, match.child);
    const below = children === undefined || children.empty ? undefined : children;
    if (node.member || below) out.push({ element: node.element, member: node.member, children: below });
  }
  return out.length === 0 ? emptySet : new FieldSet(out);
}
