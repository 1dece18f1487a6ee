import { ACCUMULATOR, type Call, type Comprehension, type Expr, type Literal } from './ast.ts';
import type { CelValue } from './value.ts';

/** Makes the nodes of an expansion; all of them stand where the macro's call does. */
export interface NodeFactory {
  node(): { readonly id: number; readonly at: number };
}

/** Why an expansion is refused. */
export class MacroError {
  /** Where, if not at the call. */
  readonly at: number | undefined;
  readonly message: string;

  constructor(at: number | undefined, message: string) {
    this.at = at;
    this.message = message;
  }
}

/** Expands a call; undefined leaves it a call. */
export type Expander = (make: Maker, target: Expr | undefined, args: readonly Expr[]) => Expr | MacroError | undefined;

/** A macro: a call by this name, form and count of arguments is replaced. */
export interface Macro {
  readonly name: string;
  readonly receiver: boolean;
  readonly args: number;
  readonly expand: Expander;
}

/** Builds expansions. */
export class Maker {
  readonly #factory: NodeFactory;

  constructor(factory: NodeFactory) {
    this.#factory = factory;
  }

  literal(value: CelValue): Literal {
    return { kind: 'literal', ...this.#factory.node(), value };
  }

  ident(name: string): Expr {
    return { kind: 'ident', ...this.#factory.node(), name };
  }

  accumulator(): Expr {
    return this.ident(ACCUMULATOR);
  }

  call(name: string, ...args: Expr[]): Call {
    return { kind: 'call', ...this.#factory.node(), function: name, target: undefined, args };
  }

  list(...elements: Expr[]): Expr {
    return { kind: 'list', ...this.#factory.node(), elements, optionals: [] };
  }

  map(): Expr {
    return { kind: 'map', ...this.#factory.node(), entries: [] };
  }

  presence(operand: Expr, field: string): Expr {
    return { kind: 'select', ...this.#factory.node(), operand, field, testOnly: true };
  }

  fold(parts: Omit<Comprehension, 'kind' | 'id' | 'at' | 'accumulator'> & { accumulator?: string }): Comprehension {
    return { kind: 'comprehension', ...this.#factory.node(), accumulator: ACCUMULATOR, ...parts };
  }
}

type Variables = Pick<Comprehension, 'variable' | 'variable2'>;
type Fold = (make: Maker, range: Expr, variables: Variables, args: readonly Expr[]) => Expr;

const OVERWRITES = 'iteration variable overwrites accumulator variable';

function simpleName(expr: Expr, otherwise: string): string | MacroError {
  return expr.kind === 'ident' ? expr.name : new MacroError(expr.at, otherwise);
}

/** @param unnamed what is said of a variable that is no name */
function readVariable(expr: Expr, unnamed: string): string | MacroError {
  const name = simpleName(expr, unnamed);
  if (name instanceof MacroError) return name;
  return name === ACCUMULATOR || name === '__result__' ? new MacroError(expr.at, OVERWRITES) : name;
}

function oneVariable(fold: Fold, unnamed = 'argument must be a simple name'): Expander {
  return (make, target, [first, ...rest]) => {
    const variable = readVariable(first!, unnamed);
    if (variable instanceof MacroError) return variable;
    return fold(make, target!, { variable, variable2: undefined }, rest);
  };
}

function twoVariables(fold: Fold): Expander {
  return (make, target, [first, second, ...rest]) => {
    const names = [first!, second!].map((expr) => simpleName(expr, 'argument must be a simple name'));
    const wrong = names.find((name) => name instanceof MacroError);
    if (wrong !== undefined) return wrong;
    const [variable, variable2] = names as [string, string];
    if (variable === variable2) return new MacroError(second!.at, `duplicate variable name: ${variable}`);
    for (const expr of [first!, second!]) {
      const read = readVariable(expr, '');
      if (read instanceof MacroError) return read;
    }
    return fold(make, target!, { variable, variable2 }, rest);
  };
}

const all: Fold = (make, range, variables, [predicate]) => {
  const init = make.literal(true);
  const condition = make.call('@not_strictly_false', make.accumulator());
  const step = make.call('_&&_', make.accumulator(), predicate!);
  return make.fold({ range, ...variables, init, condition, step, result: make.accumulator() });
};

const exists: Fold = (make, range, variables, [predicate]) => {
  const init = make.literal(false);
  const condition = make.call('@not_strictly_false', make.call('!_', make.accumulator()));
  const step = make.call('_||_', make.accumulator(), predicate!);
  return make.fold({ range, ...variables, init, condition, step, result: make.accumulator() });
};

const existsOne: Fold = (make, range, variables, [predicate]) => {
  const init = make.literal(0n);
  const condition = make.literal(true);
  const more = make.call('_+_', make.accumulator(), make.literal(1n));
  const step = make.call('_?_:_', predicate!, more, make.accumulator());
  const result = make.call('_==_', make.accumulator(), make.literal(1n));
  return make.fold({ range, ...variables, init, condition, step, result });
};

/** `(transform)` or `(filter, transform)` into a list. */
const toList: Fold = (make, range, variables, args) => {
  const init = make.list();
  const condition = make.literal(true);
  const longer = make.call('_+_', make.accumulator(), make.list(args.at(-1)!));
  const step = args.length > 1 ? make.call('_?_:_', args[0]!, longer, make.accumulator()) : longer;
  return make.fold({ range, ...variables, init, condition, step, result: make.accumulator() });
};

/** Into a map, whose entries `insert` makes of the transform. */
function toMap(insert: (make: Maker, variable: string, transform: Expr) => Expr): Fold {
  return (make, range, variables, args) => {
    const init = make.map();
    const condition = make.literal(true);
    const larger = insert(make, variables.variable, args.at(-1)!);
    const step = args.length > 1 ? make.call('_?_:_', args[0]!, larger, make.accumulator()) : larger;
    return make.fold({ range, ...variables, init, condition, step, result: make.accumulator() });
  };
}

const transformMap = toMap((make, variable, transform) =>
  make.call('cel.@mapInsert', make.accumulator(), make.ident(variable), transform),
);
const transformMapEntry = toMap((make, _, transform) => make.call('cel.@mapInsert', make.accumulator(), transform));

const filter: Expander = (make, target, [element, predicate]) => {
  const variable = readVariable(element!, 'argument is not an identifier');
  if (variable instanceof MacroError) return variable;
  const init = make.list();
  const condition = make.literal(true);
  const longer = make.call('_+_', make.accumulator(), make.list(element!));
  const step = make.call('_?_:_', predicate!, longer, make.accumulator());
  const result = make.accumulator();
  return make.fold({ range: target!, variable, variable2: undefined, init, condition, step, result });
};

const has: Expander = (make, _, [argument]) =>
  argument?.kind === 'select'
    ? make.presence(argument.operand, argument.field)
    : new MacroError(argument!.at, 'invalid argument to has() macro');

/** `list.sortBy(e, key)`: the list, named once, is sorted by the keys that a map makes of it. */
const sortBy: Expander = (make, target, args) => {
  if (target!.kind === 'literal' || target!.kind === 'map' || target!.kind === 'struct') {
    const fit = 'a list, identifier, comprehension, call or select expression';
    return new MacroError(target!.at, `sortBy can only be applied to ${fit}`);
  }
  const name = '@__sortBy_input__';
  const keys = oneVariable(toList, 'argument is not an identifier')(make, make.ident(name), args);
  if (keys instanceof MacroError) return keys;
  const result: Call = { ...make.call('@sortByAssociatedKeys', keys!), target: make.ident(name) };
  const unused = { range: make.list(), variable: '#unused', variable2: undefined };
  const condition = make.literal(false);
  return make.fold({ ...unused, accumulator: name, init: target!, condition, step: make.ident(name), result });
};

/** `optional.optMap(v, e)` and `optFlatMap`: `e` of the value, or none. */
function ofOptional(name: string, wrap: (make: Maker, value: Expr) => Expr): Expander {
  return (make, target, [first, transform]) => {
    const unnamed = `${name}() variable name must be a simple identifier`;
    const variable = simpleName(first!, unnamed);
    if (variable instanceof MacroError) return variable;
    const member = (called: string): Call => ({ ...make.call(called), target: target! });
    const range = make.list();
    const init = member('value');
    const condition = make.literal(false);
    const step = make.ident(variable);
    const parts = { range, variable: '#unused', variable2: undefined, accumulator: variable, init, condition, step };
    const result = wrap(make, make.fold({ ...parts, result: transform! }));
    return make.call('_?_:_', member('hasValue'), result, make.call('optional.none'));
  };
}

/** The macros of Kubernetes' environment: the standard ones, those of two variables, and those of optionals. */
export const MACROS: readonly Macro[] = [
  { name: 'has', receiver: false, args: 1, expand: has },
  { name: 'all', receiver: true, args: 2, expand: oneVariable(all) },
  { name: 'exists', receiver: true, args: 2, expand: oneVariable(exists) },
  { name: 'exists_one', receiver: true, args: 2, expand: oneVariable(existsOne) },
  { name: 'map', receiver: true, args: 2, expand: oneVariable(toList, 'argument is not an identifier') },
  { name: 'map', receiver: true, args: 3, expand: oneVariable(toList, 'argument is not an identifier') },
  { name: 'filter', receiver: true, args: 2, expand: filter },
  { name: 'all', receiver: true, args: 3, expand: twoVariables(all) },
  { name: 'exists', receiver: true, args: 3, expand: twoVariables(exists) },
  { name: 'exists_one', receiver: true, args: 3, expand: twoVariables(existsOne) },
  { name: 'existsOne', receiver: true, args: 3, expand: twoVariables(existsOne) },
  { name: 'transformList', receiver: true, args: 3, expand: twoVariables(toList) },
  { name: 'transformList', receiver: true, args: 4, expand: twoVariables(toList) },
  { name: 'transformMap', receiver: true, args: 3, expand: twoVariables(transformMap) },
  { name: 'transformMap', receiver: true, args: 4, expand: twoVariables(transformMap) },
  { name: 'transformMapEntry', receiver: true, args: 3, expand: twoVariables(transformMapEntry) },
  { name: 'transformMapEntry', receiver: true, args: 4, expand: twoVariables(transformMapEntry) },
  { name: 'sortBy', receiver: true, args: 2, expand: sortBy },
  {
    name: 'optMap',
    receiver: true,
    args: 2,
    expand: ofOptional('optMap', (make, value) => make.call('optional.of', value)),
  },
  { name: 'optFlatMap', receiver: true, args: 2, expand: ofOptional('optFlatMap', (_, value) => value) },
];
