import { isNoMatchError, type Client } from 'nekube/client';
import { idOf, type Manifest, type ObjectId, showObject } from './manifest.ts';
import { isDefinition } from './order.ts';

/** What a member of a set that is to be pruned is still needed for; undefined: it can go. */
export type NeededFor = (member: ObjectId) => string | undefined;

/**
 * Finds what must not be pruned: a namespace or a definition that is not stated any more goes with all that is in it, or
 * of it, and so would what has just been applied, or the set's parent.
 *
 * @param parent where the set's parent is; empty if that is in no namespace
 */
export async function stillNeeded(
  client: Pick<Client, 'served'>,
  applied: readonly Manifest[],
  parent: string,
): Promise<NeededFor> {
  const namespaces = new Map<string, string>(parent === '' ? [] : [[parent, "the set's parent is in it"]]);
  const definitions = new Map<string, string>();
  const kinds = new Set<string>();
  for (const { configuration } of applied) {
    const id = idOf(configuration);
    if (id.namespace !== '') namespaces.set(id.namespace, `${showObject(id)} is applied and in it`);
    const kind = `${configuration.apiVersion} ${id.kind}`;
    if (kinds.has(kind)) continue;
    kinds.add(kind);
    const resource = await resourceOf(client, configuration);
    if (resource !== undefined) definitions.set(`${resource}.${id.group}`, `${showObject(id)} is applied and of it`);
  }
  return (member) => {
    if (member.kind === 'Namespace' && member.group === '') return namespaces.get(member.name);
    return isDefinition(member) ? definitions.get(member.name) : undefined;
  };
}

async function resourceOf(
  client: Pick<Client, 'served'>,
  { apiVersion, kind }: Manifest['configuration'],
): Promise<string | undefined> {
  try {
    return (await client.served({ apiVersion, kind })).resource;
  } catch (error) {
    if (isNoMatchError(error)) return undefined;
    throw error;
  }
}
