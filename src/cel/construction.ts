import { type Planned, spending } from './attribute.ts';
import { LIST_CREATE_COST, MAP_CREATE_COST, STRUCT_CREATE_COST } from './cost-range.ts';
import type { Frame, Step } from './frame.ts';
import { isUnhashable, unhashable } from './hashable.ts';
import { typeName } from './kind.ts';
import { ArrayList, CelError, type CelValue, EntryMap, Optional } from './value.ts';

/** An entry of a map, planned. */
export interface PlannedEntry {
  readonly key: Planned;
  readonly value: Planned;
  /** It is left out where its value is none. */
  readonly optional: boolean;
}

/** A field of an object, planned. */
export interface PlannedField {
  readonly key: string;
  readonly run: Step;
  /** It is left out where its value is none. */
  readonly optional: boolean;
}

/** Makes a list; the elements at `optionals` are left out where they are none. */
export function listStep(steps: readonly Step[], optionals: readonly number[]): Step {
  const isOptional = steps.map((_, i) => optionals.includes(i));
  const build: Step = (frame) => {
    const values: CelValue[] = [];
    for (let i = 0; i < steps.length; i++) {
      const value = steps[i]!(frame);
      if (value instanceof CelError) return value;
      const entry = isOptional[i] ? unwrap(value) : value;
      if (entry instanceof CelError) return entry;
      if (entry !== undefined) values.push(entry);
    }
    return new ArrayList(values);
  };
  return spending(build, LIST_CREATE_COST);
}

/** Makes a map. */
export function mapStep(entries: readonly PlannedEntry[]): Step {
  return spending((frame) => mapOf(entries, frame), MAP_CREATE_COST);
}

/** The map, where all that is in it is known. */
export function constantMap(entries: readonly PlannedEntry[]): CelValue | undefined {
  const isConstant = entries.every(
    ({ key, value, optional }) =>
      !optional && key.constant !== undefined && !isUnhashable(key.constant) && value.constant !== undefined,
  );
  const value = isConstant ? mapOf(entries, undefined) : undefined;
  return value instanceof CelError ? undefined : value;
}

/** @param frame undefined where all entries are constants */
function mapOf(entries: readonly PlannedEntry[], frame: Frame | undefined): CelValue {
  const made: [CelValue, CelValue][] = [];
  for (const { key, value, optional } of entries) {
    const name = key.constant ?? key.run(frame!);
    if (name instanceof CelError) return name;
    if (isUnhashable(name)) throw unhashable(name);
    const found = value.constant ?? value.run(frame!);
    if (found instanceof CelError) return found;
    const entry = optional ? unwrap(found) : found;
    if (entry instanceof CelError) return entry;
    if (entry === undefined) continue;
    made.push([name, entry]);
  }
  return new EntryMap(made);
}

/** Makes an object of its fields. */
export function structStep(
  fields: readonly PlannedField[],
  make: (fields: ReadonlyMap<string, CelValue>) => CelValue,
): Step {
  const build: Step = (frame) => {
    const values = new Map<string, CelValue>();
    for (const { key, run, optional } of fields) {
      const value = run(frame);
      if (value instanceof CelError) return value;
      const field = optional ? unwrap(value) : value;
      if (field instanceof CelError) return field;
      if (field !== undefined) values.set(key, field);
    }
    return make(values);
  };
  return spending(build, STRUCT_CREATE_COST);
}

/** What an optional entry adds; undefined for none. */
function unwrap(value: CelValue): CelValue | undefined {
  if (value instanceof Optional) return value.value;
  return new CelError(`cannot initialize optional entry from non-optional value ${typeName(value)}`);
}
