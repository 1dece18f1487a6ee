import type { ExpressionUse, PolicyCompiler } from 'nekube/api';
import { CelError, type CelType, DYN, objectType, type Program, sameType } from 'nekube/cel';
import { type EnvironmentUse, environmentFor, OUTPUTS } from './environment.ts';
import { CONDITIONS_BUDGET, OutOfBudget, type Values } from './evaluation.ts';
import type { NamedExpression, PolicySpec } from './policies.ts';

/** The variables of a policy by their names, compiled. */
export type Variables = ReadonlyMap<string, Compiled>;

/** An expression that is compiled, or why it is not. */
export interface Compiled {
  readonly source: string;
  readonly program?: Program;
  readonly problem?: string;
  /** That it can use. */
  readonly variables?: Variables;
}

/** Compiles the expressions of one policy or webhook. */
export class ExpressionCompiler implements PolicyCompiler {
  readonly #variables: Map<string, Compiled> | undefined;
  readonly #types = new Map<string, CelType>();
  readonly #variablesType: CelType;

  /** @param variables whether there is a name `variables`, with what is defined meanwhile */
  constructor({ variables }: { readonly variables: boolean }) {
    this.#variables = variables ? new Map() : undefined;
    this.#variablesType = objectType('kubernetes.variables', (name) => {
      const type = this.#types.get(name);
      return type && { type };
    });
  }

  problem(use: ExpressionUse, expression: string, params: boolean): string | undefined {
    return this.compile(use, expression, params).problem;
  }

  define(name: string, expression: string, params: boolean): string | undefined {
    const { compiled, type } = this.#compile('variable', expression, params);
    this.#types.set(name, type ?? DYN);
    this.#variables?.set(name, compiled);
    return compiled.problem;
  }

  /** Compiles for a use, which says what the expression may be about and what it must give. */
  compile(use: ExpressionUse, source: string, params: boolean): Compiled {
    return this.#compile(use, source, params).compiled;
  }

  #compile(
    use: ExpressionUse | 'variable',
    source: string,
    params: boolean,
  ): { readonly compiled: Compiled; readonly type?: CelType } {
    const about: EnvironmentUse = {
      params,
      authorizer: use !== 'message',
      patches: use === 'applyConfiguration' || use === 'jsonPatch',
    };
    const environment = environmentFor(about);
    const whole = this.#variables ? environment.extend({ variables: { variables: this.#variablesType } }) : environment;
    const { expression, issues } = whole.compile(source);
    const failed = (problem: string) => ({ compiled: { source, problem } });
    if (expression === undefined) return failed(`compilation failed: ${issues.toString()}`);
    const { outputType } = expression;
    const wanted = OUTPUTS[use];
    if (wanted.length > 0 && !wanted.some((type) => sameType(type, outputType)))
      return { ...failed(wrongOutput(wanted, outputType)), type: outputType };
    const program = expression.program();
    if (program instanceof CelError) return failed(`program instantiation failed: ${program.message}`);
    return {
      compiled: { source, program, ...(this.#variables && { variables: this.#variables }) },
      type: outputType,
    };
  }
}

function wrongOutput(wanted: readonly CelType[], given: CelType): string {
  if (wanted.length === 1) return `must evaluate to ${wanted[0]} but got ${given}`;
  return `must evaluate to one of [${wanted.join(' ')}] but got ${given}`;
}

/** Match conditions, compiled, and what is to be done where they fail. */
export interface CompiledConditions {
  readonly expressions: readonly Compiled[];
  readonly failurePolicy: PolicySpec['failurePolicy'];
}

/** Compiles match conditions. */
export function compileConditions(
  compiler: ExpressionCompiler,
  conditions: readonly NamedExpression[],
  params: boolean,
  failurePolicy: PolicySpec['failurePolicy'],
): CompiledConditions {
  const expressions = conditions.map(({ expression }) => compiler.compile('condition', expression, params));
  return { expressions, failurePolicy };
}

/** Whether all conditions hold: one that does not decides, else one that fails is an error, or with Ignore a no. */
export function conditionsHold(
  { expressions, failurePolicy }: CompiledConditions,
  values: Values,
): { readonly hold: boolean; readonly error?: string } {
  if (expressions.length === 0) return { hold: true };
  const failed = (error: string) => (failurePolicy === 'Ignore' ? { hold: false } : { hold: false, error });
  try {
    const { outcomes } = values.forConditions().all(expressions, CONDITIONS_BUDGET);
    if (outcomes.some((outcome) => outcome?.value === false)) return { hold: false };
    const errors = outcomes.flatMap((outcome) => outcome?.error ?? []);
    return errors.length === 0 ? { hold: true } : failed(aggregate(errors));
  } catch (error) {
    if (error instanceof OutOfBudget) return failed(error.message);
    throw error;
  }
}

/** Several errors as Go prints them together; equal ones once. */
function aggregate(errors: readonly string[]): string {
  const distinct = [...new Set(errors)];
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`;
}
