import { type Identity, identityOf, keyOf, type Node, refersTo } from './node.ts';

/** Dependents by whether they mean the owner that they name by its uid. One with several references can be both. */
export interface Partition {
  readonly matching: readonly Node[];
  readonly others: readonly Node[];
}

/** Which dependents of an owner name it as it is, and which in another way. */
export function partition(dependents: Iterable<Node>, owner: Identity): Partition {
  const [matching, others]: [Node[], Node[]] = [[], []];
  for (const dependent of dependents) {
    const elsewhere = owner.namespace !== undefined && owner.namespace !== dependent.identity.namespace;
    const references = dependent.owners.filter(({ uid }) => uid === owner.uid);
    const fits = references.map((reference) => refersTo(reference, owner));
    if (!elsewhere && fits.includes(true)) matching.push(dependent);
    if (elsewhere || fits.includes(false)) others.push(dependent);
  }
  return { matching, others };
}

/**
 * What else dependents call an owner that is not there by the name that was tried: the next in order, else the first, so
 * that all are tried in turn.
 */
export function alternativeTo(absent: Identity, dependents: readonly Node[]): Identity | undefined {
  const found = new Map<string, Identity>();
  for (const { owners, identity } of dependents) {
    for (const reference of owners.filter(({ uid }) => uid === absent.uid)) {
      const isClusterScoped =
        absent.namespace === undefined && reference.apiVersion === absent.apiVersion && reference.kind === absent.kind;
      const alternative = identityOf(reference, isClusterScoped ? undefined : identity.namespace);
      found.set(keyOf(alternative), alternative);
    }
  }
  found.delete(keyOf(absent));
  const sorted = [...found.values()].toSorted(compare);
  return sorted.find((one) => compare(absent, one) < 0) ?? sorted[0];
}

/** Kinds first, so that those of a kind stand together whatever their namespaces. */
function compare(a: Identity, b: Identity): number {
  const texts = ({ kind, apiVersion, namespace = '', name, uid }: Identity) => [kind, apiVersion, namespace, name, uid];
  const [left, right] = [texts(a), texts(b)];
  const at = left.findIndex((text, i) => text !== right[i]);
  if (at < 0) return 0;
  return left[at]! < right[at]! ? -1 : 1;
}
