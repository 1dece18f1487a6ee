import type { JsonObject } from 'nekube/apimachinery';
import { outcomeOf } from '../observe/outcome.ts';
import { type ObjectRef, shownRef } from '../observe/operator-write.ts';
import type { Finding } from '../verdict/finding.ts';
import { childrenOf, inTrial, linesOf, merge, type Probe, read } from './probe.ts';
import { readinessStatus } from './readiness-status.ts';
import { isOfOther, isOfSubject, tryOut } from './subject.ts';

/** What it made becomes ready, and then is not ready any more: does it write to others by that? */
export const childStatus: Probe = async (context) => {
  const { session, subject } = context;
  const trial = await tryOut(session, subject);
  const follows: string[] = [];
  const reports: string[] = [];
  // a step that waits for the one before makes its objects when that is ready
  const known = new Set<string>();
  let written = trial.interval.writes;
  for (let next = childrenOf(trial).map((ref) => inTrial(ref, trial)); next.length > 0; ) {
    const made: ObjectRef[] = [];
    for (const child of next) {
      known.add(shownRef(child));
      const object = await read(session.env.client, child);
      for (const isReady of [true, false]) {
        const status = object && readinessStatus(object as unknown as JsonObject, isReady);
        if (status === undefined) continue;
        const interval = await session
          .during((client) => merge(client, { ...child, subresource: 'status' }, { status }))
          .catch(() => ({ writes: [] }));
        const writes = interval.writes.filter((write) => !isOfOther(write, trial));
        const others = writes.filter((write) => !isOfSubject(subject, write) && write.code < 300);
        const what = `${shownRef(child)} ${isReady ? 'became ready' : 'was ready no more'}`;
        const [before, after] = [outcomeOf(written), outcomeOf([...written, ...others])];
        written = [...written, ...others];
        for (const line of linesOf(context, before, after)) follows.push(`${what}; then ${line}`);
        if (writes.some((write) => isOfSubject(subject, write))) reports.push(what);
        made.push(...others.filter(({ verb }) => verb === 'create' || verb === 'apply'));
      }
    }
    next = made.map((ref) => ({ ...ref, subresource: '' })).filter((ref) => !known.has(shownRef(ref)));
  }
  const probe = 'the status of what it made changes';
  const findings: Finding[] = [];
  if (follows.length > 0) findings.push({ aspect: 'follows-status', probe, evidence: follows });
  if (reports.length > 0) findings.push({ aspect: 'reports-status', probe, evidence: reports });
  return findings;
};
