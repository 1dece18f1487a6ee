import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonEqual,
  type KubeObject,
  stringifyJson,
} from 'nekube/apimachinery';
import { MASKED } from '../mask.ts';
import type { FieldChange } from './report.ts';

/** Longer values are cut. */
const LONGEST_TEXT = 200;
/** Metadata that the server writes. */
const SERVERS_OWN = new Set([
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
]);

/**
 * The fields that differ between the live object and what it will be, in the order of the object, without its status and
 * without what the server writes of itself. Values of a Secret are masked, and so is the annotation that may repeat them.
 *
 * Items of lists are told apart by their `name` where all have one, otherwise by their place.
 */
export function changesBetween(live: KubeObject, result: KubeObject): FieldChange[] {
  const isSecret = result.kind === 'Secret' && result.apiVersion === 'v1';
  const changes = differences(stated(live), stated(result), '');
  return changes.map(({ path, from, to }) => {
    const show = (value: JsonValue | undefined): string | undefined =>
      value === undefined ? undefined : isSecret && isSecretPath(path) ? MASKED : showValue(value);
    return { path, from: show(from), to: show(to) };
  });
}

/** A value as one line of JSON, cut if it is long. */
export function showValue(value: JsonValue): string {
  const text = stringifyJson(value);
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`;
}

/** Whether a path of a Secret has, or has below it, what is secret. */
export function isSecretPath(path: string): boolean {
  return /^\.((data|stringData)(?![A-Za-z])|metadata\.annotations($|.*last-applied-configuration))/.test(path);
}

function stated({ status: _, metadata, ...rest }: KubeObject): JsonObject {
  const own = Object.entries(metadata).filter(([field]) => !SERVERS_OWN.has(field));
  return { ...rest, metadata: Object.fromEntries(own) } as unknown as JsonObject;
}

interface Difference {
  readonly path: string;
  readonly from: JsonValue | undefined;
  readonly to: JsonValue | undefined;
}

function differences(from: JsonValue | undefined, to: JsonValue | undefined, path: string): Difference[] {
  if (jsonEqual(from, to)) return [];
  if (isJsonObject(from) && isJsonObject(to)) return ofMembers(from, to, (name) => `${path}${memberPath(name)}`);
  if (Array.isArray(from) && Array.isArray(to)) return ofItems(from, to, path);
  return [{ path, from, to }];
}

function ofMembers(
  from: Readonly<Record<string, JsonValue>>,
  to: Readonly<Record<string, JsonValue>>,
  pathOf: (name: string) => string,
): Difference[] {
  const names = new Set([...Object.keys(to), ...Object.keys(from)]);
  const at = (object: Readonly<Record<string, JsonValue>>, name: string): JsonValue | undefined =>
    Object.hasOwn(object, name) ? object[name] : undefined;
  return [...names].flatMap((name) => differences(at(from, name), at(to, name), pathOf(name)));
}

function ofItems(from: readonly JsonValue[], to: readonly JsonValue[], path: string): Difference[] {
  const [before, after] = [byName(from), byName(to)];
  if (before === undefined || after === undefined)
    return ofMembers(
      Object.fromEntries(Object.entries(from)),
      Object.fromEntries(Object.entries(to)),
      (place) => `${path}[${place}]`,
    );
  const changed = ofMembers(before, after, (name) => `${path}[name=${JSON.stringify(name)}]`);
  // the same items in another order
  return changed.length > 0 ? changed : [{ path, from: [...from], to: [...to] }];
}

/** The items by their names; undefined if one has none, or two have the same. */
function byName(items: readonly JsonValue[]): Record<string, JsonValue> | undefined {
  const named = new Map<string, JsonValue>();
  for (const item of items) {
    if (!isJsonObject(item) || typeof item.name !== 'string') return undefined;
    named.set(item.name, item);
  }
  return named.size === items.length ? Object.fromEntries(named) : undefined;
}

function memberPath(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
