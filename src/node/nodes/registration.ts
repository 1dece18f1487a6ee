import { isDeepStrictEqual } from 'node:util';
import { isStatusError } from 'nekube/apimachinery';
import type { Client, Clock } from 'nekube/client';
import { NODE, type Node, type NodeDescription, nodeObject, nodeStatus } from './node-object.ts';

/** Makes the node's object, or brings up to date what is there of an earlier run. */
export async function register(client: Client, description: NodeDescription, clock: Clock): Promise<Node> {
  const wanted = nodeObject(description, clock.now());
  try {
    return await client.create<Node>(wanted);
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
  const found = await client.get(NODE, { name: description.name });
  const labels = wanted.metadata.labels ?? {};
  if (Object.entries(labels).some(([name, value]) => found.metadata.labels?.[name] !== value)) {
    await client.patch(NODE, { name: description.name }, { merge: { metadata: { labels } } });
  }
  return reportNode(client, description, clock);
}

/** Tells how the node is; of what has not changed the time alone. */
export async function reportNode(client: Client, description: NodeDescription, clock: Clock): Promise<Node> {
  const key = { name: description.name };
  const { status: before = {} } = await client.get(NODE, key);
  const wanted = nodeStatus(description, clock.now(), before);
  const changes = Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => !isDeepStrictEqual(value, before[name as keyof typeof before])),
  );
  // addresses merge by their types, of which there may be several
  const addresses = changes.addresses && { addresses: [{ $patch: 'replace' }, ...(changes.addresses as object[])] };
  const status = { ...changes, ...addresses };
  return client.patch(NODE, key, { strategic: { status } as never }, { subresource: 'status' });
}
