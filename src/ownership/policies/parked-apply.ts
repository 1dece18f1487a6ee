import { isJsonObject, type KubeObject, parseJson } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { API_VERSION, type ApplyConflict } from 'nekube/fieldpolicy';
import { type Decision, equalValues, patternOf, type Value } from 'nekube/smd';
import { decideConflicts } from '../apply-decided.ts';
import { isApplyConflict } from '../conflict-causes.ts';
import {
  applyConfiguration,
  type Configuration,
  type ConflictsFound,
  type FieldConflict,
  findConflicts,
  type FindOptions,
  guarded,
} from '../field-conflicts.ts';
import { stockConflicts } from './stock-conflicts.ts';

const KIND = { apiVersion: API_VERSION, kind: 'ApplyConflict' };

/** What a person decided of the paths of an apply that waits, as these stand in it. */
export type Answers = ReadonlyMap<string, Decision>;

/** What came of an apply that waited: nothing is written where there is a reason. */
export type Replayed = { readonly object: KubeObject } | { readonly reason: string };

/** What an apply that waits would meet now; with a reason why decisions about it would come too late, if they would. */
export interface ParkedState {
  readonly stale?: string;
  /** What is to be decided, with the values of now and of the configuration: not as who wrote the ApplyConflict says. */
  readonly conflicts: readonly FieldConflict[];
}

/**
 * Looks at an apply that waits. Writes nothing.
 *
 * @throws Error if it applies anything else than it says
 */
export async function examineParked(
  client: Client,
  parked: ApplyConflict,
  now: Date,
  signal?: AbortSignal,
): Promise<ParkedState> {
  const { expirationTime, manager, objectRef } = parked.spec;
  const late = (stale: string): ParkedState => ({ stale, conflicts: [] });
  if (Date.parse(expirationTime) <= now.getTime()) return late(`it expired at ${expirationTime}`);
  const configuration = parkedConfiguration(parked);
  const found = await findConflicts(client, configuration, optionsOf(parked, signal));
  const { live } = found;
  if (live === undefined || live.metadata.uid !== objectRef.uid)
    return late('the object is gone, or another one of its name is there');
  const changed = differenceOf(parked, configuration, found);
  if (changed !== undefined) return late(changed);
  const conflicts = stockConflicts(configuration, found, manager);
  for (const conflict of conflicts) checkApplied(parked, conflict);
  return { conflicts };
}

/** @throws Error where who reads the ApplyConflict would decide about another value than would be applied */
function checkApplied({ spec }: ApplyConflict, { path, applied }: FieldConflict): void {
  const text = patternOf(path);
  for (const told of spec.conflicts) {
    if (told.path !== text || told.applied === undefined) continue;
    if (!equalValues(valueOf(told.applied), applied as Value | undefined))
      throw new Error(`spec.configuration has another value at ${text} than spec.conflicts says`);
  }
}

function valueOf(json: string): Value | undefined {
  try {
    return parseJson(json) as Value;
  } catch {
    return undefined;
  }
}

/** Writes down what a person decided; a parked apply that changed meanwhile is a Conflict. @throws StatusError */
export async function answerParked(
  client: Client,
  parked: ApplyConflict,
  answers: Answers,
  signal?: AbortSignal,
): Promise<ApplyConflict> {
  const { name = '', namespace, resourceVersion } = parked.metadata;
  const decisions = [...answers].map(([path, decision]) => ({ path, decision: capitalised(decision) }));
  const change = { metadata: { resourceVersion }, spec: { decisions } };
  const key = { name, ...(namespace !== undefined && { namespace }) };
  const options = { fieldManager: 'nekube-own-resolve', ...(signal && { signal }) };
  return (await client.patch<KubeObject>(KIND, key, { merge: change as never }, options)) as ApplyConflict;
}

/**
 * Makes the apply that waited, as who the client is, with the decisions. A server that heeds policies carries them out by
 * itself; on others it is one write for the very object of which the conflicts are the same still.
 *
 * @throws StatusError what the server answers to an apply that is refused for anything else
 */
export async function replayParked(
  client: Client,
  parked: ApplyConflict,
  answers: Answers,
  signal?: AbortSignal,
): Promise<Replayed> {
  const configuration = parkedConfiguration(parked);
  const options = optionsOf(parked, signal);
  const found = await findConflicts(client, configuration, options);
  const changed = differenceOf(parked, configuration, found);
  if (changed !== undefined) return { reason: changed };
  // the server has read the decisions
  if (found.conflicts.length === 0) return await applied(client, guarded(configuration, found.live), options);
  const plan = await decideConflicts(client, configuration, found, {
    ...options,
    decide: (conflicts) => conflicts.map(({ path }) => ({ decision: answers.get(patternOf(path)) ?? 'fail' })),
  });
  if (plan.refusal !== undefined) return { reason: plan.refusal.message };
  return await applied(client, plan.configuration, { ...options, force: plan.force });
}

async function applied(
  client: Client,
  configuration: Configuration,
  options: FindOptions & { readonly force?: boolean },
): Promise<Replayed> {
  try {
    return { object: await applyConfiguration(client, configuration, options) };
  } catch (error) {
    if (isApplyConflict(error)) return { reason: error.message };
    throw error;
  }
}

/** @throws Error for what is no configuration */
function parkedConfiguration({ spec, metadata: { namespace } }: ApplyConflict): Configuration {
  const read = parseJson(spec.configuration);
  if (!isJsonObject(read) || !isJsonObject(read.metadata)) throw new Error('spec.configuration is no object');
  const { apiVersion, kind, name } = spec.objectRef;
  const configuration = read as unknown as Configuration;
  const { metadata } = configuration;
  const isOther = configuration.apiVersion !== apiVersion || configuration.kind !== kind || metadata.name !== name;
  // who wrote the object could else have anything applied by who resolves it
  if (isOther || (metadata.namespace ?? namespace) !== namespace)
    throw new Error('spec.configuration is of another object than spec.objectRef');
  return configuration;
}

function optionsOf({ spec: { manager, objectRef } }: ApplyConflict, signal?: AbortSignal): FindOptions {
  const { subresource } = objectRef;
  return { fieldManager: manager, ...(subresource && { subresource }), ...(signal && { signal }) };
}

/** Of conflicts that are not told any more a server may have read earlier decisions; then they are there all the same. */
function differenceOf(
  { spec, spec: { manager } }: ApplyConflict,
  configuration: Configuration,
  found: ConflictsFound,
): string | undefined {
  const before = new Set(spec.conflicts.map((one) => `${one.path} of ${JSON.stringify(one.manager)}`));
  const there = new Set(stockConflicts(configuration, found, manager).map(conflictText));
  const gone = [...before].filter((one) => !there.has(one));
  const come = found.conflicts.map(conflictText).filter((one) => !before.has(one));
  if (gone.length === 0 && come.length === 0) return undefined;
  const parts = [...gone.map((one) => `not any more ${one}`), ...come.map((one) => `now ${one}`)];
  return `it is in conflict over other fields than when it was parked: ${parts.join(', ')}`;
}

function conflictText({ claim, path }: FieldConflict): string {
  return `${patternOf(path)} of ${JSON.stringify(claim.manager)}`;
}

function capitalised(decision: Decision): string {
  return decision[0]!.toUpperCase() + decision.slice(1);
}
