import { ElementKind, type PathElement } from '../fieldpath/path-element.ts';
import { type FieldNode, FieldSet } from '../fieldpath/set.ts';
import type { Atom, TypeRef } from '../schema/schema.ts';

/**
 * The set with the struct fields on the way to its members as members too.
 *
 * Who owns `.a.b.c` has in effect made `.a` exist, if that is a field of a struct: removal must be able to take it.
 */
export function withNamedFields(set: FieldSet, type: TypeRef | undefined): FieldSet {
  const atom = type?.atom;
  let out: FieldNode[] | undefined;
  for (let i = 0; i < set.nodes.length; i++) {
    const node = set.nodes[i]!;
    if (node.children === undefined) continue;
    const children = withNamedFields(node.children, typeBelow(atom, node.element));
    const member = node.member || isNamedField(atom, node.element);
    if (member === node.member && children === node.children) continue;
    (out ??= [...set.nodes])[i] = { element: node.element, member, children };
  }
  return out === undefined ? set : new FieldSet(out);
}

function isNamedField(atom: Atom | undefined, element: PathElement): boolean {
  return element.kind === ElementKind.field && (atom?.map?.fields.has(element.name) ?? false);
}

function typeBelow(atom: Atom | undefined, element: PathElement): TypeRef | undefined {
  if (element.kind === ElementKind.field && atom?.map !== undefined) {
    return atom.map.fields.get(element.name)?.type ?? atom.map.elementType;
  }
  return element.kind === ElementKind.key ? atom?.list?.elementType : undefined;
}
