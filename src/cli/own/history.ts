import { type JsonObject, stringifyYaml } from 'nekube/apimachinery';
import { systemClock } from 'nekube/client';
import {
  type FieldChoice,
  type HistoryLine,
  historyLineData,
  type HistoryObject,
  historyObjectData,
  type HistoryStore,
  objectsNamed,
  timelineOf,
  warData,
  warsIn,
} from 'nekube/ownership';
import { formatPath } from 'nekube/smd';
import { CliError, type Io, NegativeFinding } from '../io.ts';
import { parseObjectArguments } from '../object-arguments.ts';
import { formatTable } from '../table.ts';
import { printableJson } from '../printable.ts';
import { fieldChoiceOf } from './field-flag.ts';
import type { HistoryFlags } from './history-command.ts';
import { warRulesOf } from './history-flags.ts';
import { withHistoryStore } from './history-store.ts';
import {
  lengthText,
  nameOf,
  spanText,
  timeText,
  userText,
  valueText,
  warText,
  whenText,
  writerText,
} from './history-text.ts';

/** So many rows have columns in common; a history may be long. */
const ROWS = 1000;

/**
 * Prints what is kept of objects' fields.
 *
 * @throws CliError for wrong arguments, and when there is no store
 * @throws NegativeFinding when there is no history of what was asked for; with `--wars`, when there was one
 */
export async function printHistory(args: readonly string[], flags: HistoryFlags, io: Io): Promise<void> {
  if (args.length === 0 && !flags.wars)
    throw new CliError('Which objects is not said', { hint: 'as in: nekube own history deploy/web; or give --wars' });
  const wanted = args.length === 0 ? undefined : parseObjectArguments(args);
  const choice = flags.path === undefined ? undefined : fieldChoiceOf(flags.path);
  await withHistoryStore(flags.store, { readOnly: true }, io, async (store) => {
    const objects = wanted?.flatMap(({ resource, name }) => objectsCalled(store, resource, name, flags));
    if (flags.wars) return printWars(store, objects, choice, flags, io);
    const print = printerOf(flags, io);
    let lines = 0;
    for (const object of objects!) lines += print(object, timeline(store, object, choice, flags));
    print.end();
    if (lines === 0) throw new NegativeFinding(`no history${flags.path === undefined ? '' : ` of ${flags.path}`}`);
  });
}

function timeline(
  store: HistoryStore,
  object: HistoryObject,
  choice: FieldChoice | undefined,
  flags: HistoryFlags,
): Iterable<HistoryLine> {
  const now = systemClock.now();
  return timelineOf(store, object, {
    now,
    withOwners: flags.owners === true,
    ...(choice !== undefined && { matches: (path) => choice.matches(path) }),
    ...(flags.since !== undefined && { since: now - flags.since }),
  });
}

/** What is meant by a kind and a name: of a name, one object. */
function objectsCalled(
  store: HistoryStore,
  resource: string,
  name: string | undefined,
  { namespace }: HistoryFlags,
): HistoryObject[] {
  const found = objectsNamed(store, resource, {
    ...(name !== undefined && { name }),
    ...(namespace !== undefined && { namespace }),
  });
  const title = name === undefined ? resource : `${resource}/${name}`;
  if (found.length === 0) throw new NegativeFinding(`no history of ${title}`);
  if (name === undefined || found.length === 1) return found;
  const places = [...new Set(found.map((one) => one.namespace))];
  if (places.length === 1) return found;
  throw new CliError(`There are histories of ${title} in several namespaces`, {
    hint: `name one with -n: ${places.join(', ')}`,
  });
}

/** Prints the history of an object; gives how many changes it had. `end` when there are no more. */
interface Printer {
  (object: HistoryObject, lines: Iterable<HistoryLine>): number;
  end(): void;
}

function printerOf(flags: HistoryFlags, io: Io): Printer {
  if (flags.output === 'json') return dataPrinter(io, ['[\n', ',\n', '\n]\n'], printableJson, '[]\n');
  if (flags.output === 'yaml') return dataPrinter(io, ['', '---\n', ''], stringifyYaml, '');
  let printed = 0;
  const print = (object: HistoryObject, lines: Iterable<HistoryLine>): number => {
    io.stdout(`${printed++ > 0 ? '\n' : ''}# ${nameOf(object)}\n`);
    return printTable(lines, flags.output === 'wide', io);
  };
  return Object.assign(print, { end: () => {} });
}

function dataPrinter(
  io: Io,
  [start, between, last]: readonly [string, string, string],
  write: (data: JsonObject) => string,
  none: string,
): Printer {
  let printed = 0;
  const print = (object: HistoryObject, lines: Iterable<HistoryLine>): number => {
    const data = [...lines].map(historyLineData);
    io.stdout(`${printed++ === 0 ? start : between}${write({ object: historyObjectData(object), lines: data })}`);
    return data.filter(({ type }) => type !== 'gap').length;
  };
  return Object.assign(print, { end: () => io.stdout(printed === 0 ? none : last) });
}

const HEADER = ['TIME', 'FIELD', 'VALUE', 'MANAGER', 'USER'];
const WIDE_HEADER = [...HEADER, 'OPERATION', 'OWNERS', 'VERSION', 'USER-AGENT'];

function printTable(lines: Iterable<HistoryLine>, wide: boolean, io: Io): number {
  let header: string[][] = [wide ? WIDE_HEADER : HEADER];
  let pending: (string[] | string)[] = [];
  let changes = 0;
  const flush = (): void => {
    const rows = [...header, ...pending.filter((row) => typeof row !== 'string')];
    const formatted = formatTable(rows).split('\n');
    const printed = [
      ...header.map(() => formatted.shift()),
      ...pending.map((row) => (typeof row === 'string' ? row : formatted.shift())),
    ];
    io.stdout(printed.map((line) => `${line}\n`).join(''));
    header = [];
    pending = [];
  };
  for (const line of lines) {
    if (line.type !== 'gap') changes++;
    // a gap stands across all columns
    pending.push(line.type === 'gap' ? gapText(line) : rowOf(line, wide));
    if (pending.length >= ROWS) flush();
  }
  if (header.length + pending.length > 0) flush();
  return changes;
}

function gapText({ from, to }: Extract<HistoryLine, { type: 'gap' }>): string {
  if (to === undefined) return `--- not watched since ${timeText(from)} ---`;
  return `--- not watched ${spanText(from, to)} (${lengthText(to - from)}) ---`;
}

function rowOf(line: Exclude<HistoryLine, { type: 'gap' }>, wide: boolean): string[] {
  const { record } = line;
  const user = userText(record);
  const { resourceVersion, audited } = record;
  if (line.type === 'gone') {
    const what = record.type === 'left' ? '<gone, or selected no more>' : '<object deleted>';
    const row = [whenText(line), what, '-', '-', user];
    return wide ? [...row, '-', '-', resourceVersion || '-', audited?.userAgent ?? '-'] : row;
  }
  const { path, value, by, owners, isOwnersOnly } = line;
  const shown = isOwnersOnly ? `owned by ${owners.map(writerText).join(', ') || 'nobody'}` : valueText(value, wide);
  const who = by.map(writerText).join(' or ') || '-';
  const row = [whenText(line), formatPath(path), shown, who, user];
  if (!wide) return row;
  const operations = [...new Set(by.map(({ operation }) => operation))].join(' or ') || '-';
  const all = owners.map(writerText).join(', ') || '-';
  return [...row, operations, all, resourceVersion, audited?.userAgent ?? '-'];
}

function printWars(
  store: HistoryStore,
  objects: readonly HistoryObject[] | undefined,
  choice: FieldChoice | undefined,
  flags: HistoryFlags,
  io: Io,
): void {
  const now = systemClock.now();
  const ids = objects && new Set(objects.map(({ id }) => id));
  const since = flags.since === undefined ? Number.NEGATIVE_INFINITY : now - flags.since;
  const wars = warsIn(store.records(), warRulesOf(flags), now).filter(
    ({ object, path, last }) => (ids?.has(object.id) ?? true) && (choice?.matches(path) ?? true) && last >= since,
  );
  if (flags.output === 'json') io.stdout(`${printableJson(wars.map(warData))}\n`);
  else if (flags.output === 'yaml') for (const war of wars) io.stdout(`---\n${stringifyYaml(warData(war))}`);
  else for (const war of wars) io.stdout(`${warText(war)}\n`);
  if (wars.length > 0) throw new NegativeFinding(`${wars.length} drift ${wars.length === 1 ? 'war' : 'wars'}`);
  io.stderr('No drift wars\n');
}
