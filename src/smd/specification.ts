import { excludeFilter } from './fieldpath/filter.ts';
import { formatPath, pathOf } from './fieldpath/path.ts';
import { FieldSet } from './fieldpath/set.ts';
import { Conflicts } from './merge/conflict.ts';
import type { Managers } from './merge/managers.ts';
import { type Applied, Updater } from './merge/updater.ts';
import { Schema } from './schema/schema.ts';
import type { SchemaData } from './schema/schema-data.ts';
import { deducedType, ParseableType } from './typed/parseable-type.ts';
import { TypedValue } from './typed/typed-value.ts';
import { Violations } from './typed/violations.ts';
import { equalValues, type Value } from './value/value.ts';

/** A sentence about behaviour, and the steps that show it; as in testdata/apply. */
export interface Specification {
  readonly name: string;
  /** Without one, types are deduced. */
  readonly schema?: SchemaData;
  readonly type?: string;
  /** Paths, as names of fields, that nobody comes to own. */
  readonly ignore?: readonly (readonly string[])[];
  readonly steps: readonly SpecificationStep[];
  /** What comes of it. */
  readonly object: Value;
  /** The paths that each manager owns in the end. */
  readonly owned: Readonly<Record<string, readonly string[]>>;
}

/** An apply, an update, or a change behind the managers' backs; `conflict` or `invalid` is the message it is refused with. */
export interface SpecificationStep {
  readonly apply?: { readonly manager: string; readonly object: Value; readonly force?: boolean };
  readonly update?: { readonly manager: string; readonly object: Value };
  readonly schema?: SchemaData;
  /** What this manager owns becomes nobody's. */
  readonly forget?: string;
  readonly conflict?: string;
  readonly invalid?: string;
}

/** Runs a specification; texts that say what is not as it says, empty when all is. */
export function runSpecification(specification: Specification): string[] {
  const run = new SpecificationRun(specification);
  const failures = specification.steps.flatMap((step, i) => run.step(step).map((text) => `step ${i + 1}: ${text}`));
  return [...failures, ...run.compareEnd()];
}

const version = 'v1';

class SpecificationRun {
  private readonly specification: Specification;
  private readonly updater: Updater;
  private type: ParseableType;
  private live: Value = null;
  private managers: Managers = new Map();

  constructor(specification: Specification) {
    this.specification = specification;
    this.type = this.typeOf(specification.schema);
    const ignored = FieldSet.of(...(specification.ignore ?? []).map((names) => pathOf(...names)));
    this.updater = new Updater({ filters: new Map([[version, excludeFilter(ignored)]]) });
  }

  step(step: SpecificationStep): string[] {
    if (step.schema !== undefined) this.type = this.typeOf(step.schema);
    if (step.forget !== undefined) this.managers = new Map([...this.managers].filter(([name]) => name !== step.forget));
    if (step.apply === undefined && step.update === undefined) return [];
    const expected = step.conflict ?? step.invalid ?? 'accepted';
    const outcome = this.run(step);
    return outcome === expected ? [] : [`expected ${expected}\n     got ${outcome}`];
  }

  private run({ apply, update }: SpecificationStep): string {
    const { manager, object } = (apply ?? update)!;
    const value = this.type.parse(object, { allowDuplicates: update !== undefined });
    if (value instanceof Violations) return value.message;
    const live = new TypedValue(this.live, this.type.type);
    const change = { live, version, managers: this.managers, manager };
    const result =
      apply === undefined
        ? this.updater.update(change, value)
        : this.updater.apply(change, value, apply.force ?? false);
    if (result instanceof Violations || result instanceof Conflicts) return result.message;
    this.managers = result.managers;
    if (apply === undefined) this.live = object;
    else this.live = ((result as Applied).object ?? live).value ?? null;
    return 'accepted';
  }

  compareEnd(): string[] {
    const { object, owned } = this.specification;
    const failures: string[] = [];
    if (!equalValues(object, this.live)) failures.push(difference('object', object, this.live));
    const actual = Object.fromEntries(
      [...this.managers].map(([manager, { set }]) => [manager, [...set.paths()].map(formatPath).sort()]),
    );
    const expected = Object.fromEntries(
      Object.entries(owned).map(([manager, paths]): [string, Value] => [manager, [...paths].sort()]),
    );
    if (!equalValues(expected, actual)) failures.push(difference('owned', expected, actual));
    return failures;
  }

  private typeOf(schema: SchemaData | undefined): ParseableType {
    if (schema === undefined) return deducedType;
    return new ParseableType(new Schema(schema).type(this.specification.type ?? ''));
  }
}

function difference(what: string, expected: Value, actual: Value): string {
  return `${what}: expected ${JSON.stringify(expected)}\n     got ${JSON.stringify(actual)}`;
}
