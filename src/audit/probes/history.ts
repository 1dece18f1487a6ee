import type { JsonObject } from 'nekube/apimachinery';
import { generalized, outcomeOf } from '../observe/outcome.ts';
import type { Finding } from '../verdict/finding.ts';
import { linesOf, merge, type ProbeContext } from './probe.ts';
import { isOfSubject, tryOut, WORDS } from './subject.ts';

/** A resource that became another and then itself again: is it as if it never had been another? */
export async function probeHistory(context: ProbeContext, other: JsonObject): Promise<readonly Finding[]> {
  const { session, subject, base } = context;
  const probe = 'a resource whose spec was another in between';
  const trial = await tryOut(session, subject);
  const ref = { ...subject, subresource: '', namespace: subject.isNamespaced ? trial.namespace : '', name: trial.name };
  const sample = (subject.sample.spec ?? {}) as JsonObject;
  const there = await session.during((client) => merge(client, ref, { spec: changeTo(sample, other) }));
  const back = await session.during((client) => merge(client, ref, { spec: changeTo(other, sample) }));
  const writes = [...trial.interval.writes, ...there.writes, ...back.writes];
  const words = new Map([
    [trial.namespace, WORDS.namespace],
    [trial.name, WORDS.name],
  ]);
  const outcome = generalized(outcomeOf(writes.filter((write) => !isOfSubject(subject, write))), words);
  const left = linesOf(context, base.outcome, outcome);
  return left.length === 0 ? [] : [{ aspect: 'history', probe, evidence: left }];
}

/** The merge patch that makes one of the other: what is gone is null. */
function changeTo(from: JsonObject, to: JsonObject): JsonObject {
  const gone = Object.keys(from).filter((name) => !Object.hasOwn(to, name));
  return { ...to, ...Object.fromEntries(gone.map((name) => [name, null])) };
}
