import type { KubeObject } from 'nekube/apimachinery';
import { changesIn, linesOf, type Probe } from './probe.ts';
import { tryOut } from './subject.ts';

const NODE: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'audit-node' } };

/** A node comes: does it want anything else, or make something else of what comes then? */
export const node: Probe = async (context) => {
  const { session, subject, base } = context;
  const interval = await session.during((client) => client.create(NODE));
  const changes = changesIn(context, interval);
  try {
    const lines =
      changes.length > 0 ? changes : linesOf(context, base.outcome, (await tryOut(session, subject)).outcome);
    return lines.length === 0 ? [] : [{ aspect: 'reads-other', probe: 'a node comes', evidence: lines }];
  } finally {
    await session.during((client) => client.delete({ apiVersion: 'v1', kind: 'Node' }, { name: 'audit-node' }));
  }
};
