import type { KubeObject } from 'nekube/apimachinery';
import { type Client, untilServed } from 'nekube/client';
import { KEP_DEFINITION, KEP_KIND } from './definition.ts';
import {
  CONTENT_ANNOTATION,
  contentHash,
  type KepContent,
  SOURCE_LABEL,
  statusOf,
  syncedObject,
} from './kep-resource.ts';

/** How KEPs are brought to a server. */
export interface SyncOptions {
  /** Names the repository; a label's value. */
  readonly source: string;
  readonly now: () => Date;
  readonly signal?: AbortSignal;
  /** Called after each KEP that was looked at. */
  readonly onProgress?: (done: number, all: number) => void;
}

/** What a sync did. */
export interface Synced {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
}

const FIELD_MANAGER = 'nekube-kep';
/** So many KEPs are written at once. */
const AT_ONCE = 8;

/**
 * Makes the Keps of a server what a repository has: applies what differs, and removes what this repository has no more. Ended at any
 * point, the next one does the rest: what is whole is known by its annotation, which is written last.
 *
 * @throws StatusError what the server answers
 */
export async function syncKeps(client: Client, contents: readonly KepContent[], options: SyncOptions): Promise<Synced> {
  const { signal, source } = options;
  await client.apply(KEP_DEFINITION as never, { fieldManager: FIELD_MANAGER, force: true, ...(signal && { signal }) });
  await untilServed(client, KEP_KIND, signal && { signal });
  const live = await liveKeps(client, signal);
  const count = { created: 0, changed: 0, unchanged: 0, removed: 0 };
  let done = 0;
  await each(contents, async (content) => {
    signal?.throwIfAborted();
    const before = live.get(content.kep.name);
    if (before?.metadata.annotations?.[CONTENT_ANNOTATION] === contentHash(content)) count.unchanged++;
    else {
      await write(client, content, before, options);
      if (before === undefined) count.created++;
      else count.changed++;
    }
    options.onProgress?.(++done, contents.length);
  });
  const names = new Set(contents.map(({ kep }) => kep.name));
  const gone = [...live.values()].filter(
    ({ metadata }) => metadata.labels?.[SOURCE_LABEL] === source && !names.has(metadata.name!),
  );
  await each(gone, async ({ metadata: { name, uid } }) => {
    await client.delete(KEP_KIND, { name: name! }, { preconditions: { uid: uid! }, ...(signal && { signal }) });
    count.removed++;
  });
  return count;
}

async function liveKeps(client: Client, signal: AbortSignal | undefined): Promise<ReadonlyMap<string, KubeObject>> {
  const live = new Map<string, KubeObject>();
  for await (const kep of client.pages<KubeObject>(KEP_KIND, { metadataOnly: true, ...(signal && { signal }) }))
    live.set(kep.metadata.name!, kep);
  return live;
}

/** The status, and then the object with the annotation that says that both are there. A status needs an object first. */
async function write(
  client: Client,
  content: KepContent,
  before: KubeObject | undefined,
  { source, now, signal }: SyncOptions,
): Promise<void> {
  const whole = syncedObject(content, source);
  const { annotations: _, ...plain } = whole.metadata;
  const options = { fieldManager: FIELD_MANAGER, force: true, ...(signal && { signal }) };
  if (before === undefined) await client.apply({ ...whole, metadata: plain } as never, options);
  const status = { ...KEP_KIND, metadata: { name: content.kep.name }, status: statusOf(content, stamp(now())) };
  await client.apply(status as never, { ...options, subresource: 'status' });
  await client.apply(whole as never, options);
}

function stamp(now: Date): string {
  return now.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Handles elements, some at once; ends with the first that fails. */
async function each<T>(elements: readonly T[], handle: (element: T) => Promise<void>): Promise<void> {
  const queue = elements.values();
  const worker = async (): Promise<void> => {
    for (const element of queue) await handle(element);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
