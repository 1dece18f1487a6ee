import { isJsonObject, jsonEqual, type JsonObject, type JsonValue } from 'nekube/apimachinery';
import { formatCelDuration, formatTimestamp } from '../time.ts';
import {
  type CelValue,
  Duration,
  ListValue,
  MapValue,
  ObjectValue,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
} from '../value.ts';

/** A value of JSON without a schema: whole numbers are ints, all else is what it looks like. */
export function fromJson(value: JsonValue): CelValue {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return new JsonList(value);
  return isJsonObject(value) ? new JsonMap(value) : value;
}

/** A list of JSON without a schema. */
class JsonList extends ListValue {
  readonly raw: readonly JsonValue[];

  constructor(raw: readonly JsonValue[]) {
    super();
    this.raw = raw;
  }

  get size(): number {
    return this.raw.length;
  }

  get(index: number): CelValue {
    return fromJson(this.raw[index]!);
  }
}

/** An object of JSON without a schema. */
class JsonMap extends MapValue {
  readonly raw: JsonObject;

  constructor(raw: JsonObject) {
    super();
    this.raw = raw;
  }

  get size(): number {
    return Object.keys(this.raw).length;
  }

  find(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.raw, key)) return undefined;
    return fromJson(this.raw[key]!);
  }

  keys(): Iterable<CelValue> {
    return Object.keys(this.raw);
  }
}

/** What a schema preserves without describing it; expressions can only compare it. */
export class PreservedValue extends ObjectValue {
  readonly raw: JsonValue;
  readonly type: TypeValue = new TypeValue('unknown');

  constructor(raw: JsonValue) {
    super();
    this.raw = raw;
  }

  equals(other: CelValue): boolean {
    return jsonEqual(this.raw, toJson(other));
  }
}

/** A value that adapters made of JSON, or that can be seen as such, knows what it was made of. */
export interface HasRaw {
  readonly raw: JsonValue;
}

/** A value as JSON; undefined for what JSON has no form for. */
export function toJson(value: CelValue): JsonValue | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return fromInteger(value);
  if (value instanceof Uint) return fromInteger(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatCelDuration(value);
  if ('raw' in value) return (value as unknown as HasRaw).raw;
  if (value instanceof Optional) return value.value === undefined ? null : toJson(value.value);
  if (value instanceof ListValue) return [...value].map((element) => toJson(element) ?? null);
  return value instanceof MapValue ? objectOf(value) : undefined;
}

function objectOf(map: MapValue): JsonObject {
  const entries = [...map.keys()].map((key) => [keyText(key), toJson(map.find(key)!) ?? null] as const);
  return Object.fromEntries(entries);
}

function keyText(key: CelValue): string {
  return key instanceof Uint ? String(key.value) : String(key);
}

function fromInteger(value: bigint): JsonValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
