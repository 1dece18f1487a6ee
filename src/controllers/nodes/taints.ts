import { formatTime, isStatusError } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { Taint } from 'nekube/component-helpers';
import { type Node, NODE } from './node.ts';

/** A taint without its time. */
export type TaintName = Pick<Taint, 'key' | 'effect'>;

/** So often a write is tried again that lost a race. */
const TRIES = 5;

/** Whether two taints are the same, whatever their values are. */
export function isSameTaint(a: TaintName, b: TaintName): boolean {
  return a.key === b.key && a.effect === b.effect;
}

/** Whether a node has a taint. */
export function hasTaint({ spec }: Node, taint: TaintName): boolean {
  return spec.taints?.some((one) => isSameTaint(one, taint)) ?? false;
}

/**
 * Adds taints, as of now, then takes others off.
 *
 * @param node as it is known; what it does not have need not be taken off
 */
export async function swapTaints(
  client: Client,
  node: Node,
  {
    add,
    remove,
    now,
  }: { readonly add: readonly TaintName[]; readonly remove: readonly TaintName[]; readonly now: number },
): Promise<void> {
  const timeAdded = formatTime(new Date(now));
  const added = add.map((taint) => ({ ...taint, timeAdded }));
  if (added.length > 0) await change(client, node.metadata.name!, (taints) => withTaints(taints, added));
  await removeTaints(client, node, remove);
}

/** Takes taints off a node, if it has them. */
export async function removeTaints(client: Client, node: Node, taints: readonly TaintName[]): Promise<void> {
  if (!taints.some((taint) => hasTaint(node, taint))) return;
  const isLeft = (one: Taint): boolean => !taints.some((taint) => isSameTaint(one, taint));
  await change(client, node.metadata.name!, (before) => before.filter(isLeft));
}

function withTaints(before: readonly Taint[], added: readonly Taint[]): readonly Taint[] {
  const replaced = before.map((one) => added.find((taint) => isSameTaint(one, taint)) ?? one);
  return [...replaced, ...added.filter((taint) => !before.some((one) => isSameTaint(one, taint)))];
}

/** The list is one value, which somebody else may have changed: the version is part of the patch. */
async function change(client: Client, name: string, by: (before: readonly Taint[]) => readonly Taint[]): Promise<void> {
  for (let tries = 1; ; tries++) {
    const { metadata, spec } = await client.get(NODE, { name });
    const before = spec.taints ?? [];
    const taints = by(before);
    if (taints.length === before.length && taints.every((taint, i) => taint === before[i])) return;
    const patch = {
      metadata: { resourceVersion: metadata.resourceVersion },
      spec: { taints: taints.length === 0 ? null : taints },
    };
    try {
      await client.patch(NODE, { name }, { strategic: patch as never });
      return;
    } catch (error) {
      if (tries === TRIES || !isStatusError(error, 'Conflict')) throw error;
    }
  }
}
