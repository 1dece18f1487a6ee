import { isStatusError, type JsonObject, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { normalized } from '../chart/normalized.ts';
import type { Example } from '../chart/synthesize.ts';
import { outcomeOf } from '../observe/outcome.ts';
import type { OperatorWrite } from '../observe/operator-write.ts';
import type { Session } from '../observe/session.ts';
import { PREFIX } from '../observe/words.ts';
import { freshName, isOfSubject, resourceOf, type Subject } from './subject.ts';

/** So often more is waited for those that nothing was written for. */
const WAITS = 3;
/** The codes of a server that does not take what is sent; others say that it cannot now. */
const REFUSED = [400, 403, 405, 413, 422];
/** What is applied and is no object of its type, as with two items of one key, is an error of the server's own for it. */
const REFUSED_APPLY = [...REFUSED, 500];
const MOST_TRIES = 4;

/**
 * Makes many resources at once, each in a namespace of its own, and gives what the operator made of each; undefined: the server refused
 * it. What it wrote for a resource is what it wrote into its namespace, or with its name.
 */
export async function observeMany(
  session: Session,
  subject: Subject,
  specs: readonly JsonObject[],
): Promise<readonly (Example | undefined)[]> {
  const places = await Promise.all(
    specs.map(async (values) => ({ values, namespace: await session.env.namespace(PREFIX), name: freshName() })),
  );
  const refused = new Set<string>();
  const interval = await session.during((client) =>
    Promise.all(
      places.map(async ({ values, namespace, name }) => {
        const isMade = await isTaken(client, resourceOf(subject, namespace, name, values));
        if (!isMade) refused.add(name);
      }),
    ),
  );
  const writes = [...interval.writes];
  const isOf = (
    write: OperatorWrite,
    { namespace, name }: { readonly namespace: string; readonly name: string },
  ): boolean => write.namespace === namespace || write.name.includes(name);
  const ownOf = (place: { readonly namespace: string; readonly name: string }): readonly OperatorWrite[] =>
    writes.filter((write) => !isOfSubject(subject, write) && isOf(write, place));
  // an example of which a write was refused shows what the server takes, and not what the operator would do
  for (let i = 0; i < WAITS; i++) {
    const failed = places.filter(
      (place) => !refused.has(place.name) && ownOf(place).some(({ code }) => REFUSED_APPLY.includes(code)),
    );
    if (failed.length === 0) break;
    for (const { name } of failed) refused.add(name);
    // who cannot succeed would try again all the time, and has no time for the others
    writes.push(...(await removed(session, subject, failed)));
  }
  // one that is served late, on a busy machine, is not one for which nothing is written
  for (let i = 0; i < WAITS; i++) {
    const isLate = places.some((place) => !refused.has(place.name) && !writes.some((write) => isOf(write, place)));
    if (!isLate || writes.length === 0) break;
    writes.push(...(await session.during(() => {})).writes);
  }
  return places.map(({ values, namespace, name }) => {
    if (refused.has(name)) return undefined;
    const own = ownOf({ namespace, name });
    const contents = [...outcomeOf(own).values()]
      .filter(({ ref }) => ref.subresource === '')
      .map(({ content }) => content);
    return {
      values,
      namespace,
      name,
      objects: contents.filter((one) => one !== undefined).map((one) => asInChart(one, namespace)),
    };
  });
}

async function removed(
  session: Session,
  { sample, isNamespaced }: Subject,
  places: readonly { readonly namespace: string; readonly name: string }[],
): Promise<readonly OperatorWrite[]> {
  const kind = { apiVersion: sample.apiVersion!, kind: sample.kind! };
  const interval = await session.during((client) =>
    Promise.allSettled(
      places.map(({ namespace, name }) => client.delete(kind, isNamespaced ? { namespace, name } : { name })),
    ),
  );
  return interval.writes;
}

/** Whether the server takes a resource; what it was too busy for is tried again. */
async function isTaken(client: Client, resource: KubeObject): Promise<boolean> {
  for (let tried = 1; ; tried++) {
    try {
      await client.create(resource);
      return true;
    } catch (error) {
      if (!isStatusError(error)) throw error;
      const { code = 0, reason } = error.status;
      if (reason === 'AlreadyExists') return true;
      if (REFUSED.includes(code)) return false;
      if (tried === MOST_TRIES) throw error;
    }
  }
}

/** An object as a chart would have it: without owners, and without the namespace that the release has. */
function asInChart(content: JsonObject, namespace: string): KubeObject {
  const metadata = { ...(content.metadata as JsonObject) };
  delete metadata.ownerReferences;
  if (metadata.namespace === namespace) delete metadata.namespace;
  return normalized({ ...content, metadata } as JsonValue) as unknown as KubeObject;
}
