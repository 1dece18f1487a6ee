import type { JsonObject } from 'nekube/apimachinery';

/** Events that say the same of an object, as one. */
export interface EventGroup {
  readonly key: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  /** Who says so. */
  readonly source: string;
  readonly count: number;
  readonly first: string;
  readonly last: string;
}

/**
 * Events by what they say, the latest first. Servers merge some repetitions into one event with a count or a series, and
 * make new events of others; here all that say the same are one line.
 */
export function groupEvents(events: readonly JsonObject[]): EventGroup[] {
  const groups = new Map<string, EventGroup>();
  for (const event of events) {
    const one = groupOf(event);
    const known = groups.get(one.key);
    groups.set(one.key, known === undefined ? one : both(known, one));
  }
  return [...groups.values()].sort((a, b) => (a.last < b.last ? 1 : a.last > b.last ? -1 : a.key < b.key ? -1 : 1));
}

function groupOf(event: JsonObject): EventGroup {
  const type = text(event.type) || 'Normal';
  const reason = text(event.reason);
  const message = text(event.message) || text(event.note);
  const source =
    text(event.reportingComponent) || text(event.reportingController) || text(part(event.source).component);
  const series = part(event.series);
  const created = text(part(event.metadata).creationTimestamp);
  const first = text(event.firstTimestamp) || text(event.eventTime) || created;
  const last = text(series.lastObservedTime) || text(event.lastTimestamp) || text(event.eventTime) || first;
  const count = Number(series.count ?? event.count ?? 1) || 1;
  return { key: JSON.stringify([type, reason, source, message]), type, reason, message, source, count, first, last };
}

function both(a: EventGroup, b: EventGroup): EventGroup {
  return {
    ...a,
    count: a.count + b.count,
    first: a.first < b.first ? a.first : b.first,
    last: a.last > b.last ? a.last : b.last,
  };
}

function part(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null ? (value as JsonObject) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
