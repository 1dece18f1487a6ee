import { humanDuration, type JsonObject, stringifyYaml } from 'nekube/apimachinery';
import { managerData, partyData, type Takeover, TakeoverReport, type UnappliedField } from 'nekube/ownership';
import { CliError, type Io } from '../io.ts';
import { withObjects } from '../objects.ts';
import { formatTable } from '../table.ts';
import { printableJson } from '../printable.ts';
import { labelOf, operationOf } from './blame-text.ts';
import { ownershipsOf } from './each-object.ts';
import type { TakeoverFlags } from './takeover-command.ts';

/**
 * Prints what nobody looks after any more. What could be read is printed, also when not all could.
 *
 * @throws CliError for wrong arguments, and when objects could not be read
 */
export async function printTakeover(args: readonly string[], flags: TakeoverFlags, io: Io): Promise<void> {
  const now = Date.now();
  const before = new Date(now - ageOf(flags.olderThan)).toISOString();
  const report = new TakeoverReport();
  let objects = 0;
  await withObjects(args, flags, io, async (found) => {
    try {
      for await (const { object, owners } of ownershipsOf(found, io)) {
        objects++;
        report.add(object, owners);
      }
    } finally {
      if (objects > 0) io.stdout(formatted(report.result(before), flags, now));
    }
  });
}

const HOUR_MS = 3_600_000;
const UNITS: Readonly<Record<string, number>> = { h: HOUR_MS, d: 24 * HOUR_MS, w: 168 * HOUR_MS };

function ageOf(text: string): number {
  const [, count, unit] = /^(\d{1,6})([hdw])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * UNITS[unit!]!;
  throw new CliError(`Cannot read --older-than ${JSON.stringify(text)}`, { hint: 'as in 90d, 12w or 48h' });
}

function formatted(takeover: Takeover, { output, olderThan }: TakeoverFlags, now: number): string {
  if (output === 'json') return `${printableJson(dataOf(takeover))}\n`;
  if (output === 'yaml') return stringifyYaml(dataOf(takeover));
  const ofNobody = takeover.fields.filter(({ owners }) => owners.length === 0);
  const parts = [
    formatSilent(takeover, olderThan, now),
    formatFields(
      'Fields that no applied configuration mentions',
      takeover.fields.filter(({ owners }) => owners.length > 0),
    ),
    output === 'wide' ? formatFields('Fields of nobody', ofNobody) : ofNobodyInShort(ofNobody),
    formatUnapplied(takeover),
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'Nothing to take over.\n' : parts.join('\n');
}

function formatSilent({ silent, untimed }: Takeover, olderThan: string, now: number): string {
  const rows = silent.map((one) => [
    one.manager,
    operationOf(one),
    humanDuration(now - Date.parse(one.newest!)),
    String(one.objects),
    String(one.fields),
    String(one.alone),
    one.leftTo.map(({ party, fields }) => `${labelOf(party)} ${fields}`).join(', '),
  ]);
  const head = ['MANAGER', 'OPERATION', 'LAST', 'OBJECTS', 'FIELDS', 'ALONE', 'ALSO OWNED BY'];
  const table =
    rows.length === 0
      ? ''
      : `Managers not heard of for ${olderThan}\n${formatTable([head, ...rows], { right: [3, 4, 5] })}`;
  if (untimed.length === 0) return table;
  return `${table}When they were last heard of is not known: ${untimed.map(labelOf).join(', ')}\n`;
}

function formatFields(title: string, fields: readonly UnappliedField[]): string {
  if (fields.length === 0) return '';
  const rows = fields.map(({ kind, path, objects, owners, examples }) => [
    kind,
    path,
    String(objects),
    some(examples, objects),
    owners.map(labelOf).join(', '),
  ]);
  const head = ['KIND', 'FIELD', 'OBJECTS', 'IN', fields.some(({ owners }) => owners.length > 0) ? 'OWNED BY' : ''];
  return `${title}\n${formatTable([head, ...rows], { right: [2] })}`;
}

function ofNobodyInShort(fields: readonly UnappliedField[]): string {
  const count = fields.reduce((sum, { objects }) => sum + objects, 0);
  return count === 0 ? '' : `Fields of nobody, mostly defaults of the server: ${count} (-o wide names them)\n`;
}

function formatUnapplied({ unapplied, objects }: Takeover): string {
  if (unapplied.length === 0) return '';
  const rows = unapplied.map((one) => [one.kind, String(one.objects), some(one.examples, one.objects)]);
  const count = unapplied.reduce((sum, one) => sum + one.objects, 0);
  const title = `Objects that nobody applies: ${count} of ${objects}`;
  return `${title}\n${formatTable([['KIND', 'OBJECTS', 'AS'], ...rows], { right: [1] })}`;
}

function some(examples: readonly string[], objects: number): string {
  return examples.join(', ') + (objects > examples.length ? ', …' : '');
}

function dataOf({ objects, silent, untimed, fields, unapplied }: Takeover): JsonObject {
  return {
    objects,
    silent: silent.map((one) => ({
      ...partyData(one),
      alone: one.alone,
      leftTo: one.leftTo.map(({ party, fields: count }) => ({ ...managerData(party), fields: count })),
    })),
    untimed: untimed.map(managerData),
    fields: fields.map(({ owners, examples, ...field }) => ({
      ...field,
      owners: owners.map(managerData),
      examples: [...examples],
    })),
    unapplied: unapplied.map(({ examples, ...one }) => ({ ...one, examples: [...examples] })),
  };
}
