import {
  applyJsonPatch,
  applyMergePatch,
  diffJson,
  isJsonObject,
  type JsonDifference,
  type JsonObject,
  type JsonValue,
  parseJson,
  stringifyJson,
} from 'nekube/apimachinery';
import { type ObjectRef, type OperatorWrite, refKey } from './operator-write.ts';

/** What an operator wants of an object: as it said it last. */
export interface WantedObject {
  readonly ref: ObjectRef;
  /** Undefined: it is to go. */
  readonly content: JsonObject | undefined;
}

/** All that an operator said it wants, by {@link refKey}. */
export type Outcome = ReadonlyMap<string, WantedObject>;

/** What the server fills in, and who sends back what it read sends with it. */
const OF_SERVER = [
  'resourceVersion',
  'uid',
  'creationTimestamp',
  'generation',
  'managedFields',
  'selfLink',
  'deletionTimestamp',
];

/**
 * What writes come to, one object after another: of each what was sent last, a patch upon what was sent before. What failed is left
 * out, and what the server fills in.
 */
export function outcomeOf(writes: readonly OperatorWrite[]): Outcome {
  return outcomeAfter(new Map(), writes);
}

/** What writes come to that were made after others. */
export function outcomeAfter(before: Outcome, writes: readonly OperatorWrite[]): Outcome {
  const outcome = new Map(before);
  for (const write of writes) {
    if (write.code >= 300 || write.code === 0) continue;
    const { group, resource, subresource, namespace, name } = write;
    const ref = { group, resource, subresource, namespace, name };
    const key = refKey(ref);
    outcome.set(key, { ref, content: contentAfter(write, outcome.get(key)?.content) });
  }
  return outcome;
}

/** The outcome of one that is called otherwise, so that two can be compared: each text given is replaced by its word. */
export function generalized(outcome: Outcome, words: ReadonlyMap<string, string>): Outcome {
  const replaced = <T>(value: T): T => {
    let text = stringifyJson(value as JsonValue);
    for (const [from, to] of words) text = text.replaceAll(from, to);
    return parseJson(text) as T;
  };
  const objects = [...outcome.values()].map(
    ({ ref, content }): WantedObject => ({
      ref: replaced(ref),
      content: content === undefined ? undefined : replaced(content),
    }),
  );
  return new Map(objects.map((object) => [refKey(object.ref), object]));
}

/** One place in which two outcomes differ. */
export interface OutcomeDifference {
  readonly ref: ObjectRef;
  /** A JSON pointer; empty: the whole object is in one of them only. */
  readonly path: string;
  readonly op: 'add' | 'remove' | 'replace';
}

/** Whether a place is a value of a Secret. */
export function isInSecret({ ref, path }: OutcomeDifference): boolean {
  return ref.group === '' && ref.resource === 'secrets' && /^\/(data|stringData)\//.test(path);
}

/** How one outcome becomes the other. */
export function differencesOf(from: Outcome, to: Outcome): readonly OutcomeDifference[] {
  const keys = new Set([...from.keys(), ...to.keys()]);
  return [...keys].flatMap((key): OutcomeDifference[] => {
    const [a, b] = [from.get(key), to.get(key)];
    const { ref } = (a ?? b)!;
    if (a === b) return [];
    if (a?.content === undefined || b?.content === undefined) {
      if (a?.content === b?.content) return [];
      return [{ ref, path: '', op: a?.content === undefined ? 'add' : 'remove' }];
    }
    return diffJson(a.content, inOrderOf(a.content, b.content)).map(({ op, path }: JsonDifference) => ({
      ref,
      path,
      op,
    }));
  });
}

/** Members by which items of lists are known, as Kubernetes has them. */
const KEYS = ['name', 'mountPath', 'containerPort', 'port', 'key', 'type'];
/** Lists whose order says something, though their items have names. */
const ORDERED = new Set(['initContainers']);

/** A value with the items of its lists in the order of another's: who goes through a map has its members in another order each time. */
function inOrderOf(one: JsonValue, other: JsonValue, field = ''): JsonValue {
  if (isJsonObject(one) && isJsonObject(other)) {
    const entries = Object.entries(other).map(([name, value]) => {
      const before = one[name];
      return [name, before === undefined || value === undefined ? value : inOrderOf(before, value, name)] as const;
    });
    return Object.fromEntries(entries) as JsonObject;
  }
  if (!Array.isArray(one) || !Array.isArray(other)) return other;
  const key = ORDERED.has(field) ? undefined : KEYS.find((name) => isKeyOf(one, name) && isKeyOf(other, name));
  if (key === undefined) return other.map((item, i) => (i < one.length ? inOrderOf(one[i]!, item) : item));
  const byKey = new Map(other.map((item) => [(item as JsonObject)[key], item]));
  const known = one.flatMap((item) => {
    const same = byKey.get((item as JsonObject)[key]);
    byKey.delete((item as JsonObject)[key]);
    return same === undefined ? [] : [inOrderOf(item, same)];
  });
  return [...known, ...byKey.values()];
}

/** Whether each item has another value at a member. */
function isKeyOf(items: readonly JsonValue[], name: string): boolean {
  const values = items.map((item) => (isJsonObject(item) ? item[name] : undefined));
  return new Set(values).size === items.length && values.every((value) => ['string', 'number'].includes(typeof value));
}

function contentAfter(write: OperatorWrite, before: JsonObject | undefined): JsonObject | undefined {
  if (write.verb === 'delete' || write.verb === 'deletecollection') return undefined;
  const { body } = write;
  if (write.verb !== 'patch') return isJsonObject(body) ? withoutServers(asSaid(body), write, before) : {};
  return asSaid(patched(before ?? {}, body, write.patch));
}

/** A strategic patch counts as a merge patch: what matters is whether two say the same. */
function patched(before: JsonObject, body: JsonValue | undefined, patch: string | undefined): JsonObject {
  if (body === undefined) return before;
  if (patch !== 'json-patch') return applyMergePatch(before, body) as JsonObject;
  try {
    return applyJsonPatch(before, body as never) as JsonObject;
  } catch {
    // it is on what the operator read, not on what it wrote
    return { ...before, patches: [...((before.patches as JsonValue[] | undefined) ?? []), body] };
  }
}

/**
 * Who sends back all that it read sends the status with it, which only counts at its own endpoint, and what the server allocated: addresses
 * and ports of a Service, the labels by which a Job knows its pods.
 */
function withoutServers(
  object: JsonObject,
  { group, resource, subresource, verb }: OperatorWrite,
  before: JsonObject | undefined,
): JsonObject {
  if (verb !== 'update' || subresource !== '') return object;
  const { status: _, ...rest } = object;
  const { spec } = rest;
  if (!isJsonObject(spec)) return rest;
  if (group === '' && resource === 'services') return { ...rest, spec: withoutAllocated(spec, before?.spec) };
  return group === 'batch' && resource === 'jobs' ? (withoutMembers(rest, OF_JOB) as JsonObject) : rest;
}

const OF_JOB = ['controller-uid', 'batch.kubernetes.io/controller-uid'];

/** Node ports stay that it asked for itself. */
function withoutAllocated(spec: JsonObject, before: JsonValue | undefined): JsonObject {
  const asked = isJsonObject(before) && Array.isArray(before.ports) ? before.ports : [];
  const ports = Array.isArray(spec.ports) ? spec.ports : [];
  const own = ports.map((port): JsonValue => {
    if (!isJsonObject(port) || asked.some((one) => isJsonObject(one) && one.nodePort === port.nodePort)) return port;
    const { nodePort: _, ...others } = port;
    return others;
  });
  const said: JsonObject = { ...spec, ...(Array.isArray(spec.ports) && { ports: own }) };
  if (spec.clusterIP === 'None') return said;
  const { clusterIP: _1, clusterIPs: _2, healthCheckNodePort: _3, ...kept } = said;
  return kept;
}

function withoutMembers(value: JsonValue, names: readonly string[]): JsonValue {
  if (Array.isArray(value)) return value.map((item) => withoutMembers(item, names));
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).filter(([name]) => !names.includes(name));
  return Object.fromEntries(kept.map(([name, of]) => [name, withoutMembers(of as JsonValue, names)])) as JsonObject;
}

/** Without what the server fills in; owners by name. */
function asSaid(object: JsonObject): JsonObject {
  const metadata = isJsonObject(object.metadata) ? object.metadata : undefined;
  if (metadata === undefined) return object;
  const kept = Object.fromEntries(Object.entries(metadata).filter(([field]) => !OF_SERVER.includes(field)));
  const { ownerReferences } = kept;
  if (Array.isArray(ownerReferences)) kept.ownerReferences = ownerReferences.map(withoutUid);
  return { ...object, metadata: kept as JsonObject };
}

function withoutUid(owner: JsonValue): JsonValue {
  if (!isJsonObject(owner)) return owner;
  return Object.fromEntries(Object.entries(owner).filter(([field]) => field !== 'uid')) as JsonObject;
}
