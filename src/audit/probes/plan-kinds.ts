import type { KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { Operator } from '../observe/operator.ts';
import { Session } from '../observe/session.ts';
import { startPlane } from './control-plane.ts';
import { definedKinds, sampleOf, servedSubject } from './definition.ts';
import type { KindsOptions, ProbedKind, UnprobedKind } from './kinds-result.ts';

/** A kind that shall be probed. */
export type PlannedKind = Pick<ProbedKind, 'kind' | 'sample' | 'isMade'>;

/** What shall be probed of an operator, and what not. */
export interface KindsPlan {
  readonly probe: readonly PlannedKind[];
  readonly leave: readonly UnprobedKind[];
}

/**
 * Which kinds an operator is probed with: those that are named; else those that it watches, for which it is started once where there are
 * several. One that watches none of them is probed with those that have a sample, and it is seen what it does.
 *
 * @throws OperatorFailure it does not start, or ends by itself; NoMatchError: a sample is of a kind that is not served
 */
export async function planKinds(operator: Operator, options: KindsOptions): Promise<KindsPlan> {
  const { samples, kinds } = options;
  const plane = await startPlane(options, { name: 'survey' });
  const { client } = plane.env;
  try {
    const given = await samplesByKind(client, samples);
    const defined = await definedKinds(client);
    const all = [...new Set([...given.keys(), ...defined])];
    if (kinds !== undefined || all.length === 1) return await planOf(client, kinds ?? all, { all, given });
    const session = new Session(plane.env, operator, { ...options, services: plane.services });
    options.onProgress?.('it is started, to see which kinds it watches');
    await session.start();
    const watched = watchedBy(session);
    await session.stop();
    const wanted = all.filter((kind) => watched.has(kind));
    return await planOf(client, wanted.length > 0 ? wanted : [...given.keys()], { all, given, watched });
  } finally {
    await plane.stop();
  }
}

/** What is known of the kinds that there are. */
interface Known {
  readonly all: readonly string[];
  readonly given: ReadonlyMap<string, KubeObject>;
  /** Absent: it was not looked for. */
  readonly watched?: ReadonlySet<string>;
}

async function planOf(client: Client, wanted: readonly string[], { all, given, watched }: Known): Promise<KindsPlan> {
  const probe: PlannedKind[] = [];
  const leave = all
    .filter((kind) => !wanted.includes(kind))
    .map((kind): UnprobedKind => ({ kind, isAskedFor: watched?.has(kind) ?? true }));
  for (const kind of wanted) {
    const sample = given.get(kind) ?? (await sampleOf(client, kind));
    if (sample === undefined) leave.push({ kind, isAskedFor: true, why: 'nothing defines it' });
    else probe.push({ kind, sample, isMade: !given.has(kind) });
  }
  return { probe, leave };
}

async function samplesByKind(client: Client, samples: readonly KubeObject[]): Promise<ReadonlyMap<string, KubeObject>> {
  const given = new Map<string, KubeObject>();
  for (const sample of samples) {
    const { group, resource } = await servedSubject(client, sample);
    const kind = `${resource}.${group}`;
    if (!given.has(kind)) given.set(kind, sample);
  }
  return given;
}

function watchedBy({ own }: Session): ReadonlySet<string> {
  const looked = own.filter(({ verb }) => verb === 'watch' || verb === 'list');
  return new Set(looked.map(({ group, resource }) => `${resource}.${group}`));
}
