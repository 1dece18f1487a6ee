import { isJsonObject, type JsonObject } from 'nekube/apimachinery';
import { changesIn, merge, type Probe } from './probe.ts';
import { exampleOf } from './spec-variants.ts';
import { tryOut } from './subject.ts';

/** What conditions are mostly called by which somebody else lets an operator go on. */
const CONDITIONS = ['Ready', 'Available', 'Approved', 'Accepted', 'Progressing', 'Degraded'];
/** In which order, as one who lets it go on and thinks better of it. */
const STATES = ['True', 'False'] as const;
const SINCE = '2026-01-01T00:00:00Z';

/** Somebody else writes the status of the resource: does it want anything else then, of other objects? */
export const foreignStatus: Probe = async (context) => {
  const { session, subject } = context;
  const trial = await tryOut(session, subject);
  const namespace = subject.isNamespaced ? trial.namespace : '';
  const ref = { ...subject, subresource: 'status', namespace, name: trial.name };
  const evidence: string[] = [];
  for (const state of STATES) {
    const status = { ...exampleStatus(subject.statusSchema), ...usualStatus(state) };
    const interval = await session.during((client) => merge(client, ref, { status })).catch(() => undefined);
    // one that has no status, or none of this form
    if (interval === undefined) return [];
    evidence.push(...changesIn(context, interval).map((line) => `conditions are ${state} by others; then ${line}`));
  }
  const probe = 'somebody else writes the status of the resource';
  return evidence.length === 0 ? [] : [{ aspect: 'follows-status', probe, evidence }];
};

function exampleStatus(schema: JsonObject | undefined): JsonObject {
  const example = schema && exampleOf(schema);
  return isJsonObject(example) ? example : {};
}

function usualStatus(state: (typeof STATES)[number]): JsonObject {
  const isTrue = state === 'True';
  const conditions = CONDITIONS.map((type) => ({
    type,
    status: state,
    reason: 'Audit',
    message: '',
    lastTransitionTime: SINCE,
  }));
  return { conditions, phase: isTrue ? 'Ready' : 'Failed', state: isTrue ? 'Ready' : 'Failed', ready: isTrue };
}
