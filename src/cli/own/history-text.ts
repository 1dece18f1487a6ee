import type { JsonObject, JsonValue } from 'nekube/apimachinery';
import {
  type DriftWar,
  type HistoryLine,
  type HistoryObject,
  type HistoryRecord,
  type KeptValue,
  pathOfText,
  type RecordedChange,
  showObject,
  textOfHash,
  timeOfChange,
  type Writer,
} from 'nekube/ownership';
import { formatPath } from 'nekube/smd';
import { printable } from '../printable.ts';
import { managerData } from './owner-data.ts';

/** `Deployment.apps shop/web`, as it may be shown. */
export function nameOf(object: HistoryObject): string {
  return printable(showObject(object));
}

/** A time in whole seconds, as Kubernetes writes it. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Two times, the second without the date where it is the same: `2026-01-01T10:00:00Z..10:05:00Z`. */
export function spanText(from: number, to: number): string {
  const [start, end] = [timeText(from), timeText(to)];
  return start.slice(0, 11) === end.slice(0, 11) ? `${start}..${end.slice(11)}` : `${start}..${end}`;
}

/** The two largest units of a time: `1h30m`, `12s`, `300ms`. */
export function lengthText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = Math.round(ms / 1000);
  const units = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const first = units.findIndex(([count]) => count > 0);
  return units
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join('');
}

const longestValue = 60;

/** A value in a line; a long one is cut unless it is wanted whole. */
export function valueText(kept: KeptValue | undefined, whole = false): string {
  if (kept === undefined) return '<removed>';
  if ('hash' in kept) return textOfHash(kept);
  const { value } = kept;
  const isPlain = typeof value === 'string' && /^[^\s"'<{[][^\n\r\t]*$/.test(value);
  const text = isPlain ? value : JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one));
  return printable(whole || text.length <= longestValue ? text : `${text.slice(0, longestValue - 1)}…`);
}

/** `hpa (scale)` */
export function writerText({ manager, subresource }: Writer): string {
  return printable(subresource === '' ? manager : `${manager} (${subresource})`);
}

/** When a change was made: with `<=` where it was at or before, and as two times where it was at some time between. */
export function whenText({ record, time }: Pick<Extract<HistoryLine, { type: 'field' }>, 'record' | 'time'>): string {
  if (record.type === 'found') return `<=${timeText(time)}`;
  const { audited, since, seenAt } = record;
  return since === undefined || audited !== undefined ? timeText(time) : spanText(since, seenAt);
}

/** Who made a request: `alice`, or `system:admin as alice`. */
export function userText({ audited }: HistoryRecord): string {
  if (audited === undefined) return '-';
  return printable(audited.impersonated === undefined ? audited.user : `${audited.user} as ${audited.impersonated}`);
}

/** A drift war in a line. */
export function warText(war: DriftWar): string {
  const { object, path, sides, since, last, returns, writes } = war;
  const field = `${nameOf(object)} ${printable(formatPath(path))}`;
  if (war.type === 'ended') {
    return `drift war ended: ${field}: ${namesOf(war)}, ${writes} writes from ${timeText(since)} to ${timeText(last)}`;
  }
  const says = sides.map(({ manager, value }) => `${printable(manager)} writes ${valueText(value)}`).join(', ');
  const { podsDeleted, podsCreated, replicaSetsCreated } = war.dependents;
  const seen = [
    [podsDeleted, 'pods deleted'],
    [podsCreated, 'pods created'],
    [replicaSetsCreated, 'ReplicaSets created'],
  ] as const;
  const effects = seen.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return [
    `drift war: ${field}: ${says}`,
    `back ${returns} times, after ${lengthText(war.periodMs)} on average`,
    `${Math.round(war.writesPerHour)} writes an hour since ${timeText(since)}`,
    ...(effects.length > 0 ? [effects.join(', ')] : []),
  ].join('; ');
}

function namesOf({ sides }: DriftWar): string {
  return sides.map(({ manager }) => printable(manager)).join(', ');
}

/** An object's name for programs. */
export function objectData({ group, version, kind, namespace, name }: HistoryObject): JsonObject {
  return {
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    metadata: { name, ...(namespace !== '' && { namespace }) },
  };
}

/** A drift war for programs: docs/ownership-history.md. */
export function warData(war: DriftWar): JsonObject {
  const { type, object, path, sides, since, last, writes, returns, periodMs, writesPerHour, dependents } = war;
  return {
    type: type === 'begun' ? 'war' : 'warEnded',
    object: objectData(object),
    path: formatPath(path),
    sides: sides.map(({ manager, value }) => ({ manager, ...valueData(value) })),
    since: new Date(since).toISOString(),
    last: new Date(last).toISOString(),
    writes,
    returns,
    periodSeconds: Math.round(periodMs / 1000),
    writesPerHour: Math.round(writesPerHour * 10) / 10,
    dependents: { ...dependents },
  };
}

/** A line of a history for programs: docs/ownership-history.md. */
export function lineData(line: HistoryLine): JsonObject {
  if (line.type === 'gap') {
    const { from, to } = line;
    return {
      type: 'gap',
      from: new Date(from).toISOString(),
      ...(to !== undefined && { to: new Date(to).toISOString() }),
    };
  }
  if (line.type === 'gone') {
    const type = line.record.type;
    return { type, ...recordData(line.record, line.time) };
  }
  const { record, path, value, owners, by, isOwnersOnly, time } = line;
  const type = isOwnersOnly ? 'owners' : record.type;
  return {
    type,
    path: formatPath(path),
    ...valueData(value),
    by: by.map(managerData),
    owners: owners.map(managerData),
    ...recordData(record, time),
  };
}

/** A change for programs, as it is seen. */
export function changeData(record: HistoryRecord, change: RecordedChange): JsonObject {
  const { path, value, owners, by } = change;
  const writersAt = (places: readonly number[]) => places.map((place) => managerData(record.writers[place]!));
  return {
    type: record.type,
    object: objectData(record.object),
    path: formatPath(pathOfText(path)),
    ...valueData(value),
    by: writersAt(by),
    owners: writersAt(owners),
    ...recordData(record, timeOfChange(record, change)),
  };
}

/** What became of an object as a whole, for programs. */
export function goneData(record: HistoryRecord): JsonObject {
  return { type: record.type, object: objectData(record.object), ...recordData(record, timeOfChange(record)) };
}

function recordData({ type, since, seenAt, resourceVersion, audited }: HistoryRecord, time: number): JsonObject {
  const isBetween = since !== undefined && audited === undefined;
  return {
    ...(isBetween
      ? { after: new Date(since).toISOString(), before: new Date(seenAt).toISOString() }
      : { [type === 'found' ? 'before' : 'time']: new Date(time).toISOString() }),
    ...(resourceVersion !== '' && { resourceVersion }),
    ...(audited !== undefined && {
      user: audited.user,
      ...(audited.impersonated !== undefined && { impersonatedUser: audited.impersonated }),
      ...(audited.userAgent !== undefined && { userAgent: audited.userAgent }),
    }),
  };
}

function valueData(kept: KeptValue | undefined): JsonObject {
  if (kept === undefined) return { removed: true };
  if ('hash' in kept) return { hash: kept.hash, hidden: kept.why };
  return { value: kept.value as JsonValue };
}
