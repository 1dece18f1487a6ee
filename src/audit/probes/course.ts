import { outcomeOf } from '../observe/outcome.ts';
import { isPlace, type ObjectRef, type OperatorWrite, shownRef } from '../observe/operator-write.ts';
import type { Finding } from '../verdict/finding.ts';
import { childrenOf, differsBy, inTrial, linesOf, type Probe, read, remove } from './probe.ts';
import { isOfSubject, type Trial, tryOut } from './subject.ts';

/** It is started anew: does it write what it did not before? */
export const restart: Probe = async (context) => {
  const { session, subject } = context;
  const trial = await tryOut(session, subject);
  const interval = await session.restart();
  const outcome = outcomeOf(interval.writes.filter((write) => !isOfSubject(subject, write)));
  const before = outcomeOf(trial.interval.writes);
  const known = new Map([...outcome].filter(([key]) => before.has(key)));
  const changed = linesOf(context, new Map([...before].filter(([key]) => known.has(key))), known);
  const probe = 'it is started anew';
  if (changed.length > 0) return [{ aspect: 'restart', probe, evidence: changed }];
  const next = differsBy(context, await tryOut(session, subject), probe);
  return next.length === 0 ? [] : [{ aspect: 'restart', probe: `${probe}, and a resource is made`, evidence: next }];
};

/** The resource is deleted: does it clean up, what does it write then, and what stays? */
export const deletion: Probe = async (context) => {
  const { session, subject } = context;
  const trial = await tryOut(session, subject);
  const namespace = subject.isNamespaced ? trial.namespace : '';
  const ref = { ...subject, subresource: '', namespace, name: trial.name };
  const made = await read(session.env.client, ref);
  const interval = await session.during((client) => remove(client, ref));
  const findings: Finding[] = [];
  const probe = 'the resource is deleted';
  const { finalizers = [] } = (made?.metadata ?? {}) as { readonly finalizers?: readonly string[] };
  if (finalizers.length > 0) {
    const deleted = interval.writes
      .filter(({ verb }) => verb.startsWith('delete'))
      .map((write) => `it deletes ${shownRef(write)}`);
    findings.push({
      aspect: 'finalizer',
      probe,
      evidence: [...finalizers.map((one) => `finalizer ${one}`), ...deleted],
    });
  }
  const written = interval.writes.filter((write) => isWrittenFor(trial, write) && !isOfSubject(subject, write));
  const lines = linesOf(context, outcomeOf(trial.interval.writes), outcomeOf([...trial.interval.writes, ...written]));
  if (lines.length > 0) findings.push({ aspect: 'acts-on-deletion', probe, evidence: lines });
  const left: ObjectRef[] = [];
  const going = new Set<string>();
  for (const child of childrenOf(trial).map((one) => inTrial(one, trial))) {
    const object = await read(session.env.client, child);
    if (object?.metadata.deletionTimestamp !== undefined && isPlace(child)) going.add(child.name);
    // who has an owner goes with it, by the garbage collector
    else if (object !== undefined && (object.metadata.ownerReferences ?? []).length === 0) left.push(child);
  }
  // what is in a Namespace goes with that
  const orphans = left.filter((child) => !going.has(child.namespace)).map((child) => `${shownRef(child)} stays`);
  if (orphans.length > 0) findings.push({ aspect: 'orphans', probe, evidence: orphans });
  return findings;
};

/** Whether a write is no deletion, and in the namespace of a trial, or with its name. */
function isWrittenFor({ namespace, name }: Trial, write: OperatorWrite): boolean {
  return !write.verb.startsWith('delete') && (write.namespace === namespace || write.name.includes(name));
}

/** A write fails once: is it tried again? */
export const fault: Probe = async (context) => {
  const { session, subject, base } = context;
  const [child] = childrenOf(base);
  if (child === undefined) return [];
  const failing = session.env.faults.add({
    match: { resource: child.resource, group: child.group, verb: ['create', 'apply', 'update'], user: session.user },
    times: 1,
    error: 'internal',
  });
  const trial = await tryOut(session, subject).finally(() => failing.remove());
  const lost = linesOf(context, base.outcome, trial.outcome);
  if (failing.hits === 0 || lost.length === 0) return [];
  return [{ aspect: 'gives-up', probe: `the server fails once at ${child.resource}`, evidence: lost }];
};
