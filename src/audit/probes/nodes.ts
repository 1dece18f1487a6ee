import type { KubeObject } from 'nekube/apimachinery';
import { changesIn, differsBy, type Probe } from './probe.ts';
import { tryOut } from './subject.ts';

const NODE: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'audit-node' } };

/** A node comes: does it want anything else, or make something else of what comes then? */
export const node: Probe = async (context) => {
  const { session, subject } = context;
  const interval = await session.during((client) => client.create(NODE));
  const changes = changesIn(context, interval);
  try {
    const lines = changes.length > 0 ? changes : differsBy(context, await tryOut(session, subject), 'a node comes');
    return lines.length === 0 ? [] : [{ aspect: 'reads-other', probe: 'a node comes', evidence: lines }];
  } finally {
    await session.during((client) => client.delete({ apiVersion: 'v1', kind: 'Node' }, { name: 'audit-node' }));
  }
};
