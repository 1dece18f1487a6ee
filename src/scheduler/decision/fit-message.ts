import type { Rejection } from '../plugins/plugin.ts';

/** Why a pod fits nowhere. */
export interface NoFit {
  readonly nodes: number;
  /** By the names of nodes. */
  readonly rejections: ReadonlyMap<string, Rejection>;
  /** What holds for the nodes that nobody looked at. */
  readonly others?: readonly string[];
  /** Why no node needed to be looked at. */
  readonly upFront?: string;
  /** What came of preemption. */
  readonly after?: string;
}

/** The text by which people are told: `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` */
export function fitMessage({ nodes, rejections, others = [], upFront, after }: NoFit): string {
  let message = `0/${nodes} nodes are available:`;
  if (upFront !== undefined && upFront !== '') message += ` ${upFront}.`;
  else {
    const reasons = new Map<string, number>();
    const add = (reason: string, times: number): void => void reasons.set(reason, (reasons.get(reason) ?? 0) + times);
    for (const rejection of rejections.values()) for (const reason of rejection.reasons) add(reason, 1);
    if (rejections.size < nodes) for (const reason of others) add(reason, nodes - rejections.size);
    const told = [...reasons].map(([reason, times]) => `${times} ${reason}`).sort();
    if (told.length > 0) message += ` ${told.join(', ')}.`;
  }
  return after ? `${message} ${after}` : message;
}
