import { ElementKind, type PathElement } from '../fieldpath/path-element.ts';
import { type FieldNode, FieldSet } from '../fieldpath/set.ts';
import { type Atom, type MapType, Shape, type TypeRef } from '../schema/schema.ts';

/**
 * Fits a set that was written under an earlier schema to this one: where a list or map has become atomic, who owned
 * fields in it now owns it. A type that has become granular changes nothing. Returns the very set when all fits.
 */
export function reconcileFieldSet(set: FieldSet, type: TypeRef): FieldSet {
  const atom = type.atom;
  // the whole object is never a member, atomic or not
  if (atom === undefined || rootIsAtomic(atom)) return set;
  return reconcileLevel(set, atom);
}

function rootIsAtomic(atom: Atom): boolean {
  if (atom.shapes & Shape.map) return atom.map!.atomic || atom.map!.deduced;
  return (atom.shapes & Shape.scalar) !== 0 || atom.list?.atomic !== false;
}

function reconcileLevel(set: FieldSet, atom: Atom): FieldSet {
  let out: FieldNode[] | undefined;
  for (const [i, node] of set.nodes.entries()) {
    if (node.children === undefined) continue;
    const below = typeBelow(atom, node.element)?.atom;
    const fitted = below === undefined ? node : reconcileNode(node, node.children, below);
    if (fitted !== node) (out ??= [...set.nodes])[i] = fitted;
  }
  return out === undefined ? set : new FieldSet(out);
}

function typeBelow(atom: Atom, element: PathElement): TypeRef | undefined {
  if (atom.shapes & Shape.map) return typeOfEntry(atom.map!, element);
  return atom.list?.elementType;
}

function typeOfEntry(map: MapType, element: PathElement): TypeRef | undefined {
  return (element.kind === ElementKind.field ? map.fields.get(element.name)?.type : undefined) ?? map.elementType;
}

function reconcileNode(node: FieldNode, children: FieldSet, atom: Atom): FieldNode {
  if (atom.shapes & Shape.map) {
    if (atom.map!.deduced) return node;
    if (atom.map!.atomic) return { element: node.element, member: true, children: undefined };
  } else {
    if (atom.shapes & Shape.scalar || atom.list === undefined) return node;
    if (atom.list.atomic) return { element: node.element, member: true, children: undefined };
  }
  const fitted = reconcileLevel(children, atom);
  return fitted === children ? node : { element: node.element, member: node.member, children: fitted };
}
