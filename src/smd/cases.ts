import { formatPath } from './fieldpath/path.ts';
import { fieldSetToJson } from './fieldpath/fields-v1.ts';
import { Conflicts } from './merge/conflict.ts';
import type { Managers } from './merge/managers.ts';
import { Updater } from './merge/updater.ts';
import { Schema } from './schema/schema.ts';
import type { SchemaData } from './schema/schema-data.ts';
import { deducedType, ParseableType } from './typed/parseable-type.ts';
import { TypedValue } from './typed/typed-value.ts';
import { Violations } from './typed/violations.ts';
import { equalValues, type Value } from './value/value.ts';

/** A sequence of applies and updates, and what structured-merge-diff made of each. */
export interface MergeCase {
  readonly schema?: SchemaData;
  /** A type of the schema. */
  readonly type?: string;
  /** Instead of a schema: types are deduced from the values. */
  readonly schemaless?: boolean;
  readonly steps: readonly MergeStep[];
}

/** A step of a {@link MergeCase}. One that is refused leaves everything as it was. */
export interface MergeStep {
  readonly op: 'apply' | 'update';
  readonly manager: string;
  readonly force?: boolean;
  readonly object: Value;
  readonly error?: {
    readonly reason: 'Invalid' | 'Conflict' | 'Error';
    readonly message: string;
    readonly conflicts?: readonly { readonly manager: string; readonly path: string }[];
  };
  /** The object after the step. */
  readonly live?: Value;
  /** An apply that changed nothing. */
  readonly unchanged?: boolean;
  /** What is owned after the step, as FieldsV1; the order of keys counts. */
  readonly managers?: Readonly<Record<string, { apiVersion: string; applied: boolean; set: Value }>>;
}

/** Where we differ from what a case expects. */
export interface CaseFailure {
  /** From 0. */
  readonly step: number;
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

/** Reads a case from its line of JSON; integers beyond 2^53 survive where the JavaScript engine shows their digits. */
export function parseMergeCase(line: string): MergeCase {
  const revive = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
    return context?.source !== undefined && /^-?\d+$/.test(context.source) ? BigInt(context.source) : value;
  };
  const parsed = JSON.parse(line, revive as (key: string, value: unknown) => unknown) as MergeCase;
  if (!Array.isArray(parsed?.steps)) throw new TypeError('a case must have steps');
  return parsed;
}

/** Runs a case; empty when all is as expected. Stops at the first step that differs, since all later ones build on it. */
export function runMergeCase(mergeCase: MergeCase): CaseFailure[] {
  const run = new CaseRun(mergeCase);
  for (const [i, step] of mergeCase.steps.entries()) {
    const failures = run.step(step);
    if (failures.length > 0) return failures.map((failure) => ({ step: i, ...failure }));
  }
  return [];
}

type Difference = Omit<CaseFailure, 'step'>;
type Outcome = { live: TypedValue; managers: Managers; unchanged: boolean };

const version = 'v1';

class CaseRun {
  private readonly type: ParseableType;
  private readonly updater = new Updater();
  private live: TypedValue;
  private managers: Managers = new Map();

  constructor(mergeCase: MergeCase) {
    this.type = mergeCase.schemaless
      ? deducedType
      : new ParseableType(new Schema(mergeCase.schema ?? {}).type(mergeCase.type ?? ''));
    this.live = new TypedValue(null, this.type.type);
  }

  step(step: MergeStep): Difference[] {
    const outcome = this.run(step);
    if (outcome instanceof Violations || outcome instanceof Conflicts) return compareRefusal(step, outcome);
    if (step.error !== undefined) {
      return differences('refusal', `${step.error.reason}: ${step.error.message}`, 'accepted');
    }
    this.live = outcome.live;
    this.managers = outcome.managers;
    return compareOutcome(step, outcome);
  }

  private run(step: MergeStep): Outcome | Conflicts | Violations {
    const object = this.type.parse(step.object, { allowDuplicates: step.op === 'update' });
    if (object instanceof Violations) return object;
    const change = { live: this.live, version, managers: this.managers, manager: step.manager };
    if (step.op === 'update') {
      const updated = this.updater.update(change, object);
      return updated instanceof Violations ? updated : { live: object, managers: updated.managers, unchanged: false };
    }
    const applied = this.updater.apply(change, object, step.force ?? false);
    if (applied instanceof Violations || applied instanceof Conflicts) return applied;
    const { managers } = applied;
    return { live: applied.object ?? this.live, managers, unchanged: applied.object === undefined };
  }
}

function differences(what: string, expected: string, actual: string): Difference[] {
  return expected === actual ? [] : [{ what, expected, actual }];
}

/** Of the invalid only the refusal counts: the real messages list defects in any order. */
function compareRefusal(step: MergeStep, refusal: Conflicts | Violations): Difference[] {
  const conflict = refusal instanceof Conflicts;
  if (step.error === undefined) return differences('acceptance', 'accepted', refusal.message);
  if (!conflict || step.error.reason !== 'Conflict') {
    return differences('reason', String(step.error.reason === 'Conflict'), String(conflict));
  }
  const expected = (step.error.conflicts ?? []).map(({ manager, path }) => `${manager} ${path}`).sort();
  const actual = refusal.list.map(({ manager, path }) => `${manager} ${formatPath(path)}`).sort();
  return [
    ...differences('message', step.error.message, refusal.message),
    ...differences('conflicts', expected.join('\n'), actual.join('\n')),
  ];
}

function compareOutcome(step: MergeStep, { live, managers, unchanged }: Outcome): Difference[] {
  const found: Difference[] = [];
  if (!equalValues(step.live, live.value)) found.push(...differences('live', show(step.live), show(live.value)));
  found.push(...differences('unchanged', String(step.unchanged ?? false), String(unchanged)));
  const expected = Object.entries(step.managers ?? {}).map(([name, m]) =>
    showManager(name, m.apiVersion, m.applied, m.set),
  );
  const actual = [...managers].map(([name, m]) => showManager(name, m.apiVersion, m.applied, fieldSetToJson(m.set)));
  return [...found, ...differences('managers', expected.sort().join('\n'), actual.sort().join('\n'))];
}

function showManager(name: string, apiVersion: string, applied: boolean, set: Value): string {
  return `${name} ${apiVersion} ${applied ? 'applied' : 'updated'} ${show(set)}`;
}

function show(value: Value | undefined): string {
  return JSON.stringify(value, (_key, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v)) ?? 'undefined';
}
