import { isStatusError, type KubeObject, type OwnerReference } from 'nekube/apimachinery';
import type { Graph } from './graph.ts';
import {
  blockingDependents,
  FOREGROUND,
  type Identity,
  identityOf,
  type Node,
  ORPHAN,
  textOf,
  waitsFor,
} from './node.ts';
import { ImpossibleOwnerError, type Objects } from './objects.ts';
import { type Owners, verdictOn } from './verdict.ts';

/** Looks at one node of the graph at a time, asks the server how things are, and does what follows. */
export class Collector {
  readonly #graph: Graph;
  readonly #objects: Objects;
  readonly #attemptToDelete: (node: Node) => void;

  constructor(parts: {
    readonly graph: Graph;
    readonly objects: Objects;
    readonly attemptToDelete: (node: Node) => void;
  }) {
    this.#graph = parts.graph;
    this.#objects = parts.objects;
    this.#attemptToDelete = parts.attemptToDelete;
  }

  /**
   * Deletes an object that no owner keeps, and takes away what keeps one that waits for its dependents in vain.
   *
   * @returns whether it is to be looked at again, though nothing failed: nobody has seen it yet
   */
  async collect(node: Node): Promise<boolean> {
    if (node.isVirtual && this.#graph.get(node.identity.uid) !== node) return false;
    try {
      const isGone = await this.#collect(node, node.identity);
      return !isGone && node.isVirtual;
    } catch (error) {
      // nothing that could happen would make it right
      if (error instanceof ImpossibleOwnerError) return false;
      throw error;
    }
  }

  /** Takes an owner away from all that it has, then lets it go. */
  async orphan({ identity, dependents }: Node): Promise<void> {
    const released = await Promise.allSettled(
      [...dependents].map((dependent) =>
        this.#objects.release(dependent, [identity.uid]).catch((error: unknown) => {
          if (!isStatusError(error, 'NotFound')) throw error;
        }),
      ),
    );
    const failed = released.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
    if (failed !== undefined)
      throw new Error(`Cannot orphan the dependents of ${textOf(identity)}`, { cause: failed.reason });
    await this.#objects.removeFinalizer(identity, ORPHAN);
  }

  /** True: there is no such object, which the graph knows by now. */
  async #collect(node: Node, identity: Identity): Promise<boolean> {
    // it goes by itself
    if (node.beingDeleted && !node.deletingDependents) return false;
    const latest = await this.#find(identity);
    if (latest === undefined) {
      this.#graph.removeAbsent(identity);
      return true;
    }
    if (node.deletingDependents) {
      await this.#endForeground(node, identity);
      return false;
    }
    const references = latest.metadata.ownerReferences ?? [];
    if (references.length === 0) return false;
    const owners = await this.#classified(references, identity);
    return this.#carryOut(node, identity, latest, owners);
  }

  async #carryOut(node: Node, identity: Identity, latest: KubeObject, owners: Owners): Promise<boolean> {
    const verdict = verdictOn(latest, owners, node.dependents);
    if (verdict.does === 'keep') return false;
    if (verdict.does === 'release') {
      await this.#objects.release({ identity }, verdict.uids);
      return false;
    }
    if (verdict.unblocks) await this.#objects.unblock({ identity, owners: node.owners });
    try {
      await this.#objects.delete(identity, latest, verdict.policy);
      return false;
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
      this.#graph.removeAbsent(identity);
      return true;
    }
  }

  /** The object that is meant, not another of its name. */
  async #find(identity: Identity): Promise<KubeObject | undefined> {
    try {
      const found = await this.#objects.get(identity);
      return found.metadata.uid === identity.uid ? found : undefined;
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** An object that waits for its dependents goes when none is left that blocks it. */
  async #endForeground(node: Node, identity: Identity): Promise<void> {
    const blocking = blockingDependents(node);
    if (blocking.length === 0) return this.#objects.removeFinalizer(identity, FOREGROUND);
    for (const dependent of blocking) if (!dependent.deletingDependents) this.#attemptToDelete(dependent);
  }

  async #classified(references: readonly OwnerReference[], dependent: Identity): Promise<Owners> {
    const [solid, dangling, waiting]: OwnerReference[][] = [[], [], []];
    for (const reference of references) {
      const owner = await this.#owner(reference, dependent);
      if (owner === undefined) dangling!.push(reference);
      else if (waitsFor(owner, FOREGROUND)) waiting!.push(reference);
      else solid!.push(reference);
    }
    return { solid: solid!, dangling: dangling!, waiting: waiting! };
  }

  /** The owner that a reference means; undefined: there is none. @throws NoMatchError; ImpossibleOwnerError */
  async #owner(reference: OwnerReference, { namespace }: Identity): Promise<KubeObject | undefined> {
    const { absentOwners } = this.#graph;
    const possible = [identityOf(reference), identityOf(reference, namespace)];
    if (possible.some((owner) => absentOwners.has(owner))) return undefined;
    const { namespaced } = await this.#objects.served(reference);
    const owner = possible[namespaced ? 1 : 0]!;
    const found = await this.#find(owner);
    if (found === undefined) absentOwners.add(owner);
    return found;
  }
}
