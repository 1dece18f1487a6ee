import type { Node } from '../nodes/node.ts';
import { isPodAvailable, isPodReady, type Pod } from '../pods/pod.ts';
import { comparePods, isUpdated, verdictOf } from './daemon-pod.ts';
import { allowsSurge, type DaemonSet, type DaemonSetStatus, updateLimits } from './daemon-set.ts';

/** What is decided by: the pods of a set by their nodes. */
export interface DaemonWorld {
  readonly set: DaemonSet;
  readonly nodes: readonly Node[];
  readonly pods: ReadonlyMap<string, readonly Pod[]>;
  /** Of the template that the set has. */
  readonly hash: string;
  readonly now: number;
}

/** What is to be done. */
export interface DaemonPlan {
  /** The names of nodes that are to have a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  /** Pods that have ended on nodes that shall have one, and are to be deleted, some of them not yet. */
  readonly ended: readonly { readonly pod: Pod; readonly node: string }[];
}

/** Decides which nodes are to have a pod, and which pods are to go: one pod a node, or two on the way to the next. */
export function planDaemons(world: DaemonWorld): DaemonPlan {
  const create: string[] = [];
  const remove: Pod[] = [];
  const ended: { pod: Pod; node: string }[] = [];
  for (const node of world.nodes) {
    const name = node.metadata.name!;
    const pods = world.pods.get(name);
    const { shouldRun, mayStay } = verdictOf(world.set, node);
    const staying = (pods ?? []).filter(({ metadata }) => !metadata.deletionTimestamp);
    if (shouldRun && pods === undefined) create.push(name);
    else if (!mayStay) remove.push(...staying);
    else {
      const running = staying.filter((pod) => !isOver(pod)).sort(comparePods);
      ended.push(...staying.filter(isOver).map((pod) => ({ pod, node: name })));
      if (running.length === 0 && shouldRun && allowsSurge(world.set)) create.push(name);
      remove.push(...superfluous(world, running));
    }
  }
  return { create, remove: [...remove, ...homeless(world)], ended };
}

/** Of several pods on a node all but the first; with surge all but one of each template, and the old one when it may go. */
function superfluous({ set, hash, now }: DaemonWorld, running: readonly Pod[]): readonly Pod[] {
  if (running.length <= 1) return [];
  if (!allowsSurge(set)) return running.slice(1);
  // here the hash alone tells which are new
  const isNew = ({ metadata }: Pod): boolean => metadata.labels?.['controller-revision-hash'] === hash;
  const newest = running.find(isNew);
  const old = running.find((pod) => !isNew(pod));
  const others = running.filter((pod) => pod !== newest && pod !== old);
  if (newest === undefined || old === undefined) return others;
  const mayGo = !isPodReady(old) || isPodAvailable(newest, set.spec.minReadySeconds ?? 0, now);
  return mayGo ? [...others, old] : others;
}

/** Pods for nodes that are gone, which can never come there. */
function homeless({ nodes, pods }: DaemonWorld): readonly Pod[] {
  const known = new Set(nodes.map(({ metadata }) => metadata.name));
  return [...pods].flatMap(([name, all]) => (known.has(name) ? [] : all.filter(({ spec }) => !spec.nodeName)));
}

/** Decides which old pods go now, and, with surge, which nodes have a new one beside the old one. */
export function planUpdate(world: DaemonWorld): Pick<DaemonPlan, 'create' | 'remove'> {
  const { set, nodes } = world;
  const wanted = nodes.filter((node) => verdictOf(set, node).shouldRun);
  const limits = updateLimits(set, wanted.length);
  const names = new Set([...world.pods.keys(), ...wanted.map(({ metadata }) => metadata.name!)]);
  const pairs = [...names].map((name) => pairOf(world, name));
  if (limits.surge > 0) return surge(world, pairs, { wanted: wanted.length, most: limits.surge });
  return { create: [], remove: replace(world, pairs, limits.unavailable || Math.min(1, wanted.length)) };
}

/** The pods of a node by their template. */
interface Pair {
  readonly node: string;
  readonly newPod?: Pod;
  readonly oldPod?: Pod;
  /** There are several of one template. */
  readonly isCrowded: boolean;
}

function pairOf({ set, pods, hash }: DaemonWorld, node: string): Pair {
  const staying = (pods.get(node) ?? []).filter(({ metadata }) => !metadata.deletionTimestamp);
  const updated = staying.filter((pod) => isUpdated(set, pod, hash));
  const old = staying.filter((pod) => !isUpdated(set, pod, hash));
  return { node, newPod: updated[0], oldPod: old[0], isCrowded: updated.length > 1 || old.length > 1 };
}

function replace(world: DaemonWorld, pairs: readonly Pair[], most: number): readonly Pod[] {
  let unavailable = 0;
  const broken: Pod[] = [];
  const candidates: Pod[] = [];
  for (const { newPod, oldPod, isCrowded } of pairs) {
    const isOnlyOld = oldPod !== undefined && newPod === undefined && !isCrowded;
    const isWell =
      !isCrowded && (oldPod === undefined) !== (newPod === undefined) && isAvailable(world, (newPod ?? oldPod)!);
    if (!isWell) unavailable++;
    if (isOnlyOld && !isWell) broken.push(oldPod);
    if (isOnlyOld && isWell) candidates.push(oldPod);
  }
  return [...broken, ...candidates.slice(0, Math.max(0, most - unavailable))];
}

function surge(
  world: DaemonWorld,
  pairs: readonly Pair[],
  { wanted, most }: { readonly wanted: number; readonly most: number },
): Pick<DaemonPlan, 'create' | 'remove'> {
  const verdicts = new Map(world.nodes.map((node) => [node.metadata.name!, verdictOf(world.set, node).shouldRun]));
  const remove: Pod[] = [];
  const unwanted: Pod[] = [];
  const urgent: string[] = [];
  const candidates: string[] = [];
  let [surging, available] = [0, 0];
  for (const { node, newPod, oldPod, isCrowded } of pairs) {
    const first = oldPod ?? newPod;
    if (!isCrowded && first !== undefined && isAvailable(world, first)) available++;
    if (isCrowded) surging++;
    else if (oldPod === undefined) continue;
    else if (newPod !== undefined) {
      if (isAvailable(world, newPod)) remove.push(oldPod);
      else surging++;
    } else if (!verdicts.get(node)) (isAvailable(world, oldPod) ? unwanted : remove).push(oldPod);
    else (isAvailable(world, oldPod) ? candidates : urgent).push(node);
  }
  // where no pod shall be any more, one goes when there are enough
  const spare = unwanted.slice(0, Math.max(0, available - wanted));
  const room = candidates.slice(0, Math.max(0, most - surging));
  return { create: [...urgent, ...room], remove: [...remove, ...spare] };
}

/** The status of a set. */
export function statusOf(world: DaemonWorld): DaemonSetStatus {
  const { set, nodes, pods, hash } = world;
  const wanted = nodes.filter((node) => verdictOf(set, node).shouldRun);
  const has = ({ metadata }: Node): boolean => (pods.get(metadata.name!)?.length ?? 0) > 0;
  const first = wanted.filter(has).map(({ metadata }) => [...pods.get(metadata.name!)!].sort(comparePods)[0]!);
  const available = first.filter((pod) => isAvailable(world, pod)).length;
  const { collisionCount } = set.status ?? {};
  return {
    desiredNumberScheduled: wanted.length,
    currentNumberScheduled: first.length,
    numberMisscheduled: nodes.filter((node) => !wanted.includes(node) && has(node)).length,
    numberReady: first.filter(isPodReady).length,
    updatedNumberScheduled: first.filter((pod) => isUpdated(set, pod, hash)).length,
    numberAvailable: available,
    numberUnavailable: wanted.length - available,
    ...(collisionCount !== undefined && { collisionCount }),
  };
}

/** Whether it has failed or succeeded. */
export function isOver({ status }: Pod): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded';
}

function isAvailable({ set, now }: DaemonWorld, pod: Pod): boolean {
  return isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now);
}
