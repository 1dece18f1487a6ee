import { isStatusError } from 'nekube/apimachinery';
import { isNoMatchError, sleep } from 'nekube/client';
import { awaitReady } from './await-ready.ts';
import type { Entry } from './entry.ts';
import type { RunContext } from './run-context.ts';

/** How long definitions may take to be served. */
const SERVED_MS = 60_000;
/** How long is waited before a kind is asked for again; an established definition may take a moment to be served. */
const AGAIN_MS = 100;

/**
 * Waits until definitions are established and their kinds are served. Those that come to nothing get the reason, and are
 * the result.
 */
export async function definitionsServed(entries: readonly Entry[], context: RunContext): Promise<readonly Entry[]> {
  if (entries.length === 0) return [];
  const { client, clock, signal, retrying } = context;
  const objects = entries.map(({ object }) => object!);
  const known = await awaitReady(client, objects, { timeoutMs: SERVED_MS, clock, signal });
  const deadline = clock.elapsed() + SERVED_MS;
  const failed: Entry[] = [];
  for (const entry of entries) {
    if (signal.aborted) break;
    const { state, message } = known.get(entry.key)!;
    const isServed = state === 'Current' && (await retrying(() => served(entry, context, deadline)));
    if (isServed) continue;
    entry.end('failed', `it was written, and its kind is not served: ${message}`);
    failed.push(entry);
  }
  return failed;
}

/** Every version that is to be served can be listed. */
async function served({ object }: Entry, context: RunContext, deadline: number): Promise<boolean> {
  const { group, names, versions } = object!.spec as {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
  for (const { name, served: isWanted } of versions) {
    const kind = { apiVersion: `${group}/${name}`, kind: names.kind };
    while (isWanted && !(await canList(kind, context))) {
      if (context.signal.aborted || context.clock.elapsed() > deadline) return false;
      await sleep(AGAIN_MS, context.clock);
    }
  }
  return true;
}

async function canList(
  kind: { readonly apiVersion: string; readonly kind: string },
  { client, hardSignal }: RunContext,
): Promise<boolean> {
  try {
    await client.list(kind, { limit: 1, signal: hardSignal });
    return true;
  } catch (error) {
    if (isNoMatchError(error) || isStatusError(error, 'NotFound')) return false;
    // whether he may list is another question
    if (isStatusError(error, 'Forbidden')) return true;
    throw error;
  }
}
