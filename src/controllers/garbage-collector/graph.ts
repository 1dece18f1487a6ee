import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, OwnerReference } from 'nekube/apimachinery';
import { AbsentOwners } from './absent-owners.ts';
import { alternativeTo, partition } from './alternatives.ts';
import { FOREGROUND, type Identity, identityOf, keyOf, type Node, ORPHAN, refersTo, waitsFor } from './node.ts';

/** Who is told what the graph finds. */
export interface GraphListener {
  /** To be looked at: it may have no owner any more, or wait for nobody any more. `later`: not at once. */
  attemptToDelete(node: Node, later?: boolean): void;
  /** Its dependents are to lose it as an owner. */
  attemptToOrphan(node: Node): void;
  /** An object names an owner that is in another namespace. */
  ownerElsewhere(dependent: Identity, owner: Identity): void;
}

/**
 * All objects and who owns them. Owners that nobody has seen yet are in it, too, until somebody looked for them.
 *
 * Events come in any order of kinds, and references may name what is not there, what is in another namespace, or an object
 * by another version of its kind: so an owner is known by its uid, and a reference that does not fit is looked at.
 */
export class Graph {
  readonly absentOwners = new AbsentOwners();
  readonly #listener: GraphListener;
  readonly #nodes = new Map<string, Node>();
  #keys = 0;

  constructor(listener: GraphListener) {
    this.#listener = listener;
  }

  /** The node of a uid. */
  get(uid: string): Node | undefined {
    return this.#nodes.get(uid);
  }

  /** An object is there, or has changed from `old`. */
  observe(identity: Identity, { metadata }: Pick<KubeObject, 'metadata'>, old?: Pick<KubeObject, 'metadata'>): void {
    const owners = metadata.ownerReferences ?? [];
    let node = this.#nodes.get(identity.uid);
    if (node === undefined) {
      node = this.#insert(identity, { owners, isVirtual: false });
      node.deletingDependents = waitsFor({ metadata }, FOREGROUND);
      this.#addToOwners(node, owners);
    } else {
      this.#see(node, identity);
      this.#changeOwners(node, owners);
    }
    if (metadata.deletionTimestamp !== undefined) node.beingDeleted = true;
    this.#tellTransition(node, { metadata }, old);
  }

  /** An object is gone. */
  remove(identity: Identity): void {
    const node = this.#nodes.get(identity.uid);
    if (node === undefined) return;
    if (node.isVirtual) this.#see(node, identity);
    this.#removeNode(node, identity);
  }

  /** Somebody looked for what is known by this, and there is none. */
  removeAbsent(identity: Identity): void {
    const node = this.#nodes.get(identity.uid);
    if (node === undefined) return;
    const { matching, others } = partition(node.dependents, identity);
    const isSame = keyOf(node.identity) === keyOf(identity);
    if (node.isVirtual ? others.length === 0 : isSame) return this.#removeNode(node, identity);
    if (matching.length > 0) {
      this.absentOwners.add(identity);
      for (const dependent of matching) this.#listener.attemptToDelete(dependent);
    }
    if (!node.isVirtual || !isSame) return;
    const alternative = alternativeTo(identity, others);
    if (alternative === undefined) return;
    node.identity = alternative;
    this.#listener.attemptToDelete(node, true);
  }

  #insert(identity: Identity, parts: Pick<Node, 'owners' | 'isVirtual'>): Node {
    const node: Node = {
      ...parts,
      key: `${identity.uid} ${this.#keys++}`,
      identity,
      dependents: new Set(),
      deletingDependents: false,
      beingDeleted: false,
    };
    this.#nodes.set(identity.uid, node);
    return node;
  }

  /** What was known by references only is seen: those that called it otherwise are looked at. */
  #see(node: Node, identity: Identity): void {
    if (!node.isVirtual) return;
    node.isVirtual = false;
    if (keyOf(node.identity) === keyOf(identity)) return;
    node.identity = identity;
    for (const dependent of partition(node.dependents, identity).others) {
      if (isElsewhere(dependent, identity)) this.#tellElsewhere(dependent, identity.uid);
      this.#listener.attemptToDelete(dependent);
    }
  }

  #changeOwners(node: Node, owners: readonly OwnerReference[]): void {
    const before = new Map(node.owners.map((owner) => [owner.uid, owner]));
    const after = new Map(owners.map((owner) => [owner.uid, owner]));
    const removed = [...before.values()].filter(({ uid }) => !after.has(uid));
    const changed = [...after.values()].filter((owner) => {
      const old = before.get(owner.uid);
      return old !== undefined && !isDeepStrictEqual(old, owner);
    });
    node.owners = owners;
    const unblocked = [...removed, ...changed.filter(({ blockOwnerDeletion }) => blockOwnerDeletion !== true)];
    for (const { uid } of unblocked) {
      const owner = this.#nodes.get(uid);
      if (owner !== undefined && before.get(uid)!.blockOwnerDeletion === true) this.#listener.attemptToDelete(owner);
    }
    const added = [...after.values()].filter(({ uid }) => !before.has(uid));
    this.#addToOwners(node, added);
    for (const { uid } of removed) this.#nodes.get(uid)?.dependents.delete(node);
  }

  #addToOwners(node: Node, owners: readonly OwnerReference[]): void {
    let isDoubtful = false;
    for (const reference of owners) {
      const known = this.#nodes.get(reference.uid);
      const owner =
        known ?? this.#insert(identityOf(reference, node.identity.namespace), { owners: [], isVirtual: true });
      owner.dependents.add(node);
      if (known === undefined) this.#listener.attemptToDelete(owner);
      else isDoubtful ||= this.#doubts(node, reference, known);
    }
    if (isDoubtful) this.#listener.attemptToDelete(node);
  }

  /** Whether a reference may mean another object than the one that is known by its uid. */
  #doubts(node: Node, reference: OwnerReference, owner: Node): boolean {
    if (isElsewhere(node, owner.identity)) {
      if (!owner.isVirtual) this.#tellElsewhere(node, reference.uid);
      return true;
    }
    if (!refersTo(reference, owner.identity)) return true;
    return owner.isVirtual && owner.identity.namespace === undefined && node.identity.namespace !== undefined;
  }

  #tellElsewhere({ identity, owners }: Node, uid: string): void {
    const reference = owners.find((owner) => owner.uid === uid);
    if (reference !== undefined) this.#listener.ownerElsewhere(identity, identityOf(reference, identity.namespace));
  }

  #tellTransition(node: Node, object: Pick<KubeObject, 'metadata'>, old?: Pick<KubeObject, 'metadata'>): void {
    const begins = (finalizer: string): boolean =>
      waitsFor(object, finalizer) && (old === undefined || !waitsFor(old, finalizer));
    if (begins(ORPHAN)) return this.#listener.attemptToOrphan(node);
    if (!begins(FOREGROUND)) return;
    node.deletingDependents = true;
    for (const dependent of node.dependents) this.#listener.attemptToDelete(dependent);
    this.#listener.attemptToDelete(node);
  }

  #removeNode(node: Node, identity: Identity): void {
    this.#nodes.delete(node.identity.uid);
    if (node.dependents.size > 0) this.absentOwners.add(identity);
    for (const dependent of node.dependents) this.#listener.attemptToDelete(dependent);
    for (const { uid } of node.owners) {
      const owner = this.#nodes.get(uid);
      owner?.dependents.delete(node);
      if (owner?.deletingDependents) this.#listener.attemptToDelete(owner);
    }
  }
}

/** Whether an owner is in another namespace; one without a namespace may own anything. */
function isElsewhere(dependent: Node, owner: Identity): boolean {
  return owner.namespace !== undefined && owner.namespace !== dependent.identity.namespace;
}
