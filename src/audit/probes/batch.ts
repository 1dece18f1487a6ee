import { isStatusError, type JsonObject, type KubeObject, type StatusError } from 'nekube/apimachinery';
import { type ObjectRef, shownRef } from '../observe/operator-write.ts';
import type { Interval, Session } from '../observe/session.ts';
import { PREFIX, withWords } from '../observe/words.ts';
import { noteOwnSpec } from './own-spec.ts';
import {
  cleanUp,
  freshName,
  isOfOther,
  isOfSubject,
  isThere,
  resourceOf,
  type Subject,
  type Trial,
  trialOf,
  tryOut,
} from './subject.ts';

/** So many resources are made at once: more would keep an operator busy for longer than one that does nothing is waited for. */
export const BATCH = 8;

/** Whoever is called so did nothing. */
const NOBODY = { namespace: '-', name: '-' };

/** A trial, or why the server refused the resource. */
export type Tried = Trial | StatusError;

/** Whether the server refused it. */
export function isRefused(tried: Tried): tried is StatusError {
  return isStatusError(tried);
}

/**
 * Makes resources at once, each in a namespace of its own. What is done in a namespace, or with a name (or in a namespace of one) that has
 * the resource's in it, was done for that resource. Where something else was done that none of them accounts for, or nothing was done for one, they are made
 * again, one after another.
 *
 * @param isKnown what is no news wherever it is done, as `withWords` has it
 */
export async function tryMany(
  session: Session,
  subject: Subject,
  specs: readonly JsonObject[],
  isKnown: (line: string) => boolean,
): Promise<readonly Tried[]> {
  if (specs.length === 1) return [await tryOne(session, subject, specs[0]!)];
  const { places, refused, interval } = await makeAll(session, subject, specs);
  const isOf = ({ namespace, name }: ObjectRef, [place, of]: readonly [string, string]): boolean =>
    namespace === place || name.includes(of) || namespace.includes(of);
  const isStray = (one: ObjectRef): boolean =>
    !isOfSubject(subject, one) &&
    !places.some((place) => isOf(one, place)) &&
    !isOfOther(one, NOBODY) &&
    !isKnown(withWords(shownRef(one)));
  const isUnclear = [...interval.writes, ...interval.reads.filter(({ verb }) => verb === 'get')].some(isStray);
  const trials: Tried[] = [];
  for (const [i, spec] of specs.entries()) {
    const [namespace, name] = places[i]!;
    const own = part(interval, (one) => isOf(one, places[i]!) || !places.some((place) => isOf(one, place)));
    const trial = refused.get(i) ?? trialOf(subject, { namespace, name, interval: own });
    const isClear = isRefused(trial) || (!isUnclear && trial.outcome.size > 0);
    trials.push(isClear ? trial : await tryOne(session, subject, spec));
  }
  return trials;
}

/** Resources that were made at once. */
interface MadeAtOnce {
  /** Of each the namespace and the name. */
  readonly places: readonly (readonly [namespace: string, name: string])[];
  /** Why the server refused one, by its number. */
  readonly refused: ReadonlyMap<number, StatusError>;
  /** What was done then. */
  readonly interval: Interval;
}

async function makeAll(session: Session, subject: Subject, specs: readonly JsonObject[]): Promise<MadeAtOnce> {
  const places = await Promise.all(specs.map(async () => [await session.env.namespace(PREFIX), freshName()] as const));
  const refused = new Map<number, StatusError>();
  const made: KubeObject[] = [];
  const interval = await session.during(async (client) => {
    await cleanUp(session, subject);
    await Promise.all(
      specs.map(async (spec, i) => {
        try {
          made.push(await client.create(resourceOf(subject, ...places[i]!, spec)));
          isThere(session, ...places[i]!);
        } catch (error) {
          if (!isStatusError(error)) throw error;
          refused.set(i, error);
        }
      }),
    );
  });
  await Promise.all(made.map((one) => noteOwnSpec(session, subject, one, interval)));
  return { places, refused, interval };
}

async function tryOne(session: Session, subject: Subject, spec: JsonObject): Promise<Tried> {
  try {
    return await tryOut(session, subject, spec);
  } catch (error) {
    if (!isStatusError(error)) throw error;
    return error;
  }
}

/** An interval with what was done for one resource. */
function part(interval: Interval, isMeant: (ref: ObjectRef) => boolean): Interval {
  return { ...interval, writes: interval.writes.filter(isMeant), reads: interval.reads.filter(isMeant) };
}
