import type { JsonObject, JsonValue } from 'nekube/apimachinery';
import { formatPath } from 'nekube/smd';
import type { DriftWar } from '../history/drift-wars.ts';
import {
  type HistoryObject,
  type HistoryRecord,
  type RecordedChange,
  timeOfChange,
} from '../history/history-record.ts';
import type { KeptValue } from '../history/kept-value.ts';
import { pathOfText } from '../history/path-text.ts';
import type { HistoryLine } from '../history/timeline.ts';
import { managerData } from './owner-data.ts';

/** An object's name for programs. */
export function historyObjectData({ group, version, kind, namespace, name }: HistoryObject): JsonObject {
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
    object: historyObjectData(object),
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
export function historyLineData(line: HistoryLine): JsonObject {
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
    object: historyObjectData(record.object),
    path: formatPath(pathOfText(path)),
    ...valueData(value),
    by: writersAt(by),
    owners: writersAt(owners),
    ...recordData(record, timeOfChange(record, change)),
  };
}

/** What became of an object as a whole, for programs. */
export function goneData(record: HistoryRecord): JsonObject {
  return { type: record.type, object: historyObjectData(record.object), ...recordData(record, timeOfChange(record)) };
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
