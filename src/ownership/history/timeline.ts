import type { FieldPath } from 'nekube/smd';
import { gapsBetween, type Interval } from './coverage.ts';
import {
  type HistoryObject,
  type HistoryRecord,
  type RecordedChange,
  timeOfChange,
  type Writer,
} from './history-record.ts';
import type { HistoryStore, Scope } from './history-store.ts';
import type { KeptValue } from './kept-value.ts';
import { pathOfText } from './path-text.ts';

/** A line of a field's history. */
export type HistoryLine =
  | {
      readonly type: 'field';
      readonly record: HistoryRecord;
      readonly path: FieldPath;
      /** Undefined: the field is gone. */
      readonly value: KeptValue | undefined;
      /** As well as it is known: milliseconds since 1970. Of what was not watched, the latest moment. */
      readonly time: number;
      readonly isOwnersOnly: boolean;
      /** Who owns the field now, and who may have made the change: see {@link RecordedChange}. */
      readonly owners: readonly Writer[];
      readonly by: readonly Writer[];
    }
  /** The object is gone. */
  | { readonly type: 'gone'; readonly record: HistoryRecord; readonly time: number }
  /** It was not watched; without `to` it still is not. */
  | { readonly type: 'gap'; readonly from: number; readonly to: number | undefined };

/** Which lines of an object's history. */
export interface TimelineOptions {
  /** Which fields; default: all. */
  readonly matches?: (path: FieldPath) => boolean;
  /** Only what was seen since; milliseconds since 1970. */
  readonly since?: number;
  /** Also what changed owners only. */
  readonly withOwners?: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A watch that goes on hears at least so often that nothing happened. */
const QUIET_MS = 90_000;

/** The history of an object's fields, with the times in which it was not watched, in the order in which it was seen. */
export function* timelineOf(
  store: HistoryStore,
  object: HistoryObject,
  { matches = () => true, since = Number.NEGATIVE_INFINITY, withOwners = false, now }: TimelineOptions,
): Generator<HistoryLine> {
  const covered = coverageOf(store, object);
  const gaps = gapsBetween(covered).filter(({ to }) => to >= since);
  for (const record of store.records(object.id)) {
    if (record.seenAt < since) continue;
    while (gaps.length > 0 && gaps[0]!.to <= record.seenAt) yield { type: 'gap', ...gaps.shift()! };
    yield* linesOf(record, matches, withOwners);
  }
  for (const gap of gaps) yield { type: 'gap', ...gap };
  const last = Math.max(...covered.map(({ to }) => to));
  if (covered.length > 0 && now - last > QUIET_MS) yield { type: 'gap', from: last, to: undefined };
}

function* linesOf(
  record: HistoryRecord,
  matches: (path: FieldPath) => boolean,
  withOwners: boolean,
): Generator<HistoryLine> {
  if (record.type === 'deleted' || record.type === 'left') yield { type: 'gone', record, time: timeOfChange(record) };
  for (const change of record.changes) {
    const path = pathOfText(change.path);
    const isOwnersOnly = change.isOwnersOnly === true;
    if ((isOwnersOnly && !withOwners) || !matches(path)) continue;
    yield {
      type: 'field',
      record,
      path,
      value: change.value,
      time: timeOfChange(record, change),
      isOwnersOnly,
      owners: writersAt(record, change.owners),
      by: writersAt(record, change.by),
    };
  }
}

function writersAt({ writers }: HistoryRecord, places: RecordedChange['by']): Writer[] {
  return places.map((place) => writers[place]!);
}

/** When an object was watched: by scopes of its kind that have no selector, and by the one that saw it last. */
function coverageOf(store: HistoryStore, object: HistoryObject): Interval[] {
  const seenBy = store.state(object.id)?.scope;
  return [...store.scopes()].flatMap(([id, scope]) =>
    id === seenBy || isWithin(scope, object) ? store.covered(id) : [],
  );
}

function isWithin(scope: Scope, { group, kind, namespace }: HistoryObject): boolean {
  if (scope.group !== group || scope.kind !== kind) return false;
  if (scope.labelSelector !== undefined || scope.fieldSelector !== undefined) return false;
  return scope.namespace === undefined || scope.namespace === namespace;
}

/** The objects in a store that a kind and a name mean, in any of the ways in which people name kinds. */
export function objectsNamed(
  store: HistoryStore,
  kind: string,
  { name, namespace }: { readonly name?: string; readonly namespace?: string },
): HistoryObject[] {
  const wanted = kind.toLowerCase();
  const kinds = new Set<string>();
  for (const [, scope] of store.scopes()) if (isCalled(scope, wanted)) kinds.add(`${scope.group}/${scope.kind}`);
  const found: HistoryObject[] = [];
  for (const object of store.objects()) {
    if (!kinds.has(`${object.group}/${object.kind}`) || (name !== undefined && object.name !== name)) continue;
    if (namespace === undefined || object.namespace === '' || object.namespace === namespace) found.push(object);
  }
  return found;
}

function isCalled({ group, version, kind, resource, names }: Scope, wanted: string): boolean {
  return [kind, resource, ...names].some((name) => {
    const called = name.toLowerCase();
    return wanted === called || wanted === `${called}.${group}` || wanted === `${called}.${version}.${group}`;
  });
}
