import { isStatusError, type JsonObject, type KubeObject } from 'nekube/apimachinery';
import type { WantedObject } from '../observe/outcome.ts';
import { PREFIX, WORDS } from '../observe/words.ts';
import { changesIn, childrenOf, differsBy, inTrial, type Probe, read } from './probe.ts';
import { freshName, tryOut } from './subject.ts';

/** More kinds are not tried. */
const MOST = 6;
const NAME = 'audit-stranger';

/** Objects of the kinds that it makes, with the labels that it gives, are there and are somebody else's: does it go by them? */
export const strangers: Probe = async (context) => {
  const { session, subject, base } = context;
  const { client } = session.env;
  // what it makes of one that is called so: labels may have the name in them
  const as = { name: freshName(), namespace: await session.env.namespace(PREFIX) };
  const model = await tryOut(session, subject, undefined, { name: as.name });
  const kinds = new Map(childrenOf(base).map((ref) => [`${ref.group}/${ref.resource}`, ref]));
  const made: { readonly apiVersion: string; readonly kind: string; readonly name: string }[] = [];
  await session.during(async () => {
    for (const ref of [...kinds.values()].slice(0, MOST)) {
      const object = await read(client, inTrial(ref, model));
      if (object?.metadata.namespace !== model.namespace) continue;
      const stranger = strangerOf(object, as.namespace);
      try {
        await client.create(stranger);
        made.push({ apiVersion: stranger.apiVersion!, kind: stranger.kind!, name: stranger.metadata.name! });
      } catch (error) {
        // some may be there but once, as those that hold a port
        if (!isStatusError(error)) throw error;
      }
    }
  });
  if (made.length === 0) return [];
  const what = `${made.map(({ kind }) => kind).join(', ')} of others, with the labels that it gives`;
  const isTheirs = (line: string): boolean => line.includes(NAME);
  const trial = await tryOut(session, subject, undefined, as);
  // what is in no namespace, and stays, is there already for a second one of the same name
  const isKnown = ([key, { ref }]: readonly [string, WantedObject]): boolean =>
    ref.namespace === WORDS.namespace || trial.outcome.has(key);
  const known = { ...base, outcome: new Map([...base.outcome].filter(isKnown)) };
  const there = differsBy({ ...context, base: known }, trial, what);
  const gone = await session.during(async () => {
    for (const { name, ...kind } of made)
      await client.delete(kind, { name, namespace: as.namespace }).catch(() => undefined);
  });
  const evidence = [
    ...there.map((line) => `${what} are there: ${line}`),
    ...changesIn(context, gone).map((line) => `${what} are deleted; then ${line}`),
  ];
  const [theirs, own] = [evidence.filter(isTheirs), evidence.filter((line) => !isTheirs(line))];
  const all = [...own, ...theirs.map((line) => `it writes to them: ${line}`)];
  return all.length === 0 ? [] : [{ aspect: 'reads-other', probe: 'others have what it makes', evidence: all }];
};

/** The same, as somebody else's. */
function strangerOf({ apiVersion, kind, metadata, status: _, ...rest }: KubeObject, namespace: string): KubeObject {
  const { labels } = metadata;
  const spec = rest.spec as JsonObject | undefined;
  const { clusterIP: _1, clusterIPs: _2, volumeName: _3, ...said } = (spec ?? {}) as JsonObject;
  return {
    apiVersion,
    kind,
    ...rest,
    ...(spec !== undefined && { spec: said }),
    metadata: { name: NAME, namespace, ...(labels && { labels }) },
  } as KubeObject;
}
