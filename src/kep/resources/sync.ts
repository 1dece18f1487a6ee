import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { type Client, type Clock, each, systemClock, untilServed } from 'nekube/client';
import {
  FIELD_MANAGER,
  KEP_DEFINITION,
  KEP_KIND,
  KEP_SYNC_DEFINITION,
  KEP_SYNC_KIND,
  KEP_TEXT_DEFINITION,
  KEP_TEXT_KIND,
} from './definition.ts';
import {
  CONTENT_ANNOTATION,
  contentHash,
  type KepContent,
  SOURCE_LABEL,
  statusOf,
  syncedObject,
  textObject,
} from './kep-resource.ts';
import { stampOf, SyncMark } from './sync-mark.ts';
import type { UnfinishedSync } from './unfinished-syncs.ts';

/** How KEPs are brought to a server. */
export interface SyncOptions {
  /** Names the repository; a label's value. */
  readonly source: string;
  /** Default the system's. */
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** Called after each KEP that was looked at. */
  readonly onProgress?: (done: number, all: number) => void;
  /** Called for another sync of the repository that did not end: one that is under way is waited for, the rest of one that was cut off done. */
  readonly onOther?: (sync: UnfinishedSync) => void;
}

/** What a sync did. */
export interface Synced {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
  /** What the server did not take, or has of another repository, by name, and why; what it had of them stays as it was. */
  readonly refused: readonly { readonly name: string; readonly message: string }[];
}

/** So many KEPs are written at once. */
const AT_ONCE = 8;

/**
 * Makes the Keps of a server, and the KepTexts beside them, what a repository has: applies what differs, and removes what this
 * repository has no more. A Kep that another repository has by the same name is left to it, and told. Ended at any point, the
 * next one does the rest: what is whole is known by the hash of what was read, which both the object and its status have. A KepSync says
 * that it began, goes on and ended ({@link unfinishedSyncs}); while another sync of the repository goes on, this one waits.
 *
 * @throws SyncLostError: another one began, as this one was not heard of for long
 * @throws StatusError what the server answers
 */
export async function syncKeps(client: Client, contents: readonly KepContent[], options: SyncOptions): Promise<Synced> {
  const { source, clock = systemClock, signal, onOther } = options;
  for (const definition of [KEP_DEFINITION, KEP_TEXT_DEFINITION, KEP_SYNC_DEFINITION])
    await client.apply(definition as never, { fieldManager: FIELD_MANAGER, force: true, ...(signal && { signal }) });
  for (const kind of [KEP_KIND, KEP_TEXT_KIND, KEP_SYNC_KIND]) await untilServed(client, kind, signal && { signal });
  const commit = contents[0]?.commit;
  const meant = { source, keps: contents.length, clock, ...(commit && { commit }), ...(onOther && { onOther }) };
  const mark = await SyncMark.begin(client, { ...meant, ...(signal && { signal }) });
  const until = signal === undefined ? mark.lost : AbortSignal.any([mark.lost, signal]);
  try {
    const synced = await bring(client, contents, { ...options, clock, signal: until, assure: () => mark.assure() });
    await mark.end({ ...synced, refused: synced.refused.length });
    return synced;
  } catch (error) {
    await mark.cutOff();
    throw mark.lost.aborted ? mark.lost.reason : error;
  }
}

type Bringing = SyncOptions & {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called before each write. @throws SyncLostError */
  readonly assure: () => Promise<void>;
};

async function bring(client: Client, contents: readonly KepContent[], options: Bringing): Promise<Synced> {
  const { signal } = options;
  const live = await liveKeps(client, signal);
  const texts = await liveTexts(client, signal);
  const count = { created: 0, changed: 0, unchanged: 0 };
  const refused: { name: string; message: string }[] = [];
  let done = 0;
  await each(contents, AT_ONCE, async (content) => {
    signal.throwIfAborted();
    const { name } = content.kep;
    const before = live.get(name);
    const other = sourceOf(before) ?? sourceOf(texts.get(name)) ?? options.source;
    if (other !== options.source) {
      refused.push({ name, message: ofOther(other, options.source) });
      return options.onProgress?.(++done, contents.length);
    }
    try {
      count[await bringOne(client, content, { before, text: texts.get(name) }, options)]++;
    } catch (error) {
      // one that the server does not take holds up no other
      if (!isStatusError(error) || !REFUSALS.some((reason) => isStatusError(error, reason))) throw error;
      refused.push({ name, message: error.message });
    }
    options.onProgress?.(++done, contents.length);
  });
  const names = new Set(contents.map(({ kep }) => kep.name));
  const named = new Set(contents.flatMap(({ kep, text }) => (text === undefined ? [] : [kep.name])));
  await remove(client, KEP_TEXT_KIND, texts, named, options);
  const removed = await remove(client, KEP_KIND, live, names, options);
  return { ...count, removed, refused };
}

/** Brings one, the text first: a Kep that is there has it. */
async function bringOne(
  client: Client,
  content: KepContent,
  { before, text }: { readonly before: Live | undefined; readonly text: Live | undefined },
  options: Bringing,
): Promise<'created' | 'changed' | 'unchanged'> {
  const isWritten = !isWhole(before, contentHash(content));
  const isTextWritten = await writeText(client, content, text, options);
  if (isWritten) await write(client, content, options);
  if (before === undefined) return 'created';
  return isWritten || isTextWritten ? 'changed' : 'unchanged';
}

/** What a server answers of an object that it cannot take. */
const REFUSALS = ['Invalid', 'BadRequest', 'RequestEntityTooLarge'] as const;

type Kind = typeof KEP_KIND | typeof KEP_TEXT_KIND;

type Live = Pick<KubeObject, 'metadata'> & { readonly statusHash?: string };

async function liveKeps(client: Client, signal: AbortSignal): Promise<ReadonlyMap<string, Live>> {
  const live = new Map<string, Live>();
  for await (const { metadata, status } of client.pages<KubeObject & Status>(KEP_KIND, { signal }))
    live.set(metadata.name!, { metadata, ...(status?.content && { statusHash: status.content }) });
  return live;
}

interface Status {
  readonly status?: { readonly content?: string };
}

async function liveTexts(client: Client, signal: AbortSignal): Promise<ReadonlyMap<string, Live>> {
  const live = new Map<string, Live>();
  for await (const text of client.pages<KubeObject>(KEP_TEXT_KIND, { metadataOnly: true, signal }))
    live.set(text.metadata.name!, text);
  return live;
}

/** Another sync, or one that was ended, may have written one half of it. */
function isWhole(live: Live | undefined, hash: string): boolean {
  return hashOf(live) === hash && live?.statusHash === hash;
}

function hashOf(object: Pick<KubeObject, 'metadata'> | undefined): string | undefined {
  return object?.metadata.annotations?.[CONTENT_ANNOTATION];
}

function sourceOf(object: Pick<KubeObject, 'metadata'> | undefined): string | undefined {
  return object?.metadata.labels?.[SOURCE_LABEL];
}

/** Two that write one object in turn would each find it changed by the other. */
function ofOther(other: string, source: string): string {
  return (
    `the server has one of this name of the repository ${JSON.stringify(other)}, and this is ${JSON.stringify(source)}; ` +
    `where both are one, name it by --source, or delete what is old by -l ${SOURCE_LABEL}=${other}`
  );
}

async function writeText(
  client: Client,
  content: KepContent,
  before: Live | undefined,
  { source, signal, assure }: Bringing,
): Promise<boolean> {
  const object = textObject(content, source);
  if (object === undefined || hashOf(before) === hashOf(object)) return false;
  await assure();
  await client.apply(object as never, { fieldManager: FIELD_MANAGER, force: true, signal });
  return true;
}

/** Removes those of this repository that are not among the names. */
async function remove(
  client: Client,
  kind: Kind,
  live: ReadonlyMap<string, Live>,
  names: ReadonlySet<string>,
  { source, signal, assure }: Bringing,
): Promise<number> {
  const gone = [...live.values()].filter(
    ({ metadata }) => sourceOf({ metadata }) === source && !names.has(metadata.name!),
  );
  let removed = 0;
  await each(gone, AT_ONCE, async ({ metadata: { name, uid } }) => {
    await assure();
    try {
      await client.delete(kind, { name: name! }, { preconditions: { uid: uid! }, signal });
      removed++;
    } catch (error) {
      // another sync removed it, or made another one of its name
      if (!isStatusError(error, 'NotFound') && !isStatusError(error, 'Conflict')) throw error;
    }
  });
  return removed;
}

async function write(client: Client, content: KepContent, { source, clock, signal, assure }: Bringing): Promise<void> {
  const options = { fieldManager: FIELD_MANAGER, force: true, signal };
  await assure();
  await client.apply(syncedObject(content, source) as never, options);
  await assure();
  const read = stampOf(new Date(clock.now()));
  const status = { ...KEP_KIND, metadata: { name: content.kep.name }, status: statusOf(content, read) };
  await client.apply(status as never, { ...options, subresource: 'status' });
}
