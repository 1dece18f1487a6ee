import { resolve } from 'node:path';
import { escapeFieldValue, isStatusError } from 'nekube/apimachinery';
import { type Client, type Clock, systemClock } from 'nekube/client';
import {
  changeData,
  goneData,
  type HistoryRecord,
  isNoise,
  pathOfText,
  type Scope,
  timeOfChange,
  warData,
  watchFields,
} from 'nekube/ownership';
import { formatPath } from 'nekube/smd';
import { withCluster } from '../cluster.ts';
import { CliError, type Io, messageOf, NegativeFinding } from '../io.ts';
import { parseObjectArguments } from '../object-arguments.ts';
import { resolveTargets, type Target } from '../objects.ts';
import { printable, printableJson } from '../printable.ts';
import { fieldChoiceOf } from './field-flag.ts';
import { warRulesOf } from './history-flags.ts';
import { withHistoryStore } from './history-store.ts';
import { nameOf, timeText, userText, valueText, warText, writerText } from './history-text.ts';
import type { WatchFlags } from './watch-command.ts';
import { watchProgress } from './watch-progress.ts';

/**
 * Keeps the history of fields until it is told to end, and prints drift wars.
 *
 * @throws CliError for wrong arguments, and when the store or the cluster cannot be used
 * @throws NegativeFinding when a war was found within `--for`
 */
export async function watch(
  args: readonly string[],
  flags: WatchFlags,
  io: Io,
  clock: Clock = systemClock,
): Promise<void> {
  parseObjectArguments(args);
  const ignored = (flags.ignore ?? []).map((path) => fieldChoiceOf(path, '--ignore'));
  const found = await withHistoryStore(flags.store, {}, io, (store) =>
    withCluster(flags, io, async (client) => {
      const stop = new AbortController();
      const cancel = flags.for === undefined ? () => {} : clock.after(flags.for, () => stop.abort(unwatchable()));
      const signal = AbortSignal.any([io.signal, stop.signal]);
      let isSynced = false;
      let isRefusedForGood = false;
      let failure: Error | undefined;
      const scopes = await scopesOf(client, args, flags, signal).catch((error: unknown) => {
        cancel();
        throw error;
      });
      const progress = watchProgress(io, scopes.length);
      try {
        const count = await watchFields(client, scopes, {
          store,
          clock,
          signal,
          rules: warRulesOf(flags),
          keepMs: flags.keep,
          ...(flags.maxSize !== undefined && { maxBytes: flags.maxSize }),
          ...(flags.auditLog !== undefined && { auditLog: resolve(io.cwd, flags.auditLog) }),
          isLeftOut: (path) => (!flags.noise && isNoise(path)) || ignored.some((choice) => choice.matches(path)),
          onSynced() {
            isSynced = true;
            progress.say(`nekube: watching ${scopes.map(titleOf).join(', ')}; history in ${flags.store}\n`);
          },
          onRecord(record) {
            progress.recorded(record);
            if (flags.changes && record.type !== 'found') progress.out(changesText(record, flags));
          },
          onWar(war) {
            progress.war(war.type === 'begun' ? 1 : -1);
            progress.out(flags.output === 'json' ? `${printableJson(warData(war))}\n` : `${warText(war)}\n`);
          },
          onProblem: (text) => progress.say(`Warning: ${printable(text)}\n`),
          onError(error, wasWatched) {
            if (isRefusedForGood) return;
            failure = error;
            // who may list and not watch sees what there is, and no change of it
            isRefusedForGood = isRefused(error) && !(isSynced && wasWatched);
            if (isRefusedForGood) stop.abort();
            else progress.say(`Warning: ${printable(messageOf(error))}; trying again\n`);
          },
        });
        // who asks whether there was a war must not be told that there was none by one who saw nothing
        if ((!isSynced || isRefusedForGood) && !io.signal.aborted) throw unwatchable(failure);
        return count;
      } finally {
        cancel();
        progress.end();
      }
    }),
  );
  if (flags.for !== undefined && found > 0) throw new NegativeFinding(`${found} drift ${found === 1 ? 'war' : 'wars'}`);
}

/** True for what the server will refuse again: a selector that is none, a kind that cannot be listed, what is not permitted. */
function isRefused(error: Error): boolean {
  return isStatusError(error) && [400, 403, 404, 405].includes(error.status.code ?? 0);
}

function unwatchable(cause?: Error): CliError {
  return new CliError(
    `Cannot watch: ${cause === undefined ? 'the objects could not be read in time' : messageOf(cause)}`,
    {
      hint: 'all that is to be watched must be permitted to list and to watch',
      cause,
    },
  );
}

async function scopesOf(
  client: Client,
  args: readonly string[],
  flags: WatchFlags,
  signal: AbortSignal,
): Promise<Scope[]> {
  const targets = await resolveTargets(client, args, { ...flags, filename: [] } as never, signal);
  return targets.map((target) => scopeOf(target, flags));
}

/** An object that is named is watched as the one that has the name. */
function scopeOf({ resource, name, namespace }: Target, { selector, fieldSelector }: WatchFlags): Scope {
  const { group, version, kind, resource: plural, singular, shortNames, namespaced } = resource;
  const field = name === undefined ? fieldSelector : `metadata.name=${escapeFieldValue(name)}`;
  return {
    group,
    version,
    kind,
    resource: plural,
    names: [singular, ...shortNames].filter((one) => one !== ''),
    namespaced,
    ...(namespace !== undefined && { namespace }),
    ...(selector !== undefined && { labelSelector: selector }),
    ...(field !== undefined && { fieldSelector: field }),
  };
}

function titleOf({ resource, namespace }: Scope): string {
  return namespace === undefined ? resource : `${resource} in ${namespace}`;
}

/** The changes of a record, one a line. */
function changesText(record: HistoryRecord, { output }: WatchFlags): string {
  const { object, writers, type, changes } = record;
  const isJson = output === 'json';
  if (changes.length === 0) {
    if (isJson) return `${printableJson(goneData(record))}\n`;
    return `${timeText(timeOfChange(record))} ${nameOf(object)} ${type} (${userText(record)})\n`;
  }
  const ofValues = changes.filter(({ isOwnersOnly }) => !isOwnersOnly);
  const lines = ofValues.map((change) => {
    if (isJson) return printableJson(changeData(record, change));
    const path = printable(formatPath(pathOfText(change.path)));
    const who = change.by.map((place) => writerText(writers[place]!)).join(' or ') || '-';
    const field = `${nameOf(object)} ${path} ${valueText(change.value)}`;
    return `${timeText(timeOfChange(record, change))} ${field} by ${who} (${userText(record)})`;
  });
  return lines.map((line) => `${line}\n`).join('');
}
