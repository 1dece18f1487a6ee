import { difference, intersection, recursiveDifference, union } from './set-algebra.ts';
import { compareElements, type PathElement } from './path-element.ts';
import type { FieldPath } from './path.ts';

/** An element of a set's level: a member itself, or with members below it, or both. */
export interface FieldNode {
  readonly element: PathElement;
  /** The path that ends here is in the set. */
  readonly member: boolean;
  /** Longer paths through here; never empty. */
  readonly children: FieldSet | undefined;
}

/**
 * A set of paths, as a tree: at each level the nodes in the order of their elements.
 *
 * Membership says nothing of the paths below or above. Sets are immutable and share subtrees; all algebra is linear in
 * the nodes that it cannot share. The empty path is in no set.
 */
export class FieldSet {
  /** The first level, in order of {@link compareElements}. */
  readonly nodes: readonly FieldNode[];

  /** @internal `nodes` must be sorted, without equal elements, and each a member or with children. */
  constructor(nodes: readonly FieldNode[]) {
    this.nodes = nodes;
  }

  /** A set of nodes in any order; nodes of equal elements become one. */
  static ofNodes(nodes: FieldNode[]): FieldSet {
    return nodes.length === 0 ? emptySet : new FieldSet(normalize(nodes));
  }

  /** A set of paths. */
  static of(...paths: readonly FieldPath[]): FieldSet {
    const nodes = paths.filter((path) => path.length > 0).map((path) => nodeOfPath(path, 0));
    return FieldSet.ofNodes(nodes);
  }

  /** True when no path is in the set. */
  get empty(): boolean {
    return this.nodes.length === 0;
  }

  /** How many paths are in the set. */
  get size(): number {
    let size = 0;
    for (const node of this.nodes) size += (node.member ? 1 : 0) + (node.children?.size ?? 0);
    return size;
  }

  /** The node of an element of the first level. */
  node(element: PathElement): FieldNode | undefined {
    const at = find(this.nodes, element);
    return at < 0 ? undefined : this.nodes[at];
  }

  /** True when the path itself is in the set. */
  has(path: FieldPath): boolean {
    let nodes: readonly FieldNode[] = this.nodes;
    let node: FieldNode | undefined;
    for (const element of path) {
      node = nodes[find(nodes, element)];
      if (node === undefined) return false;
      nodes = node.children?.nodes ?? [];
    }
    return node?.member ?? false;
  }

  /** The paths below an element, without it. */
  withPrefix(element: PathElement): FieldSet {
    return this.node(element)?.children ?? emptySet;
  }

  /** This set and one path more. */
  with(path: FieldPath): FieldSet {
    return path.length === 0 ? this : this.union(FieldSet.of(path));
  }

  /** Paths in either. */
  union(other: FieldSet): FieldSet {
    return union(this, other);
  }

  /** Paths in both. */
  intersection(other: FieldSet): FieldSet {
    return intersection(this, other);
  }

  /** Paths here and not in `other`. A path above or below one of the other is another path. */
  difference(other: FieldSet): FieldSet {
    return difference(this, other);
  }

  /** Paths here that are not in `other` and not below one that is. */
  recursiveDifference(other: FieldSet): FieldSet {
    return recursiveDifference(this, other);
  }

  /** Members without members below them. */
  leaves(): FieldSet {
    return new FieldSet(
      this.nodes.map((node) =>
        node.children === undefined ? node : { element: node.element, member: false, children: node.children.leaves() },
      ),
    );
  }

  /** True when both hold the same paths. */
  equals(other: FieldSet): boolean {
    if (this === other) return true;
    if (this.nodes.length !== other.nodes.length) return false;
    for (let i = 0; i < this.nodes.length; i++) if (!equalNodes(this.nodes[i]!, other.nodes[i]!)) return false;
    return true;
  }

  /** True when every path here is in `other` too; allocates nothing. */
  isSubsetOf(other: FieldSet): boolean {
    if (this === other) return true;
    const theirs = other.nodes;
    let j = 0;
    for (const node of this.nodes) {
      while (j < theirs.length && compareElements(theirs[j]!.element, node.element) < 0) j++;
      const match = theirs[j];
      if (match === undefined || compareElements(match.element, node.element) !== 0) return false;
      if (node.member && !match.member) return false;
      if (node.children && !(match.children && node.children.isSubsetOf(match.children))) return false;
    }
    return true;
  }

  /** All paths: at each level first the members, then what is below each node. */
  *paths(prefix: FieldPath = []): Generator<FieldPath> {
    for (const node of this.nodes) if (node.member) yield [...prefix, node.element];
    for (const node of this.nodes) if (node.children) yield* node.children.paths([...prefix, node.element]);
  }

  /** The paths as messages show them, one a line. */
  toString(): string {
    return [...this.paths()].map((path) => path.join('')).join('\n');
  }
}

/** The set without paths. */
export const emptySet: FieldSet = new FieldSet([]);

function nodeOfPath(path: FieldPath, at: number): FieldNode {
  const last = at === path.length - 1;
  return { element: path[at]!, member: last, children: last ? undefined : new FieldSet([nodeOfPath(path, at + 1)]) };
}

function equalNodes(a: FieldNode, b: FieldNode): boolean {
  if (a === b) return true;
  if (a.member !== b.member || compareElements(a.element, b.element) !== 0) return false;
  if (a.children === undefined || b.children === undefined) return a.children === b.children;
  return a.children.equals(b.children);
}

/** The place of an element among sorted nodes; negative when it is not there. */
function find(nodes: readonly FieldNode[], element: PathElement): number {
  let low = 0;
  let high = nodes.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const c = compareElements(nodes[middle]!.element, element);
    if (c === 0) return middle;
    if (c < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Sorts nodes unless they are sorted already, and merges those of equal elements. */
function normalize(nodes: FieldNode[]): FieldNode[] {
  if (isSorted(nodes)) return nodes;
  nodes.sort((a, b) => compareElements(a.element, b.element));
  const merged: FieldNode[] = [];
  for (const node of nodes) {
    const last = merged.at(-1);
    if (last !== undefined && compareElements(last.element, node.element) === 0)
      merged[merged.length - 1] = join(last, node);
    else merged.push(node);
  }
  return merged;
}

function isSorted(nodes: readonly FieldNode[]): boolean {
  for (let i = 1; i < nodes.length; i++) {
    if (compareElements(nodes[i - 1]!.element, nodes[i]!.element) >= 0) return false;
  }
  return true;
}

/** One node of two with equal elements. */
export function join(a: FieldNode, b: FieldNode): FieldNode {
  const children =
    a.children === undefined ? b.children : b.children === undefined ? a.children : union(a.children, b.children);
  const member = a.member || b.member;
  // an operand that already says it all is kept, so that the sets above can be kept too
  if (member === a.member && children === a.children) return a;
  return { element: a.element, member, children };
}
