import type { ReplicaSet } from '../replicaset/replica-set.ts';
import { type Deployment, desiredReplicas, maxSurge } from './deployment.ts';

/** Which of all revisions it is, at a ReplicaSet; which is the current one, at a Deployment. */
export const REVISION = 'deployment.kubernetes.io/revision';
/** Which revisions a ReplicaSet was before. */
const HISTORY = 'deployment.kubernetes.io/revision-history';
const DESIRED = 'deployment.kubernetes.io/desired-replicas';
const MAXIMUM = 'deployment.kubernetes.io/max-replicas';
/** Asks to go back to a revision; what is left of a field of versions that are gone. */
export const ROLLBACK = 'deprecated.deployment.rollback.to';
/** What the one does not take over from the other. */
const OWN = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  HISTORY,
  DESIRED,
  MAXIMUM,
  ROLLBACK,
]);
/** A history may be so long; the oldest revisions are forgotten. */
const MOST_HISTORY = 2000;
const MOST_REPLICAS = 2 ** 31 - 1;

/** Annotations of an object. */
export type Annotations = Readonly<Record<string, string>>;

/** The revision of a ReplicaSet, 0 for none; undefined if it is no number. */
export function revisionOf({ metadata }: ReplicaSet): number | undefined {
  const text = metadata.annotations?.[REVISION];
  return text === undefined ? 0 : integer(text);
}

/** The highest revision of all. */
export function lastRevision(sets: readonly ReplicaSet[]): number {
  return Math.max(0, ...sets.map((set) => revisionOf(set) ?? 0));
}

/** The highest but one; 0 for none. */
export function revisionBefore(sets: readonly ReplicaSet[]): number {
  const revisions = sets.map((set) => revisionOf(set) ?? 0).sort((a, b) => b - a);
  return revisions[1] ?? 0;
}

/** The annotations of a ReplicaSet that becomes a revision: those of its Deployment, and its history. */
export function annotationsOfRevision(deployment: Deployment, before: Annotations, revision: number): Annotations {
  const inherited = { ...before, ...sharedAnnotations(deployment.metadata.annotations ?? {}) };
  const text = before[REVISION] ?? '';
  const known = text === '' ? 0 : integer(text);
  if (known === undefined) return before;
  if (known >= revision) return inherited;
  const annotations = { ...inherited, [REVISION]: String(revision) };
  return before[REVISION] === undefined ? annotations : { ...annotations, ...historyWith(before[HISTORY] ?? '', text) };
}

/** A history to which a revision is added, in which there is room for it. */
function historyWith(history: string, revision: string): Annotations {
  if (history === '') return { [HISTORY]: revision };
  const known = [...history.split(','), revision];
  while (known.length > 1 && known.join(',').length > MOST_HISTORY) known.shift();
  return { [HISTORY]: known.join(',') };
}

/** The annotations that a Deployment gives to its ReplicaSets. */
export function sharedAnnotations(annotations: Annotations): Annotations {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !OWN.has(key)));
}

/** The annotations of a Deployment that no ReplicaSet gives back to it. */
export function ownAnnotations(annotations: Annotations): Annotations {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => OWN.has(key)));
}

/** The annotations that tell a ReplicaSet for how many pods it was last made part of. */
export function sizeAnnotations(deployment: Deployment): Annotations {
  const desired = desiredReplicas(deployment);
  return { [DESIRED]: String(desired), [MAXIMUM]: String(desired + maxSurge(deployment)) };
}

/** For how many pods a ReplicaSet was last made part of. */
export function desiredBefore({ metadata }: ReplicaSet): number | undefined {
  return count(metadata.annotations?.[DESIRED]);
}

/** And how many there might have been with those on the way. */
export function maximumBefore({ metadata }: ReplicaSet): number | undefined {
  return count(metadata.annotations?.[MAXIMUM]);
}

/** Whether the ones have all that the others have. */
export function includes(annotations: Annotations = {}, others: Annotations): boolean {
  return Object.entries(others).every(([key, value]) => annotations[key] === value);
}

function count(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value <= MOST_REPLICAS ? value : undefined;
}

/** As Go reads one: also with a sign. */
function integer(text: string): number | undefined {
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}
