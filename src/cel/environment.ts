import { check, type Checked, type Declarations, type IdentDeclaration } from './checker.ts';
import { estimateCost, type EstimateOptions } from './cost-estimate.ts';
import type { CostRange } from './cost-range.ts';
import type { FunctionCost, FunctionDeclaration } from './function.ts';
import type { Issues } from './issue.ts';
import { parse } from './parser.ts';
import { type ObjectMaker, plan, type Program } from './plan.ts';
import { type CelType, typeType } from './type.ts';
import { validateLiterals } from './validators.ts';
import { type CelError, TypeValue } from './value.ts';

/** What an environment adds to the one that it extends. */
export interface EnvironmentOptions {
  /** Variables by their names; one may be shadowed, not declared twice. */
  readonly variables?: Readonly<Record<string, CelType>>;
  /** Overloads are added to those of a function of the same name. */
  readonly functions?: readonly FunctionDeclaration[];
  /** Types that expressions can name, as in `type(x) == kubernetes.Quantity`. */
  readonly types?: readonly CelType[];
  /** The type of `Name{…}` and its fields; undefined for a name that is none. */
  readonly objectType?: (name: string) => CelType | undefined;
  /** Makes the values of `Name{…}`. */
  readonly makeObject?: ObjectMaker;
  /** What functions cost, by their names. */
  readonly functionCosts?: ReadonlyMap<string, FunctionCost>;
}

/** What came of compiling: an expression, or issues. */
export interface Compilation {
  /** Undefined when there are issues. */
  readonly expression: Expression | undefined;
  /** Their text is `issues.toString()`. */
  readonly issues: Issues;
}

/** All that an environment knows. */
interface Names {
  readonly idents: ReadonlyMap<string, IdentDeclaration>;
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  readonly objectTypes: readonly ((name: string) => CelType | undefined)[];
  readonly makeObject: ObjectMaker | undefined;
  readonly functionCosts: ReadonlyMap<string, FunctionCost>;
}

const NO_NAMES: Names = {
  idents: new Map(),
  functions: new Map(),
  objectTypes: [],
  makeObject: undefined,
  functionCosts: new Map(),
};

/** The names that expressions can use. Environments are shared and never changed; {@link extend} makes new ones. */
export class Environment implements Declarations {
  readonly #names: Names;

  constructor(options: EnvironmentOptions, base: Environment | undefined = undefined) {
    const inherited = base === undefined ? NO_NAMES : base.#names;
    this.#names = {
      idents: new Map([...inherited.idents, ...identsOf(options)]),
      functions: mergeFunctions(inherited.functions, options.functions ?? []),
      objectTypes: [...(options.objectType ? [options.objectType] : []), ...inherited.objectTypes],
      makeObject: options.makeObject ?? inherited.makeObject,
      functionCosts: new Map([...inherited.functionCosts, ...(options.functionCosts ?? [])]),
    };
  }

  /** An environment with more names. */
  extend(options: EnvironmentOptions): Environment {
    return new Environment(options, this);
  }

  ident(name: string): IdentDeclaration | undefined {
    const known = this.#names.idents.get(name);
    if (known !== undefined) return known;
    for (const find of this.#names.objectTypes) {
      const type = find(name);
      if (type !== undefined) return { name, type: typeType(type), value: new TypeValue(name) };
    }
    return undefined;
  }

  function(name: string): FunctionDeclaration | undefined {
    return this.#names.functions.get(name);
  }

  /** Parses and checks an expression. Nothing is thrown: what is wrong with it are issues. */
  compile(source: string): Compilation {
    const parsed = parse(source);
    if (parsed.expr === undefined) return { expression: undefined, issues: parsed.issues };
    const checked = check(source, parsed.expr, this);
    if (checked.issues.count === 0) validateLiterals(checked);
    const { issues } = checked;
    if (issues.count > 0) return { expression: undefined, issues };
    return { expression: new Expression(checked, this.#names.functionCosts, this.#names.makeObject), issues };
  }
}

/** An expression that was compiled without issues. */
export class Expression {
  /** The type of its values. */
  readonly outputType: CelType;
  /** The variables that it mentions, in the order in which it does first. */
  readonly variables: ReadonlySet<string>;
  readonly #checked: Checked;
  readonly #functionCosts: ReadonlyMap<string, FunctionCost>;
  readonly #makeObject: ObjectMaker | undefined;
  #program: Program | CelError | undefined;

  constructor(checked: Checked, functionCosts: ReadonlyMap<string, FunctionCost>, makeObject: ObjectMaker | undefined) {
    this.outputType = checked.typeOf(checked.expr);
    this.variables = new Set(checked.variables);
    this.#checked = checked;
    this.#functionCosts = functionCosts;
    this.#makeObject = makeObject;
  }

  /** Ready to be evaluated; an error when a part that never changes has no value, such as `int('x')`. */
  program(): Program | CelError {
    this.#program ??= plan(this.#checked, {
      functionCosts: this.#functionCosts,
      ...(this.#makeObject && { makeObject: this.#makeObject }),
    });
    return this.#program;
  }

  /** What an evaluation costs at least and at most, for values of bounded sizes. */
  estimateCost(options: Omit<EstimateOptions, 'functionCosts'> = {}): CostRange {
    return estimateCost(this.#checked, { ...options, functionCosts: this.#functionCosts });
  }
}

function* identsOf({ variables = {}, types = [] }: EnvironmentOptions): Iterable<[string, IdentDeclaration]> {
  for (const [name, type] of Object.entries(variables)) yield [name, { name, type }];
  for (const type of types) {
    const { name } = type;
    yield [name, { name, type: typeType(type), value: new TypeValue(name) }];
  }
}

/** Overloads with an id that is there already take the place of the old one. */
function mergeFunctions(
  base: ReadonlyMap<string, FunctionDeclaration> | undefined,
  added: readonly FunctionDeclaration[],
): ReadonlyMap<string, FunctionDeclaration> {
  const merged = new Map(base);
  for (const declaration of added) {
    const known = merged.get(declaration.name);
    merged.set(declaration.name, known === undefined ? declaration : mergeFunction(known, declaration));
  }
  return merged;
}

function mergeFunction(known: FunctionDeclaration, added: FunctionDeclaration): FunctionDeclaration {
  const overloads = new Map(known.overloads.map((overload) => [overload.id, overload]));
  for (const overload of added.overloads) overloads.set(overload.id, overload);
  return { name: known.name, overloads: [...overloads.values()], unguarded: known.unguarded && added.unguarded };
}
