import { isStatusError } from 'nekube/apimachinery';
import { isConnectionError, isNoMatchError } from 'nekube/client';
import type { Entry } from './entry.ts';
import { needsAmong, STAGES } from './order.ts';
import { isRefused } from './object-writer.ts';
import { inParallel } from './parallel.ts';
import { failureText, type RunContext } from './run-context.ts';

/**
 * Finds out of every object what an apply would do, before anything is written: `action` becomes what is expected,
 * `conflict`, or `failed`.
 *
 * What is in a namespace, or of a kind, that is among the objects and not there yet can only be found out later, and so
 * can what may be refused for the lack of other objects that come before it.
 */
export async function lookAtAll(entries: readonly Entry[], context: RunContext): Promise<void> {
  const { parallel, signal, onProgress } = context;
  let done = 0;
  const failures = new Map<Entry, unknown>();
  await inParallel(
    entries,
    parallel,
    async (entry) => {
      const failure = await look(entry, context);
      if (failure !== undefined) failures.set(entry, failure);
      // without a server there is nothing to find out of the others, either
      if (isConnectionError(failure)) throw failure;
      onProgress?.({ phase: 'looking', done: ++done, total: entries.length });
    },
    signal,
  );
  const missing = new Set(entries.filter(({ outlook }) => outlook?.live === undefined).map(({ key }) => key));
  const needs = needsAmong(entries);
  for (const entry of entries) {
    const failure = failures.get(entry);
    if (entry.outlook !== undefined) entry.end(isRefused(entry.outlook.conflicts) ? 'conflict' : entry.expected);
    else if (failure === undefined) continue;
    else if (needs.of(entry).some((key) => missing.has(key)) && isAbsence(failure)) entry.end('created');
    else if (mayPass(failure, entry, entries, missing))
      entry.end('created', `not checked before: ${failureText(failure)}`);
    else entry.end('failed', failureText(failure));
  }
}

/** What went wrong, if something did. */
async function look(entry: Entry, { writer, hardSignal, retrying }: RunContext): Promise<unknown> {
  try {
    entry.outlook = await retrying(() => writer.look(entry.configuration, hardSignal));
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The kind or the namespace is not there. */
function isAbsence(failure: unknown): boolean {
  return isNoMatchError(failure) || isStatusError(failure, 'NotFound');
}

/** Refusals for the lack of a service account, a class, a role or a quota, which may be about to come. */
function mayPass(failure: unknown, entry: Entry, entries: readonly Entry[], missing: ReadonlySet<string>): boolean {
  if (!isStatusError(failure, 'Forbidden') && !isStatusError(failure, 'NotFound')) return false;
  const stage = STAGES.indexOf(entry.stage);
  return entries.some((other) => missing.has(other.key) && STAGES.indexOf(other.stage) < stage);
}
