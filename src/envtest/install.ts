import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { type Client, isNoMatchError, sleep } from 'nekube/client';
import { type Manifest, refusedManifest } from './manifests.ts';
import { patienceOf } from './waiting.ts';

/** How long a definition may take until it is served, at least: a machine that is slow or shared has as long as for all else. */
const SERVED_MS = 10_000;
const POLL_MS = 5;
const MANAGER = 'nekube-envtest';

/** Is told of what was not there before, which is to go again. */
export type Made = (object: KubeObject) => void;

/**
 * Makes an object be as its manifest says, whether or not it is there already.
 *
 * @throws ManifestError if the server refuses it
 */
export async function installObject(client: Client, manifest: Manifest, made: Made): Promise<KubeObject> {
  const { object } = manifest;
  try {
    return await created(client, object, made);
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw refusalOf(manifest, error);
  }
  try {
    // what others own of it stays theirs
    const { metadata, ...rest } = object;
    const { resourceVersion: _, uid: __, managedFields: ___, ...named } = metadata;
    return await client.apply({ ...rest, metadata: named } as never, { fieldManager: MANAGER, force: true });
  } catch (error) {
    throw refusalOf(manifest, error);
  }
}

async function created(client: Client, object: KubeObject, made: Made): Promise<KubeObject> {
  const answer = await client.create(object, { fieldManager: MANAGER });
  made(answer);
  return answer;
}

function refusalOf(manifest: Manifest, error: unknown): unknown {
  return isStatusError(error) || isNoMatchError(error) ? refusedManifest(manifest, error) : error;
}

/** Installs definitions, all at once, and waits until each of their versions is served. @throws ManifestError */
export async function installDefinitions(client: Client, definitions: readonly Manifest[], made: Made): Promise<void> {
  // one after the other: which of several fails is then always the same
  for (const definition of definitions) await installObject(client, definition, made);
  await Promise.all(definitions.map((definition) => untilServed(client, definition)));
}

/**
 * Waits until all versions of a definition are served. Real time passes here, whatever the clock of the test says: it is
 * about the server's own work.
 */
export async function untilServed(client: Client, { object, place }: Manifest): Promise<void> {
  const { group, names, versions } = object.spec;
  const wanted: string[] = versions
    .filter((version: { readonly served?: boolean }) => version.served)
    .map(({ name }: { readonly name: string }) => name);
  const longestMs = Math.max(SERVED_MS, patienceOf());
  const deadline = performance.now() + longestMs;
  for (const version of wanted) {
    const path = `/apis/${group}/${version}`;
    while (!(await isServed(client, path, names.plural))) {
      if (performance.now() > deadline)
        throw refusedManifest({ object, place }, new Error(await lateness(client, object, path, longestMs)));
      await sleep(POLL_MS);
    }
  }
}

async function isServed(client: Client, path: string, plural: string): Promise<boolean> {
  try {
    const answer = (await client.raw({ method: 'GET', path, headers: {} })) as {
      readonly resources?: readonly { readonly name: string }[];
    };
    return answer.resources?.some(({ name }) => name === plural) ?? false;
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return false;
    throw error;
  }
}

/** Says why, as the definition's conditions do. */
async function lateness(client: Client, object: KubeObject, path: string, longestMs: number): Promise<string> {
  const { apiVersion = '', kind = '' } = object;
  const live = await client.get({ apiVersion, kind }, { name: object.metadata.name ?? '' });
  const bad = (live.status?.conditions ?? []).filter((condition: { status: string }) => condition.status === 'False');
  const why = bad
    .map(({ type, message }: { type: string; message: string }) => ` ${type} is False: ${message};`)
    .join('');
  return `${path} is not served after ${longestMs} ms;${why}`.replace(/;$/, '');
}
