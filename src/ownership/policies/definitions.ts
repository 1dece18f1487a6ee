import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { type Client, type Clock, isNoMatchError, type Kind, sleep } from 'nekube/client';
import { DEFINITIONS } from 'nekube/fieldpolicy';

/** What `installDefinitions` made of a definition. */
export interface InstalledDefinition {
  readonly name: string;
  readonly action: 'created' | 'configured' | 'unchanged';
}

/** How many objects there are of a kind whose definition is there. */
export interface KindInUse {
  readonly name: string;
  readonly kind: string;
  readonly objects: number;
}

/** How is waited. */
export interface WaitOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

const FIELD_MANAGER = 'nekube-own-install';
const LONGEST_MS = 60_000;
const AGAIN_MS = 100;

interface Definition extends KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string }[];
  };
}

const definitions = DEFINITIONS as readonly Definition[];

/**
 * Applies the definitions of policies, and waits until their kinds are served. What another manager changed in them is a
 * Conflict.
 *
 * @throws StatusError what the server answers
 * @throws Error when they are not served after a minute
 */
export async function installDefinitions(
  client: Client,
  { clock, signal }: WaitOptions,
): Promise<InstalledDefinition[]> {
  const installed: InstalledDefinition[] = [];
  for (const definition of definitions) installed.push(await install(client, definition, signal));
  const deadline = clock.elapsed() + LONGEST_MS;
  for (const definition of definitions) {
    while (!(await isServed(client, kindOf(definition), signal))) {
      if (clock.elapsed() > deadline) throw new Error(`${definition.spec.names.kind} is not served after a minute`);
      await sleep(AGAIN_MS, clock, signal);
    }
  }
  return installed;
}

async function install(client: Client, definition: Definition, signal?: AbortSignal): Promise<InstalledDefinition> {
  const name = definition.metadata.name!;
  const before = await versionOf(client, definition, signal);
  const options = { fieldManager: FIELD_MANAGER, ...(signal && { signal }) };
  const applied = await client.apply<KubeObject>(definition as never, options);
  if (before === undefined) return { name, action: 'created' };
  return { name, action: applied.metadata.resourceVersion === before ? 'unchanged' : 'configured' };
}

async function versionOf(client: Client, definition: Definition, signal?: AbortSignal): Promise<string | undefined> {
  const found = await orNothing(() =>
    client.get<KubeObject>(definition, { name: definition.metadata.name! }, signal && { signal }),
  );
  return found?.metadata.resourceVersion;
}

function kindOf({ spec }: Definition): Kind {
  return { apiVersion: `${spec.group}/${spec.versions[0]!.name}`, kind: spec.names.kind };
}

async function isServed(client: Client, kind: Kind, signal?: AbortSignal): Promise<boolean> {
  try {
    return (await orNothing(() => client.list(kind, { limit: 1, ...(signal && { signal }) }))) !== undefined;
  } catch (error) {
    // whether they may list is another question
    if (isStatusError(error, 'Forbidden')) return true;
    throw error;
  }
}

/** The kinds of policies that a cluster serves, and how many objects they have. */
export async function kindsInUse(client: Client, signal?: AbortSignal): Promise<KindInUse[]> {
  const found: KindInUse[] = [];
  for (const definition of definitions) {
    if ((await versionOf(client, definition, signal)) === undefined) continue;
    const objects = await orNothing(async () => {
      let count = 0;
      for await (const _ of client.pages(kindOf(definition), { metadataOnly: true, ...(signal && { signal }) }))
        count++;
      return count;
    });
    found.push({ name: definition.metadata.name!, kind: definition.spec.names.kind, objects: objects ?? 0 });
  }
  return found;
}

/**
 * Removes the definitions that are there, and all objects of their kinds, and waits until they are gone.
 *
 * @returns their names
 * @throws Error when objects with finalizers keep one for a minute
 */
export async function removeDefinitions(client: Client, { clock, signal }: WaitOptions): Promise<string[]> {
  const removed: string[] = [];
  for (const definition of definitions) {
    const name = definition.metadata.name!;
    const gone = await orNothing(() => client.delete(definition as Kind, { name }, signal && { signal }));
    if (gone !== undefined) removed.push(name);
  }
  const deadline = clock.elapsed() + LONGEST_MS;
  for (const definition of definitions) {
    while ((await versionOf(client, definition, signal)) !== undefined) {
      if (clock.elapsed() > deadline) throw new Error(`${definition.metadata.name} is still there after a minute`);
      await sleep(AGAIN_MS, clock, signal);
    }
  }
  return removed;
}

/** Undefined for what does not exist, or is of a kind that is not served. */
export async function orNothing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isStatusError(error, 'NotFound') || isNoMatchError(error)) return undefined;
    throw error;
  }
}
