import { findField } from 'nekube/api';
import {
  baseEnvironment,
  BOOL,
  CelError,
  type CelType,
  declareType,
  type DeclaredType,
  type Environment,
  type Expression,
  maxCardinality,
  optionalType,
  type Program,
  sizesOf,
  STRING,
} from 'nekube/cel';
import type { StructuralSchema, ValidationRule } from './schema.ts';

/** A rule of a schema, compiled; what it has not is told in `fault` or `messageFault`. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program?: Program;
  /** Why there is no program. */
  readonly fault?: string;
  readonly message?: Program;
  readonly messageFault?: string;
  /** It compares with the old value, so that it applies to updates alone. */
  readonly usesOldSelf: boolean;
  /** What an evaluation costs at most. */
  readonly maxCost: number;
  readonly messageMaxCost: number;
  /** Where it reports, `spec.name`; empty for the value itself. */
  readonly fieldPath: string;
}

/** The rules of one schema, and how often its values can be in a request. */
export interface CompiledRules {
  readonly rules: readonly CompiledRule[];
  readonly maxCardinality: number;
}

const compiled = new WeakMap<StructuralSchema, CompiledRules | string>();

/**
 * Compiles the rules of a schema, once.
 *
 * @param isResource the schema is that of a whole object
 * @returns why no rule can be compiled, where values of the schema have no type in expressions
 */
export function compileRules(schema: StructuralSchema, isResource: boolean): CompiledRules | string {
  let known = compiled.get(schema);
  if (known === undefined) compiled.set(schema, (known = compileAll(schema, isResource)));
  return known;
}

function compileAll(schema: StructuralSchema, isResource: boolean): CompiledRules | string {
  const declared = declareType(schema, { name: 'selfType', isResource });
  if (declared === undefined) return 'unable to convert structural schema to CEL declarations';
  const compiler = new RuleCompiler(schema, declared);
  const rules = (schema['x-kubernetes-validations'] ?? []).map((rule) => compiler.compile(rule));
  return { rules, maxCardinality: maxCardinality(declared) };
}

class RuleCompiler {
  readonly #schema: StructuralSchema;
  readonly #declared: DeclaredType;

  constructor(schema: StructuralSchema, declared: DeclaredType) {
    this.#schema = schema;
    this.#declared = declared;
  }

  compile(rule: ValidationRule): CompiledRule {
    const nothing: CompiledRule = { rule, usesOldSelf: false, maxCost: 0, messageMaxCost: 0, fieldPath: '' };
    if (rule.rule.trim() === '') return nothing;
    const environment = this.#environment(rule.optionalOldSelf ?? false);
    const { expression, issues } = environment.compile(rule.rule);
    if (expression === undefined) return { ...nothing, fault: `compilation failed: ${issues.toString()}` };
    if (!isOfType(expression, BOOL)) return { ...nothing, fault: 'cel expression must evaluate to a bool' };
    const usesOldSelf = expression.variables.has('oldSelf');
    const program = expression.program();
    if (program instanceof CelError)
      return { ...nothing, usesOldSelf, fault: `program instantiation failed: ${program.message}` };
    return {
      rule,
      program,
      usesOldSelf,
      maxCost: this.#maxCost(expression),
      ...this.#compileMessage(environment, rule.messageExpression ?? ''),
      fieldPath: this.#fieldPath(rule.fieldPath ?? ''),
    };
  }

  #environment(optionalOldSelf: boolean): Environment {
    const { type } = this.#declared;
    const variables = { self: type, oldSelf: optionalOldSelf ? optionalType(type) : type };
    return baseEnvironment().extend({ variables });
  }

  #maxCost(expression: Expression): number {
    return expression.estimateCost({ sizeOf: sizesOf(this.#declared) }).max;
  }

  #compileMessage(
    environment: Environment,
    source: string,
  ): Pick<CompiledRule, 'message' | 'messageFault' | 'messageMaxCost'> {
    if (source === '') return { messageMaxCost: 0 };
    const { expression, issues } = environment.compile(source);
    const refuse = (messageFault: string) => ({ messageFault, messageMaxCost: 0 });
    if (expression === undefined) return refuse(`messageExpression compilation failed: ${issues.toString()}`);
    if (!isOfType(expression, STRING)) return refuse('messageExpression must evaluate to a string');
    const program = expression.program();
    if (program instanceof CelError) return refuse(`messageExpression instantiation failed: ${program.message}`);
    return { message: program, messageMaxCost: this.#maxCost(expression) };
  }

  #fieldPath(text: string): string {
    const found = text === '' ? undefined : findField(text, this.#schema, true);
    return found === undefined || 'fault' in found ? '' : found.path.toString();
  }
}

function isOfType({ outputType }: Expression, type: CelType): boolean {
  return outputType === type || (outputType.kind === type.kind && outputType.name === type.name);
}
