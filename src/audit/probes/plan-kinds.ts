import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { Operator } from '../observe/operator.ts';
import { Session } from '../observe/session.ts';
import { trailOf } from '../observe/trail-of.ts';
import { actorOf, isOfResource, kindName, type TrailRequest } from '../trail/request.ts';
import { startPlane } from './control-plane.ts';
import {
  definitionsOn,
  isDefinition,
  isOfDefinition,
  sampleOfDefinition,
  servedSubject,
  specSchemaOf,
} from './definition.ts';
import type { KindsOptions, ProbedKind, UnprobedKind } from './kinds-result.ts';

/** A kind that shall be probed. */
export interface PlannedKind extends Pick<ProbedKind, 'kind' | 'sample' | 'isMade' | 'beside'> {
  /** Of its spec; absent: it is not known here. */
  readonly schema?: JsonObject;
}

/** What shall be probed of an operator, and what not. */
export interface KindsPlan {
  readonly probe: readonly PlannedKind[];
  /** Among those to leave: it does not watch them as it starts, and may begin to when there is a resource of another kind. */
  readonly later: readonly PlannedKind[];
  readonly leave: readonly UnprobedKind[];
}

/**
 * Which kinds an operator is probed with: those that are named; else those that it watches, for which it is started once where there are
 * several. One that watches none of them is probed with those that have a sample, and it is seen what it does.
 *
 * @throws OperatorFailure it does not start, or ends by itself; NoMatchError: a sample is of a kind that is not served
 */
export async function planKinds(operator: Operator, options: KindsOptions): Promise<KindsPlan> {
  return planWithoutLooking(options) ?? (await planByLooking(operator, options));
}

/** What the manifests alone say; undefined: they say too little, or that there are several kinds of which some may be watched. */
function planWithoutLooking({ manifests, samples, kinds }: KindsOptions): KindsPlan | undefined {
  if (manifests.some((one) => typeof one === 'string')) return undefined;
  const definitions = (manifests as readonly KubeObject[]).filter(isDefinition);
  const given = new Map<string, KubeObject>();
  for (const sample of samples) {
    const kind = definitions.find((one) => isOfDefinition(sample, one))?.metadata.name;
    if (kind === undefined) return undefined;
    if (!given.has(kind)) given.set(kind, sample);
  }
  const all = definitions.map(({ metadata }) => metadata.name ?? '');
  return kinds !== undefined || all.length === 1 ? planOf(kinds ?? all, { all, given, definitions }) : undefined;
}

async function planByLooking(operator: Operator, options: KindsOptions): Promise<KindsPlan> {
  const { samples, kinds, onProgress = () => {} } = options;
  const plane = await startPlane(options, { name: 'survey' });
  try {
    const given = await samplesByKind(plane.env.client, samples);
    const definitions = await definitionsOn(plane.env.client);
    const all = [...new Set([...given.keys(), ...definitions.map(({ metadata }) => metadata.name ?? '')])];
    const known = { all, given, definitions };
    if (kinds !== undefined || all.length === 1) return planOf(kinds ?? all, known);
    onProgress('it is started, to see which kinds it watches');
    const session = new Session(plane.env, operator, { ...options, services: plane.services });
    const watched = await session
      .start()
      .then(() => kindsWatched(trailOf(session.own, plane.services.uses), operator.user.name))
      .finally(() => session.stop());
    const wanted = all.filter((kind) => watched.has(kind));
    return planOf(wanted.length > 0 ? wanted : [...given.keys()], { ...known, watched });
  } finally {
    await plane.stop();
  }
}

/** What is known of the kinds that there are. */
interface Known {
  readonly all: readonly string[];
  readonly given: ReadonlyMap<string, KubeObject>;
  readonly definitions: readonly KubeObject[];
  /** Absent: it was not looked for. */
  readonly watched?: ReadonlySet<string>;
}

function planOf(wanted: readonly string[], known: Known): KindsPlan {
  const { all, watched } = known;
  const planned = (kinds: readonly string[]): readonly PlannedKind[] =>
    kinds.map((kind) => plannedKind(kind, known)).filter((one) => one !== undefined);
  const probe = planned(wanted);
  const rest = all.filter((kind) => !wanted.includes(kind));
  const left = rest.map((kind): UnprobedKind => ({ kind, isAskedFor: watched?.has(kind) ?? true }));
  const undefinedOnes = wanted.filter((kind) => probe.every((one) => one.kind !== kind));
  const lost = undefinedOnes.map((kind): UnprobedKind => ({ kind, isAskedFor: true, why: 'nothing defines it' }));
  return { probe, later: watched === undefined ? [] : planned(rest), leave: [...left, ...lost] };
}

/** A kind with the resource that it is probed with; undefined: nothing defines it. */
function plannedKind(kind: string, { given, definitions }: Known): PlannedKind | undefined {
  const definition = definitions.find(({ metadata }) => metadata.name === kind);
  const sampled = given.get(kind);
  const sample = sampled ?? (definition && sampleOfDefinition(definition));
  if (sample === undefined) return undefined;
  const schema = definition && specSchemaOf(sample, definition);
  return { kind, sample, isMade: sampled === undefined, ...(schema && { schema }) };
}

async function samplesByKind(client: Client, samples: readonly KubeObject[]): Promise<ReadonlyMap<string, KubeObject>> {
  const given = new Map<string, KubeObject>();
  for (const sample of samples) {
    const kind = kindName(await servedSubject(client, sample));
    if (!given.has(kind)) given.set(kind, sample);
  }
  return given;
}

/** Of which kinds an operator asked for all that there are, as in `shops.shop.example`. */
export function kindsWatched(trail: readonly TrailRequest[], user: string): ReadonlySet<string> {
  const targets = trail
    .filter((request) => actorOf(request).name === user && (request.verb === 'watch' || request.verb === 'list'))
    .map(({ target }) => target);
  return new Set(targets.filter(isOfResource).map(kindName));
}
