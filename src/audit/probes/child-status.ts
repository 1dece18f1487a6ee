import type { JsonObject } from 'nekube/apimachinery';
import { outcomeOf } from '../observe/outcome.ts';
import { type ObjectRef, shownRef } from '../observe/operator-write.ts';
import type { Finding } from '../verdict/finding.ts';
import { childrenOf, inTrial, linesOf, merge, type Probe, type ProbeContext, read } from './probe.ts';
import { failedStatus, readinessStatus } from './readiness-status.ts';
import { isOfOther, isOfSubject, tryOut } from './subject.ts';

/** A state of what it made. */
interface State {
  readonly words: string;
  readonly statusOf: (object: JsonObject) => JsonObject | undefined;
}

const FAILED: State = { words: 'failed', statusOf: failedStatus };
const STATES: readonly State[] = [
  { words: 'became ready', statusOf: (object) => readinessStatus(object, true) },
  { words: 'was ready no more', statusOf: (object) => readinessStatus(object, false) },
  FAILED,
];

/** What it made becomes ready, then is not ready any more, then fails: does it write to others by that? */
export const childStatus: Probe = async (context) => {
  const all = await followed(context, STATES);
  // a Job that is complete cannot fail any more
  const hasJobs = childrenOf(context.base).some(({ group, resource }) => group === 'batch' && resource === 'jobs');
  const failed = hasJobs ? await followed(context, [FAILED]) : { follows: [], reports: [] };
  const probe = 'the status of what it made changes';
  const tell = (aspect: Finding['aspect'], evidence: readonly string[]): Finding[] =>
    evidence.length === 0 ? [] : [{ aspect, probe, evidence }];
  return [
    ...tell('follows-status', [...all.follows, ...failed.follows]),
    ...tell('reports-status', [...all.reports, ...failed.reports]),
  ];
};

/** What it writes to others, and to the resource, as what it made goes from one state to the next. */
async function followed(
  context: ProbeContext,
  states: readonly State[],
): Promise<{ readonly follows: readonly string[]; readonly reports: readonly string[] }> {
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
      for (const { words, statusOf } of states) {
        const status = object && statusOf(object as unknown as JsonObject);
        if (status === undefined) continue;
        const interval = await session
          .during((client) => merge(client, { ...child, subresource: 'status' }, { status }))
          .catch(() => ({ writes: [] }));
        const writes = interval.writes.filter((write) => !isOfOther(write, trial));
        const others = writes.filter((write) => !isOfSubject(subject, write) && write.code < 300);
        const what = `${shownRef(child)} ${words}`;
        const [before, after] = [outcomeOf(written), outcomeOf([...written, ...others])];
        written = [...written, ...others];
        for (const line of linesOf(context, before, after)) follows.push(`${what}; then ${line}`);
        if (writes.some((write) => isOfSubject(subject, write))) reports.push(what);
        made.push(...others.filter(({ verb }) => verb === 'create' || verb === 'apply'));
      }
    }
    next = made.map((ref) => ({ ...ref, subresource: '' })).filter((ref) => !known.has(shownRef(ref)));
  }
  return { follows, reports };
}
