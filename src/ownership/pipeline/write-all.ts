import { isConnectionError } from 'nekube/client';
import { definitionsServed } from './definitions-served.ts';
import type { Entry } from './entry.ts';
import { showObject } from './manifest.ts';
import { inStages, isDefinition, needsAmong } from './order.ts';
import { inParallel } from './parallel.ts';
import { failureText, type RunContext } from './run-context.ts';

/**
 * Writes the objects, stage by stage, and waits between for definitions to be served. What fails does not keep others
 * from being written, except those that cannot be without it.
 */
export async function writeAll(entries: readonly Entry[], context: RunContext): Promise<void> {
  const { parallel, signal, onProgress } = context;
  const broken = new Map<string, Entry>();
  const needs = needsAmong(entries);
  let done = 0;
  let lost: unknown;
  for (const { stage, manifests } of inStages(entries)) {
    await inParallel(
      manifests,
      parallel,
      async (entry) => {
        const lacking = needs.of(entry).find((key) => broken.has(key));
        if (lost !== undefined) entry.end('not applied', 'the server does not answer any more');
        else if (lacking !== undefined) entry.end('skipped', `it needs ${showObject(broken.get(lacking)!.id)}`);
        else if (entry.object === undefined) lost = await writeOne(entry, context);
        if (entry.object === undefined) broken.set(entry.key, entry);
        onProgress?.({ phase: 'applying', done: ++done, total: entries.length });
      },
      signal,
    );
    if (signal.aborted) return;
    if (stage === 'definitions') {
      const definitions = manifests.filter(({ id, object }) => isDefinition(id) && object !== undefined);
      for (const entry of await definitionsServed(definitions, context)) broken.set(entry.key, entry);
    }
  }
}

/** Gives the failure if there is no server any more. */
export async function writeOne(entry: Entry, context: RunContext): Promise<unknown> {
  const { writer, hardSignal, retrying } = context;
  try {
    const written = await retrying(() => writer.write(entry.configuration, hardSignal));
    if ('object' in written) entry.written(written.object);
    else {
      entry.refused = written.refused;
      entry.end('conflict', 'it came about while others were applied');
    }
  } catch (error) {
    if (hardSignal.aborted) entry.end('unknown', 'it was sent, and its answer was not waited for');
    else entry.end('failed', failureText(error));
    if (isConnectionError(error)) return error;
  }
  return undefined;
}
