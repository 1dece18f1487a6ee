import { ElementKind, type FieldNode, FieldSet, type PathElement } from 'nekube/smd';

/**
 * The fields of a set as people count them: those that hold a value of their own, an item of a list that holds nothing
 * else, a part that is owned as a whole. The keys of items are left out: they say which item is meant, all who touch it own
 * them, and nobody can be in conflict about them, since an item with another key is another item.
 */
export function ownedFields(set: FieldSet): FieldSet {
  return fieldsBelow(set, undefined);
}

function fieldsBelow(set: FieldSet, parent: PathElement | undefined): FieldSet {
  return FieldSet.ofNodes(set.nodes.flatMap((node) => (isKeyOf(parent, node.element) ? [] : fieldsAt(node))));
}

function fieldsAt({ element, children }: FieldNode): FieldNode[] {
  const below = children === undefined ? undefined : fieldsBelow(children, element);
  const own = below === undefined || below.empty;
  return [{ element, member: own, children: own ? undefined : below }];
}

function isKeyOf(item: PathElement | undefined, { kind, name }: PathElement): boolean {
  if (item?.kind !== ElementKind.key || kind !== ElementKind.field) return false;
  return item.key.some((field) => field.name === name);
}
