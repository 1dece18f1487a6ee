import { compareElements } from './path-element.ts';
import { emptySet, type FieldNode, FieldSet, join } from './set.ts';

// Each operation walks two sorted levels side by side. Where the result is the left operand it returns that very set:
// most sets in an apply are equal or disjoint, and sharing keeps the work at what differs.

/** Paths in either; of two equal elements the one of `a`. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || b.empty) return a;
  if (a.empty) return b;
  const out: FieldNode[] = [];
  let changed = false;
  let i = 0;
  let j = 0;
  while (i < a.nodes.length && j < b.nodes.length) {
    const left = a.nodes[i]!;
    const right = b.nodes[j]!;
    const c = compareElements(left.element, right.element);
    const node = c < 0 ? left : c > 0 ? right : join(left, right);
    if (node !== left) changed = true;
    out.push(node);
    if (c <= 0) i++;
    if (c >= 0) j++;
  }
  if (j < b.nodes.length) changed = true;
  if (!changed) return a;
  for (; i < a.nodes.length; i++) out.push(a.nodes[i]!);
  for (; j < b.nodes.length; j++) out.push(b.nodes[j]!);
  return new FieldSet(out);
}

/** Paths in both; elements are those of `a`. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  const out: FieldNode[] = [];
  let i = 0;
  let j = 0;
  while (i < a.nodes.length && j < b.nodes.length) {
    const left = a.nodes[i]!;
    const right = b.nodes[j]!;
    const c = compareElements(left.element, right.element);
    if (c === 0) {
      const children = left.children && right.children ? intersection(left.children, right.children) : emptySet;
      keep(out, left, left.member && right.member, children.empty ? undefined : children);
    }
    if (c <= 0) i++;
    if (c >= 0) j++;
  }
  return sameNodes(out, a) ? a : setOf(out);
}

/** Paths of `a` that are not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, false);
}

/** Paths of `a` that are neither in `b` nor below a path of `b`. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, true);
}

function subtract(a: FieldSet, b: FieldSet, recursive: boolean): FieldSet {
  if (a === b) return emptySet;
  if (a.empty || b.empty) return a;
  const out: FieldNode[] = [];
  let j = 0;
  for (const left of a.nodes) {
    while (j < b.nodes.length && compareElements(b.nodes[j]!.element, left.element) < 0) j++;
    const right = b.nodes[j];
    if (right === undefined || compareElements(right.element, left.element) !== 0) {
      out.push(left);
      continue;
    }
    if (recursive && right.member) continue;
    let children = left.children;
    if (children && right.children) children = subtract(children, right.children, recursive);
    keep(out, left, left.member && !right.member, children?.empty ? undefined : children);
  }
  return sameNodes(out, a) ? a : setOf(out);
}

/** Appends what is left of a node, if anything is. */
function keep(out: FieldNode[], node: FieldNode, member: boolean, children: FieldSet | undefined): void {
  if (member === node.member && children === node.children) out.push(node);
  else if (member || children !== undefined) out.push({ element: node.element, member, children });
}

function sameNodes(nodes: readonly FieldNode[], set: FieldSet): boolean {
  if (nodes.length !== set.nodes.length) return false;
  for (let i = 0; i < nodes.length; i++) if (nodes[i] !== set.nodes[i]) return false;
  return true;
}

function setOf(nodes: FieldNode[]): FieldSet {
  return nodes.length === 0 ? emptySet : new FieldSet(nodes);
}
