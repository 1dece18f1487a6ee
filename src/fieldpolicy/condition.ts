import { errorText, type JsonValue } from 'nekube/apimachinery';
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

/** What it costs to ask at all: many cheap conditions about many fields take time, too. */
const CALL_COST = 100;

/** A condition, ready to be evaluated. */
export interface Condition {
  /** True if it mentions `self`, the object if the apply took everything. */
  readonly needsTaken: boolean;
  /** True if it mentions the field in conflict or its owner; else it is the same for all conflicts of an apply. */
  readonly ofField: boolean;
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
  try {
    return compiled(source);
  } catch (error) {
    // one policy must not end the server that reads all of them
    return `condition does not compile: ${errorText(error)}`;
  }
}

function compiled(source: string): Condition | string {
  const { expression, issues } = environment().compile(source);
  if (expression === undefined) return `condition does not compile: ${issues.toString()}`;
  if (!sameType(expression.outputType, BOOL) && !sameType(expression.outputType, DYN))
    return `condition must give a bool, but gives ${expression.outputType}`;
  const program = expression.program();
  if (program instanceof CelError) return `condition does not compile: ${program.message}`;
  return {
    needsTaken: program.variables.includes('self'),
    ofField: program.variables.includes('path') || program.variables.includes('other'),
    evaluate: (apply, conflict, budget) => evaluate(program, (name) => valueOf(name, apply, conflict), budget),
  };
}

function evaluate(program: Program, activation: Activation, budget: number): Outcome {
  if (budget < CALL_COST) return { holds: 'the budget of all conditions is spent', cost: budget };
  const { value, cost: own } = evaluated(program, activation, Math.min(budget, CALL_LIMIT));
  const cost = own + CALL_COST;
  if (typeof value === 'boolean') return { holds: value, cost };
  const why = value instanceof CelError ? value.message : 'it does not give a bool';
  return {
    holds: budget < CALL_LIMIT && own >= budget ? `${why} (the budget of all conditions is spent)` : why,
    cost,
  };
}

function evaluated(program: Program, activation: Activation, costLimit: number): ReturnType<Program['evaluate']> {
  try {
    return program.evaluate(activation, { costLimit });
  } catch (error) {
    return { value: new CelError(errorText(error)), cost: costLimit };
  }
}

function valueOf(name: string, apply: ContestedApply, { path, owner }: ContestedField): CelValue | undefined {
  switch (name) {
    case 'self':
      return remembered(after, apply, () => takenBy(apply));
    case 'oldSelf':
      return remembered(before, apply, () => fromJson(apply.live as unknown as JsonValue));
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

/** The objects of an apply as values, which are the same for all conditions about all its conflicts: to merge takes long. */
const before = new WeakMap<ContestedApply, CelValue>();
const after = new WeakMap<ContestedApply, CelValue>();

function remembered(values: WeakMap<ContestedApply, CelValue>, apply: ContestedApply, make: () => CelValue): CelValue {
  let value = values.get(apply);
  if (value === undefined) values.set(apply, (value = make()));
  return value;
}

function takenBy(apply: ContestedApply): CelValue {
  try {
    return fromJson(apply.taken() as unknown as JsonValue);
  } catch (error) {
    return new CelError(`self cannot be made: ${errorText(error)}`);
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
