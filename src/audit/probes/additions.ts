import type { JsonObject } from 'nekube/apimachinery';
import { type ObjectRef, shownRef } from '../observe/operator-write.ts';
import { withWords } from '../observe/words.ts';
import { changesIn, childrenOf, inTrial, merge, type Probe } from './probe.ts';
import { tryOut } from './subject.ts';

/** More objects get nothing. */
const MOST = 12;
/** What others add is called so: a label, an annotation, a datum. */
const ADDED = 'audit-added';

/** Others add a label, an annotation and a datum to what it made: does it want anything else then? */
export const additions: Probe = async (context) => {
  const { session, subject } = context;
  const trial = await tryOut(session, subject);
  const evidence: string[] = [];
  for (const child of childrenOf(trial).slice(0, MOST)) {
    const ref = inTrial(child, trial);
    const added = await session.during((client) => merge(client, ref, additionTo(ref))).catch(() => undefined);
    if (added === undefined) continue;
    // what was added, and it sends back with the rest, is none of its own
    const others = changesIn(context, added).filter((line) => !line.includes(ADDED));
    evidence.push(...others.map((line) => `${withWords(shownRef(ref))} got something from others; then ${line}`));
  }
  const probe = 'others add to what it made';
  return evidence.length === 0 ? [] : [{ aspect: 'reads-other', probe, evidence }];
};

function additionTo({ group, resource }: ObjectRef): JsonObject {
  const hasData = group === '' && (resource === 'configmaps' || resource === 'secrets');
  const metadata = { labels: { [ADDED]: 'one' }, annotations: { [ADDED]: 'one' } };
  return { metadata, ...(hasData && { data: { [ADDED]: 'b25l' } }) };
}
