import type { Endpoints, GatewayModel } from '../../model/index.ts';
import { PrivateText } from '../../model/private-text.ts';

/** What the process that has the ports tells a worker. Models and endpoints are {@link packed}. */
export type ToWorker =
  | { readonly type: 'model'; readonly sequence: number; readonly model: GatewayModel }
  | { readonly type: 'endpoints'; readonly changed: readonly Endpoints[] }
  /** With the server itself, as a handle. */
  | { readonly type: 'listen'; readonly place: string }
  | { readonly type: 'close'; readonly drainMs: number };

/** What a worker tells: it serves the model of that number, and none before. */
export interface FromWorker {
  readonly served: number;
}

/** A private text on its way: a class does not survive a pipe, and what hides itself would arrive as nothing. */
class Packed {
  readonly nekubePrivateText: string;

  constructor(text: string) {
    this.nekubePrivateText = text;
  }
}

/** Where a listener is, as both sides call it: of the addresses that mean all, one is bound, and only one process knows which. */
export function placeOf(address: string, port: number): string {
  return `${address === '::' || address === '0.0.0.0' ? '*' : address} ${port}`;
}

/** A value as it goes through the pipe: private texts in the clear; what is one object in it stays one. */
export function packed<T>(value: T): T {
  const made = new Map<object, unknown>();
  const pack = (one: unknown): unknown => {
    if (typeof one !== 'object' || one === null) return one;
    const there = made.get(one);
    if (there !== undefined) return there;
    const next = packOne(one, pack);
    made.set(one, next);
    return next;
  };
  return pack(value) as T;
}

function packOne(value: object, pack: (value: unknown) => unknown): unknown {
  if (value instanceof PrivateText) return new Packed(value.reveal());
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [key, pack(one)]));
  if (Array.isArray(value)) return value.map(pack);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, pack(one)]));
}

/**
 * What was {@link packed}, made of as much of `before` as possible: what is equal in both is the object of `before`, for the data plane
 * keeps by it what it has made and counted. Members of lists are found by their name.
 */
export function unpacked<T>(before: T | undefined, next: T): T {
  const made = new Map<object, unknown>();
  const unpack = (old: unknown, one: unknown): unknown => {
    if (typeof one !== 'object' || one === null) return one;
    const there = made.get(one);
    if (there !== undefined) return there;
    const result = unpackOne(old, one, unpack);
    made.set(one, result);
    return result;
  };
  return unpack(before, next) as T;
}

type Unpack = (before: unknown, next: unknown) => unknown;

function unpackOne(before: unknown, next: object, unpack: Unpack): unknown {
  if ('nekubePrivateText' in next) {
    const text = new PrivateText(String(next.nekubePrivateText));
    return before instanceof PrivateText && before.equals(text) ? before : text;
  }
  if (next instanceof Map) return unpackMap(before instanceof Map ? before : new Map(), next, unpack);
  if (Array.isArray(next)) return unpackList(Array.isArray(before) ? before : [], next, unpack);
  const old = (typeof before === 'object' && before !== null ? before : {}) as Record<string, unknown>;
  const entries = Object.entries(next).map(([key, one]): [string, unknown] => [key, unpack(old[key], one)]);
  const same = entries.every(([key, one]) => key in old && old[key] === one);
  return same && before !== undefined && Object.keys(old).length === entries.length
    ? before
    : Object.fromEntries(entries);
}

function unpackMap(before: Map<unknown, unknown>, next: Map<unknown, unknown>, unpack: Unpack): Map<unknown, unknown> {
  const made = new Map([...next].map(([key, one]) => [key, unpack(before.get(key), one)]));
  const same = before.size === made.size && [...made].every(([key, one]) => before.has(key) && before.get(key) === one);
  return same ? before : made;
}

function unpackList(before: readonly unknown[], next: readonly unknown[], unpack: Unpack): readonly unknown[] {
  const named = new Map(before.flatMap((one) => (nameOf(one) === undefined ? [] : [[nameOf(one), one]])));
  const made = next.map((one, index) => unpack(named.get(nameOf(one)) ?? before[index], one));
  return before.length === made.length && made.every((one, index) => one === before[index]) ? before : made;
}

function nameOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { name, key } = value as { readonly name?: unknown; readonly key?: unknown };
  if (typeof name === 'string') return name;
  return typeof key === 'string' ? key : undefined;
}
