import { isJsonObject, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import { type ObjectRef, type OperatorRead, shownRef } from '../observe/operator-write.ts';
import type { Interval } from '../observe/session.ts';
import type { Finding } from '../verdict/finding.ts';
import { changesIn, childrenOf, merge, type ProbeContext, read } from './probe.ts';
import { WORDS, withWords } from '../observe/words.ts';
import { isOfSubject, tryOut } from './subject.ts';

/** Kinds that a resource may name, with what can be changed in them. */
const REFERENCES: Readonly<Record<string, KubeObject>> = {
  '/secrets': { apiVersion: 'v1', kind: 'Secret', metadata: {}, stringData: { audit: 'one' } },
  '/configmaps': { apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: { audit: 'one' } },
};

/**
 * Objects that it reads or watches and did not make: they are made, and changed, by the names that it asked for and by those that stand
 * in the spec. What it writes then, it writes by them.
 */
export async function probeReferences(context: ProbeContext, first: Interval): Promise<readonly Finding[]> {
  const { session, subject, base } = context;
  const foreign = foreignResources(context, first);
  const left = untouched(foreign, childrenOf(base));
  if (left.length > 0)
    context.limit(
      `it reads or watches what is neither made nor changed here, and what it does by that is not known: ${left.join(', ')}`,
    );
  const evidence: string[] = [];
  for (const [key, template] of Object.entries(REFERENCES)) {
    if (!foreign.has(key)) continue;
    const trial = await tryOut(session, subject);
    const [group = '', resource = ''] = key.split('/');
    const named = base.reads.filter((one) => one.verb === 'get' && `${one.group}/${one.resource}` === key);
    const names = new Set([
      ...named.map(({ name }) => name.replaceAll(WORDS.name, trial.name)),
      ...textsIn(subject.sample.spec),
    ]);
    for (const name of names) {
      const ref: ObjectRef = { group, resource, subresource: '', namespace: trial.namespace, name };
      const isThere = (await read(session.env.client, ref)) !== undefined;
      const object = { ...template, metadata: { name, namespace: trial.namespace } };
      const made = isThere ? undefined : await session.during((client) => client.create(object)).catch(() => undefined);
      const changed = await session
        .during((client) => merge(client, ref, { data: { audit: 'dHdv' } }))
        .catch(() => undefined);
      const self = `${shownRef({ ...ref, namespace: WORDS.namespace, name: withWords(name) })}: `;
      const after = [made, changed].flatMap((interval) => (interval === undefined ? [] : changesIn(context, interval)));
      const others = [...new Set(after)].filter((line) => !line.startsWith(self));
      evidence.push(...others.map((line) => `${withWords(shownRef(ref))} changed; then ${line}`));
    }
  }
  const gets = base.reads
    .filter((one) => one.verb === 'get' && !isOwn(context, one))
    .map((one) => `it reads ${shownRef(one)}`);
  const all = [...new Set([...gets, ...evidence])];
  return all.length === 0
    ? []
    : [{ aspect: 'reads-other', probe: 'objects that it reads are made and changed', evidence: all }];
}

/**
 * Of resources that an operator reads, those of which nothing comes or changes in an audit, so that nothing is known of what it does by them.
 *
 * @param foreign as `GROUP/RESOURCE`
 * @param made what it made of the sample
 */
export function untouched(
  foreign: ReadonlySet<string>,
  made: readonly Pick<ObjectRef, 'group' | 'resource'>[],
): readonly string[] {
  // pods come of the workloads that it made
  const hasPods = made.some(({ group }) => group === 'apps' || group === 'batch');
  const touched = new Set([
    ...Object.keys(REFERENCES),
    '/nodes',
    '/namespaces',
    ...(hasPods ? ['/pods'] : []),
    ...made.map(({ group, resource }) => `${group}/${resource}`),
  ]);
  const left = [...foreign].filter((key) => !touched.has(key)).sort();
  return left.map((key) => {
    const [group, resource] = key.split('/');
    return group === '' ? resource! : `${resource}.${group}`;
  });
}

/** Resources that it watches or gets, and neither serves nor makes. */
function foreignResources(context: ProbeContext, first: Interval): ReadonlySet<string> {
  const reads = [...first.reads, ...context.base.reads].filter((one) => !isOwn(context, one));
  return new Set(reads.map(({ group, resource }) => `${group}/${resource}`));
}

function isOwn({ subject, base }: ProbeContext, { verb, group, resource, name, namespace }: OperatorRead): boolean {
  if (isOfSubject(subject, { group, resource, subresource: '', namespace, name })) return true;
  const children = childrenOf(base).filter((child) => child.group === group && child.resource === resource);
  // by watch alone it cannot be told which objects it looks at
  return verb === 'get' ? children.some((child) => child.name === name && child.namespace === namespace) : false;
}

/** Texts of a spec that could be names. */
function* textsIn(value: JsonValue | undefined): Generator<string> {
  if (typeof value === 'string' && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(value)) yield value;
  else if (Array.isArray(value)) for (const item of value) yield* textsIn(item);
  else if (isJsonObject(value)) for (const item of Object.values(value)) yield* textsIn(item);
}
