import {
  type DriftWar,
  type HistoryLine,
  type HistoryObject,
  type HistoryRecord,
  type KeptValue,
  showObject,
  textOfHash,
  type Writer,
} from 'nekube/ownership';
import { formatPath } from 'nekube/smd';
import { printable } from '../printable.ts';

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
