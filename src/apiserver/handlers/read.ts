import {
  goQuote,
  newBadRequest,
  newFailure,
  newResourceExpired,
  newTimeoutError,
  type Status,
  StatusError,
  validatePathSegmentName,
} from 'nekube/apimachinery';
import { CompactedError, FutureRevisionError, type Entry, type Storage } from 'nekube/storage';
import type { RequestContext } from '../context.ts';
import { type ListOptions, parseListOptions } from '../options.ts';
import { sendEncoded } from '../respond.ts';
import { decodeContinue, encodeContinue } from '../registry/continue-token.ts';
import { compileSelection, type Selection } from '../registry/selection.ts';
import { keyOf, listPrefix, type ServedResource } from '../registry/served.ts';
import { uint64Problem } from '../registry/preconditions.ts';
import type { Store } from '../registry/store.ts';
import { type ListMeta, View } from '../view.ts';

/** How long a read waits for a revision that is not there yet (kube-apiserver's blockTimeout). */
const FUTURE_REVISION_WAIT_MS = 3000;

/** GET of one object. */
export async function handleGet(
  context: RequestContext,
  resource: ServedResource,
  store: Store,
  storage: Storage,
): Promise<void> {
  const { namespace, name } = context.info;
  const asked = parseRevision(context.query.get('resourceVersion') ?? '');
  if (asked instanceof Error) throw newFailure(500, '', asked.message);
  await waitForRevision(storage, asked);
  const mayLag = context.query.get('resourceVersion') === '0';
  const entry = await store.get(resource, namespace, name, { revision: context.asOf, mayLag });
  const view = new View(context, resource);
  sendEncoded(context, 200, view.single(entry));
}

/** GET of a collection. */
export async function handleList(context: RequestContext, resource: ServedResource, storage: Storage): Promise<void> {
  const options = parseListOptions(context.query, false);
  const view = new View(context, resource);
  const { entries, meta } = await listEntries(context, resource, storage, options);
  sendEncoded(context, 200, view.list(entries, meta));
}

/** What a list holds, and its metadata. */
export interface Listed {
  readonly entries: readonly Entry[];
  readonly meta: ListMeta;
}

/** The entries of a list as its options say: selected, limited, at a revision. @throws StatusError */
export async function listEntries(
  context: Pick<RequestContext, 'info' | 'asOf'>,
  resource: ServedResource,
  storage: Storage,
  options: ListOptions,
): Promise<Listed> {
  const selection = compileSelection(resource, options.labelSelector, options.fieldSelector);
  const asked = await startOf(storage, options);
  const start = context.asOf === undefined || options.continue !== '' ? asked : { ...asked, revision: context.asOf };
  const single = singleKey(context, resource, options);
  if (single !== undefined) return listOne(storage, single, selection, start.revision);
  const prefix = listPrefix(resource, context.info.namespace || namespaceOf(options));
  try {
    return await collect(storage, prefix, selection, start);
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
    throw options.continue === ''
      ? newResourceExpired('The resourceVersion for the provided list is too old.')
      : expiredToken(storage, start.after ?? '');
  }
}

function namespaceOf(options: ListOptions): string {
  return options.fieldSelector.exactMatch('metadata.namespace') ?? '';
}

/** The key, where a selector names the one object that is meant. */
function singleKey(
  context: Pick<RequestContext, 'info'>,
  resource: ServedResource,
  options: ListOptions,
): string | undefined {
  const name = context.info.name || options.fieldSelector.exactMatch('metadata.name');
  const namespace = context.info.namespace || namespaceOf(options);
  if (
    !name ||
    validatePathSegmentName(name).length > 0 ||
    options.continue !== '' ||
    (resource.namespaced && namespace === '')
  )
    return undefined;
  return keyOf(resource, namespace, name);
}

async function listOne(
  storage: Storage,
  key: string,
  selection: Selection,
  revision: number | undefined,
): Promise<Listed> {
  const entry = await storage.get(key, revision === undefined ? {} : { revision });
  const entries = entry !== undefined && selection.matches(entry) ? [entry] : [];
  return { entries, meta: { resourceVersion: String(revision ?? storage.revision) } };
}

interface Start {
  readonly revision: number | undefined;
  /** What is known here will do, as of resourceVersion 0. */
  readonly mayLag?: boolean;
  readonly after?: string;
  readonly limit: number;
}

/** From where and as of when a list reads. @throws StatusError */
async function startOf(storage: Storage, options: ListOptions): Promise<Start> {
  const limit = Math.max(0, options.limit);
  if (options.continue !== '') {
    if (options.resourceVersion !== '' && options.resourceVersion !== '0')
      throw newBadRequest('specifying resource version is not allowed when using continue');
    const token = decodeContinue(options.continue);
    const unlimited = options.resourceVersion === '0';
    return {
      revision: token.revision < 0 ? undefined : token.revision,
      after: token.after,
      limit: unlimited ? 0 : limit,
    };
  }
  const asked = parseRevision(options.resourceVersion);
  if (asked instanceof Error) throw newBadRequest(`invalid resource version: ${asked.message}`);
  await waitForRevision(storage, asked);
  if (options.resourceVersion === '0') return { revision: undefined, limit: 0, mayLag: true };
  const exact =
    options.resourceVersionMatch === 'Exact' || (options.resourceVersionMatch === '' && limit > 0 && asked > 0);
  return { revision: exact ? asked : undefined, limit };
}

/** Reads pages until the limit is met; with a selection a page may give less than was read. */
async function collect(storage: Storage, prefix: string, selection: Selection, start: Start): Promise<Listed> {
  const entries: Entry[] = [];
  let { revision } = start;
  let after = start.after === undefined ? undefined : prefix + start.after;
  for (;;) {
    const limit = start.limit === 0 ? 0 : selection.all ? start.limit : Math.max(start.limit * 2, 100);
    const page = await storage.range(prefix, {
      ...(after !== undefined && { after }),
      limit,
      ...(revision !== undefined && { revision }),
      ...(start.mayLag && { mayLag: true }),
    });
    revision = page.revision;
    for (const [i, entry] of page.entries.entries()) {
      if (!selection.all && !selection.matches(entry)) continue;
      entries.push(entry);
      const rest = page.entries.length - i - 1 + page.remaining;
      if (start.limit > 0 && entries.length === start.limit && rest > 0)
        return { entries, meta: pageMeta(revision, entry.key.slice(prefix.length), selection.all ? rest : undefined) };
    }
    if (!page.more) return { entries, meta: { resourceVersion: String(revision) } };
    after = page.entries.at(-1)!.key;
  }
}

function pageMeta(revision: number, after: string, remainingItemCount: number | undefined): ListMeta {
  const token = encodeContinue({ revision, after });
  return {
    resourceVersion: String(revision),
    continue: token,
    ...(remainingItemCount !== undefined && { remainingItemCount }),
  };
}

/** 410 that hands out a token to go on inconsistently, at the newest revision. */
function expiredToken(storage: Storage, after: string): StatusError {
  const error = newResourceExpired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
      'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
      'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
      'deleted between the time the first chunk was returned and now may show up in the list.',
  );
  const status: Status = { ...error.status, metadata: { continue: encodeContinue({ revision: -1, after }) } };
  return new StatusError(status);
}

/** A resourceVersion as a number; 0 for none. An error value has Go's message. */
export function parseRevision(text: string): number | Error {
  if (text === '' || text === '0') return 0;
  const problem = uint64Problem(text);
  if (problem === undefined) return Number(text);
  return new Error(`resourceVersion: Invalid value: ${goQuote(text)}: ${problem}`);
}

/** @throws StatusError Timeout if the revision does not come about in time */
export async function waitForRevision(storage: Storage, revision: number): Promise<void> {
  const end = Date.now() + FUTURE_REVISION_WAIT_MS;
  while (storage.revision < revision) {
    // another server may have made it
    if (await isSettled(storage, revision)) return;
    if (Date.now() >= end) throw tooLargeRevision(revision, storage.revision);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function isSettled(storage: Storage, revision: number): Promise<boolean> {
  try {
    await storage.settled(revision);
    return true;
  } catch (error) {
    if (error instanceof FutureRevisionError) return false;
    throw error;
  }
}

function tooLargeRevision(revision: number, current: number): StatusError {
  const error = newTimeoutError(`Too large resource version: ${revision}, current: ${current}`, 1);
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return new StatusError({ ...error.status, details: { causes, retryAfterSeconds: 1 } });
}
