import type { JsonObject, JsonValue, KubeObject, StatusError } from 'nekube/apimachinery';
import { emptySet, type FieldPath, type FieldSet, type TypedValue, valueAt, Violations } from 'nekube/smd';
import type { Claim } from '../conflict-causes.ts';
import type { DecidedConflict } from '../decided-configuration.ts';
import type { Configuration } from '../field-conflicts.ts';
import type { ObjectType } from '../object-types.ts';
import { type Owner, readOwnership } from '../owners.ts';

/** What is known of an apply that is planned. */
export interface PlanInput {
  readonly configuration: Configuration;
  readonly fieldManager: string;
  readonly subresource: string;
  readonly live: KubeObject | undefined;
  /** What the server made of it in a dry run, with force where conflicts are undecided; undefined where it refused that. */
  readonly result: KubeObject | undefined;
  /** Why the server refuses even a forced apply. */
  readonly forceRefusal?: StatusError;
  readonly decided: readonly DecidedConflict[];
  readonly type: ObjectType;
}

/** An apply that is planned, with the questions that are asked about it. */
export class PlanSubject {
  readonly input: PlanInput;
  /** What the manager applied before. */
  readonly before: FieldSet;
  /** What it owns afterwards, as the server says; where it refused, what is applied. */
  readonly after: FieldSet;
  /** All others, before. */
  readonly others: readonly Owner[];
  readonly problems: readonly string[];

  constructor(input: PlanInput) {
    const { owners, problems } = readOwnership(input.live ?? { metadata: {} });
    const isOwn = (owner: Owner) =>
      owner.operation === 'Apply' && owner.manager === input.fieldManager && owner.subresource === input.subresource;
    this.input = input;
    this.before = owners.find(isOwn)?.fields ?? emptySet;
    this.after =
      input.result === undefined
        ? appliedFields(input)
        : (readOwnership(input.result).owners.find(isOwn)?.fields ?? emptySet);
    this.others = owners.filter((owner) => !isOwn(owner));
    this.problems = problems;
  }

  /** The value before, in the applied version. */
  live(path: FieldPath): JsonValue | undefined {
    return this.#at(this.input.live, path);
  }

  /** What the configuration states. */
  applied(path: FieldPath): JsonValue | undefined {
    return this.#at(this.input.configuration, path);
  }

  /** The value afterwards. */
  result(path: FieldPath): JsonValue | undefined {
    return this.#at(this.input.result, path);
  }

  /** Who else owns a field. */
  othersOf(path: FieldPath): Claim[] {
    return this.others.filter(({ fields }) => fields.has(path)).map(claimOf);
  }

  /** Who else owns a field, or anything in it. */
  othersWithin(path: FieldPath): Claim[] {
    return this.others.filter(({ fields }) => ownsWithin(fields, path)).map(claimOf);
  }

  /** An object as a value of its type; undefined where it does not fit. */
  typed(object: KubeObject | undefined): TypedValue | undefined {
    if (object === undefined) return undefined;
    const parsed = this.input.type.type.parse(object as JsonObject, { allowDuplicates: true });
    return parsed instanceof Violations ? undefined : parsed;
  }

  #at(object: KubeObject | undefined, path: FieldPath): JsonValue | undefined {
    return valueAt(object as JsonObject | undefined, path, this.input.type.type.type);
  }
}

function claimOf({ fields: _, ...claim }: Owner): Claim {
  return claim;
}

/** Whether a set has a path, or anything below it. */
export function ownsWithin(fields: FieldSet, path: FieldPath): boolean {
  let set = fields;
  for (const [i, element] of path.entries()) {
    const node = set.node(element);
    if (node === undefined) return false;
    if (i === path.length - 1) return true;
    set = node.children ?? emptySet;
  }
  return false;
}

/** As the server reads them, without what nobody owns. */
function appliedFields({ configuration, type }: PlanInput): FieldSet {
  const { apiVersion: _, kind: __, metadata, ...rest } = configuration;
  const { name: ___, namespace: ____, resourceVersion: _____, uid: ______, ...owned } = metadata;
  const stated = { ...rest, ...(Object.keys(owned).length > 0 && { metadata: owned }) };
  const parsed = type.type.parse(stated as JsonObject);
  const fields = parsed instanceof Violations ? parsed : parsed.toFieldSet();
  return fields instanceof Violations ? emptySet : fields;
}
