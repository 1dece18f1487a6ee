import type { JsonObject } from 'nekube/apimachinery';
import { isPlace, type ObjectRef, refKey, shownRef } from '../observe/operator-write.ts';
import type { Interval } from '../observe/session.ts';
import type { Finding } from '../verdict/finding.ts';
import { childrenOf, inTrial, merge, type Probe, read, remove, removePlace } from './probe.ts';
import { tryOut } from './subject.ts';

/** What it made is deleted, and edited, one object of each kind: is it made again, or taken back? */
export const drift: Probe = async ({ session, subject, gap }) => {
  const trial = await tryOut(session, subject);
  const healed: string[] = [];
  const children = childrenOf(trial).map((ref) => inTrial(ref, trial));
  const kinds = [...new Map(children.map((ref) => [`${ref.group}/${ref.resource}`, ref])).values()];
  // with a Namespace goes what is in it
  const places = kinds.filter(isPlace);
  for (const child of [...kinds.filter((ref) => !isPlace(ref)), ...places]) {
    const before = await read(session.env.client, child);
    if (before === undefined) continue;
    const edit = editOf(before as unknown as JsonObject);
    const edited = await session.during((client) => merge(client, child, edit)).catch(() => undefined);
    if (edited === undefined) gap(`${shownRef(child)} could not be edited`);
    else if (touches(edited, child)) healed.push(`${shownRef(child)} was edited, and written again`);
    const within = children.filter((ref) => ref.namespace === child.name && ref !== child);
    const deleted = await session.during((client) =>
      isPlace(child) ? removePlace(client, child, within) : remove(client, child),
    );
    if (touches(deleted, child)) healed.push(`${shownRef(child)} was deleted, and made again`);
  }
  const probe = 'what it made is deleted and edited';
  return healed.length === 0 ? [] : ([{ aspect: 'heals', probe, evidence: healed }] satisfies Finding[]);
};

/** Takes away something that it wrote: a label, a datum, a replica. */
function editOf(object: JsonObject): JsonObject {
  const { data, spec } = object as { readonly data?: JsonObject; readonly spec?: JsonObject };
  const [first] = Object.keys(data ?? {});
  if (first !== undefined) return { data: { [first]: null } };
  if (typeof spec?.replicas === 'number') return { spec: { replicas: spec.replicas + 1 } };
  const { labels } = (object.metadata ?? {}) as { readonly labels?: JsonObject };
  // which the server would put back
  const [label] = Object.keys(labels ?? {}).filter((one) => one !== 'kubernetes.io/metadata.name');
  return label === undefined
    ? { metadata: { annotations: { 'audit.nekube.dev/edited': 'true' } } }
    : { metadata: { labels: { [label]: null } } };
}

function touches({ writes }: Interval, child: ObjectRef): boolean {
  return writes.some((write) => refKey({ ...write, subresource: '' }) === refKey(child) && write.code < 300);
}
