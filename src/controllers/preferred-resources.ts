import { type Client, discoverResources, type ServedResource } from 'nekube/client';

/**
 * Every resource of a cluster once, in the version that its group prefers; in the next one where the preferred has it not.
 *
 * @param verbs that it must know, all of them
 */
export async function preferredResources(
  client: Client,
  verbs: readonly string[],
  signal?: AbortSignal,
): Promise<ServedResource[]> {
  return eachOnce(await discoverResources(client, signal)).filter((one) =>
    verbs.every((verb) => one.verbs.includes(verb)),
  );
}

/** The first of each group and name. */
export function eachOnce(resources: readonly ServedResource[]): ServedResource[] {
  const found = new Map<string, ServedResource>();
  for (const resource of resources) {
    const key = `${resource.resource}.${resource.group}`;
    if (!found.has(key)) found.set(key, resource);
  }
  return [...found.values()];
}
