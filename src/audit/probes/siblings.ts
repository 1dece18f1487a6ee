import type { ObjectRef } from '../observe/operator-write.ts';
import { changesIn, differsBy, type Probe } from './probe.ts';
import { trialOf, tryOut } from './subject.ts';

/** Another of its kind is in the same namespace: does it come to something else, or what the first came to? */
export const siblings: Probe = async (context) => {
  const { session, subject } = context;
  if (!subject.isNamespaced) return [];
  const first = await tryOut(session, subject);
  const isOfFirst = ({ name }: ObjectRef): boolean => name.includes(first.name);
  const as = { namespace: first.namespace, besideOthers: true };
  const { interval, name } = await tryOut(session, subject, undefined, as);
  const own = {
    ...interval,
    writes: interval.writes.filter((one) => !isOfFirst(one)),
    reads: interval.reads.filter((one) => !isOfFirst(one)),
  };
  const probe = 'another of its kind is in its namespace';
  const second = differsBy(context, trialOf(subject, { namespace: first.namespace, name, interval: own }), probe);
  const changed = changesIn(context, { ...interval, changes: interval.changes.filter(({ ref }) => isOfFirst(ref)) });
  const evidence = [...second, ...changed.map((line) => `of the first: ${line}`)];
  return evidence.length === 0 ? [] : [{ aspect: 'reads-other', probe, evidence }];
};
