import { diffJson, isJsonObject, type JsonObject, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import type { Interval, Session } from '../observe/session.ts';
import type { Finding } from '../verdict/finding.ts';
import type { Subject } from './subject.ts';

/** Places of specs that an operator wrote, and when; by session. */
const written = new WeakMap<Session, Set<string>>();

/**
 * Notes where the spec of a resource is another than it was made with, or edited to, if the operator wrote to the resource meanwhile. The
 * spec is what somebody wants: who has it in a chart or in git does not have what the operator writes into it.
 *
 * @param made as the server gave it when it was made or edited, with its defaults
 */
export async function noteOwnSpec(
  session: Session,
  { group, resource, sample }: Subject,
  made: KubeObject,
  { writes }: Interval,
): Promise<void> {
  const { name = '', namespace = '' } = made.metadata;
  const isWritten = writes.some(
    (write) =>
      write.group === group && write.resource === resource && write.name === name && write.namespace === namespace,
  );
  if (!isWritten) return;
  const kind = { apiVersion: sample.apiVersion!, kind: sample.kind! };
  const key = namespace === '' ? { name } : { namespace, name };
  const now = await session.env.client.get(kind, key).catch(() => undefined);
  const places = now === undefined ? [] : changedPlaces(made.spec as JsonValue, now.spec as JsonValue);
  const all = written.get(session) ?? new Set();
  written.set(session, all);
  for (const place of places) all.add(place);
}

/** What was noted. */
export function ownSpecIn(session: Session): readonly Finding[] {
  const evidence = [...(written.get(session) ?? [])].map((place) => `it writes spec${place} of its own resource`);
  return evidence.length === 0 ? [] : [{ aspect: 'writes-own-spec', probe: 'all that it asked for', evidence }];
}

/** Where one spec says something else than the other. What is empty says nothing: programs in Go send back zeros for what was absent. */
export function changedPlaces(made: JsonValue | undefined, now: JsonValue | undefined): readonly string[] {
  return diffJson(withoutEmpty(made) ?? {}, withoutEmpty(now) ?? {}).map(({ path }) => path);
}

function withoutEmpty(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => withoutEmpty(item) ?? null);
  if (isJsonObject(value)) {
    const kept = Object.entries(value).flatMap(([name, of]) => {
      const said = withoutEmpty(of);
      return said === undefined ? [] : [[name, said] as const];
    });
    return kept.length === 0 ? undefined : (Object.fromEntries(kept) as JsonObject);
  }
  return value === null || value === '' || value === 0 || value === false ? undefined : value;
}
