import type { layout, MapSpec } from 'nekube/bpf';
import { addressText } from '../maps/address.ts';
import type { ServiceContents } from '../maps/writes.ts';
import { unmapped } from './frontends.ts';

/** An element of a map, with numbers and texts for its bytes. */
export interface EntryView {
  readonly key: unknown;
  readonly value: unknown;
}

/** What bytes of a map mean, by its layouts: addresses as their texts, other bytes as hexadecimal digits, numbers of 64 bits as texts. */
export function viewEntry(spec: MapSpec, key: Uint8Array, value: Uint8Array): EntryView {
  return { key: decoded(spec.key, key), value: decoded(spec.value, value) };
}

/** What of a map's entries is decoded, by the names of maps. */
export function viewContents(
  { entries }: ServiceContents,
  specs: readonly MapSpec[],
): ReadonlyMap<string, readonly EntryView[]> {
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  const found = new Map<string, EntryView[]>();
  for (const { map, key, value } of entries) {
    const spec = byName.get(map);
    if (spec === undefined || value === undefined) continue;
    const ofMap = found.get(map) ?? [];
    found.set(map, ofMap);
    ofMap.push(viewEntry(spec, key, value));
  }
  return found;
}

/** The values of all CPUs are summed where they are numbers. */
export function viewPerCpu(spec: MapSpec, key: Uint8Array, values: readonly unknown[]): EntryView {
  return { key: decoded(spec.key, key), value: values.map(plain).reduce(sum) };
}

function decoded(of: layout.Layout, bytes: Uint8Array): unknown {
  return plain(of.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0));
}

/** Fields that are as long as addresses are taken for addresses. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : `${value}`;
  if (value instanceof Uint8Array) return bytesText(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
}

function bytesText(bytes: Uint8Array): string {
  if (bytes.length === 4) return addressText(bytes);
  if (bytes.length === 16) return unmapped(bytes) ?? '::';
  return Buffer.from(bytes).toString('hex');
}

function sum(a: unknown, b: unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a;
  return Object.fromEntries(
    Object.entries(a).map(([name, field]) => [name, sum(field, (b as Record<string, unknown>)[name])]),
  );
}
