import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import type { Outcome } from '../observe/outcome.ts';
import type { OperatorWrite } from '../observe/operator-write.ts';
import type { Finding } from '../verdict/finding.ts';
import { noteOwnSpec } from './own-spec.ts';
import { linesOf, merge, type ProbeContext } from './probe.ts';
import { trialOf, tryOut } from './subject.ts';

/** So often the resource is another in between: what counts changes may wait for the third. */
const ROUNDS = 4;

/** A resource that became another and then itself again, several times: is it as if it never had been another? */
export async function probeHistory(context: ProbeContext, others: readonly JsonObject[]): Promise<readonly Finding[]> {
  if (others.length === 0) return [];
  const { session, subject, base } = context;
  const trial = await tryOut(session, subject);
  const ref = { ...subject, subresource: '', namespace: subject.isNamespaced ? trial.namespace : '', name: trial.name };
  const sample = (subject.sample.spec ?? {}) as JsonObject;
  const writes: OperatorWrite[] = [...trial.interval.writes];
  const edit = async (spec: JsonObject): Promise<void> => {
    let edited: KubeObject | undefined;
    const interval = await session.during(async (client) => void (edited = await merge(client, ref, { spec })));
    writes.push(...interval.writes);
    if (edited !== undefined) await noteOwnSpec(session, subject, edited, interval);
  };
  for (let round = 1; round <= ROUNDS; round++) {
    const other = others[(round - 1) % others.length]!;
    await edit(changeTo(sample, other));
    const now = (): Outcome => trialOf(subject, { ...trial, interval: { ...trial.interval, writes } }).outcome;
    if (round === 1 && linesOf(context, base.outcome, now()).length === 0) {
      // made once, and left so: another is made of it from the beginning
      const fresh = await tryOut(session, subject, other, { besideOthers: true });
      // who is slow may have written it meanwhile
      writes.push(...fresh.interval.writes);
      const lost = linesOf(context, now(), fresh.outcome);
      if (fresh.outcome.size > 0 && lost.length > 0)
        return [{ aspect: 'history', probe: 'a resource whose spec is changed when it is there', evidence: lost }];
    }
    await edit(changeTo(other, sample));
    // what it writes of others meanwhile, by a rhythm of its own, is of those
    const outcome = now();
    const left = outcome.size === 0 ? [] : linesOf(context, base.outcome, outcome);
    const probe = `a resource whose spec was another in between${round === 1 ? '' : `, ${round} times`}`;
    if (left.length > 0) return [{ aspect: 'history', probe, evidence: left }];
  }
  return [];
}

/** The merge patch that makes one of the other: what is gone is null. */
function changeTo(from: JsonObject, to: JsonObject): JsonObject {
  const gone = Object.keys(from).filter((name) => !Object.hasOwn(to, name));
  return { ...to, ...Object.fromEntries(gone.map((name) => [name, null])) };
}
