import type { KubeObject } from 'nekube/apimachinery';
import { type Client, isNoMatchError, untilServed } from 'nekube/client';
import { minorOf } from '../document/values.ts';
import type { CodeGate } from '../gates/feature-list.ts';
import { FEATURE_LIST_DEFINITION, FEATURE_LIST_KIND, FIELD_MANAGER } from './definition.ts';

/** The gates of the code at a release. */
export interface CodeOfRelease {
  /** `v1.36`. */
  readonly release: string;
  readonly gates: readonly CodeGate[];
}

/**
 * Brings the gates of the code at a release to a server, beside those of other releases.
 *
 * @throws StatusError what the server answers
 */
export async function syncFeatureList(
  client: Client,
  { release, gates }: CodeOfRelease,
  signal?: AbortSignal,
): Promise<void> {
  const options = { fieldManager: FIELD_MANAGER, force: true, ...(signal && { signal }) };
  await client.apply(FEATURE_LIST_DEFINITION as never, options);
  await untilServed(client, FEATURE_LIST_KIND, signal && { signal });
  await client.apply({ ...FEATURE_LIST_KIND, metadata: { name: release }, spec: { release, gates } } as never, options);
}

/**
 * The newest list of a server; undefined: none was ever brought there.
 *
 * @throws StatusError what the server answers
 */
export async function readFeatureLists(client: Client, signal?: AbortSignal): Promise<CodeOfRelease | undefined> {
  const lists: CodeOfRelease[] = [];
  try {
    for await (const object of client.pages<KubeObject & { readonly spec: CodeOfRelease }>(
      FEATURE_LIST_KIND,
      signal && { signal },
    ))
      lists.push(object.spec);
  } catch (error) {
    if (!isNoMatchError(error)) throw error;
  }
  return lists.sort((a, b) => minorOf(b.release) - minorOf(a.release))[0];
}
