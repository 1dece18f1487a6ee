import type { JsonValue } from 'nekube/apimachinery';
import {
  type Activation,
  baseEnvironment,
  BOOL,
  CelError,
  type CelType,
  type CelValue,
  DYN,
  type Environment,
  fromJson,
  listType,
  objectType,
  type Program,
  sameType,
  STRING,
} from 'nekube/cel';
import { formatPath } from 'nekube/smd';
import type { ContestedApply, ContestedField } from './contract.ts';

/** What the condition of one policy may cost about one conflict, as in admission policies. */
const CALL_LIMIT = 1_000_000;
/** What all conditions may cost about one apply. */
export const CONDITION_BUDGET = 10_000_000;

/** A condition, ready to be evaluated. */
export interface Condition {
  /** True if it mentions `self`, the object if the apply took everything. */
  readonly needsTaken: boolean;
  /** Whether it holds, and what that cost; or why that cannot be told. */
  evaluate(apply: ContestedApply, conflict: ContestedField, budget: number): Outcome;
}

/** What came of a condition. */
export interface Outcome {
  /** A text says why it cannot be told. */
  readonly holds: boolean | string;
  readonly cost: number;
}

/** Compiles a condition. @returns What is wrong with it, where it does not compile. */
export function compileCondition(source: string): Condition | string {
  const { expression, issues } = environment().compile(source);
  if (expression === undefined) return `condition does not compile: ${issues.toString()}`;
  if (!sameType(expression.outputType, BOOL) && !sameType(expression.outputType, DYN))
    return `condition must give a bool, but gives ${expression.outputType}`;
  const program = expression.program();
  if (program instanceof CelError) return `condition does not compile: ${program.message}`;
  return {
    needsTaken: program.variables.includes('self'),
    evaluate: (apply, conflict, budget) => evaluate(program, (name) => valueOf(name, apply, conflict), budget),
  };
}

function evaluate(program: Program, activation: Activation, budget: number): Outcome {
  const { value, cost } = program.evaluate(activation, { costLimit: Math.min(budget, CALL_LIMIT) });
  if (typeof value === 'boolean') return { holds: value, cost };
  const why = value instanceof CelError ? value.message : 'it does not give a bool';
  return {
    holds: budget < CALL_LIMIT && cost >= budget ? `${why} (the budget of all conditions is spent)` : why,
    cost,
  };
}

function valueOf(name: string, apply: ContestedApply, { path, owner }: ContestedField): CelValue | undefined {
  switch (name) {
    case 'self':
      return takenBy(apply);
    case 'oldSelf':
      return fromJson(apply.live as unknown as JsonValue);
    case 'path':
      return formatPath(path);
    case 'manager':
      return apply.manager;
    case 'other':
      return fromJson({ name: owner.manager, operation: owner.operation, subresource: owner.subresource });
    case 'user':
      return userOf(apply);
    default:
      return undefined;
  }
}

function takenBy(apply: ContestedApply): CelValue {
  try {
    return fromJson(apply.taken() as unknown as JsonValue);
  } catch (error) {
    return new CelError(`self cannot be made: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function userOf({ user }: ContestedApply): CelValue {
  if (user === undefined) return new CelError('it is not known who applies');
  return fromJson({ name: user.name, groups: [...user.groups] });
}

let made: Environment | undefined;

/** The names that conditions can use. */
function environment(): Environment {
  made ??= baseEnvironment().extend({
    variables: {
      self: DYN,
      oldSelf: DYN,
      path: STRING,
      manager: STRING,
      other: struct('nekube.OtherManager', { name: STRING, operation: STRING, subresource: STRING }),
      user: struct('nekube.User', { name: STRING, groups: listType(STRING) }),
    },
  });
  return made;
}

function struct(name: string, fields: Readonly<Record<string, CelType>>): CelType {
  return objectType(name, (field) => {
    const type = Object.hasOwn(fields, field) ? fields[field] : undefined;
    return type && { type };
  });
}
