import {
  duplicate,
  type FieldError,
  forbidden,
  goQuote,
  invalid,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  Path,
  required,
} from 'nekube/apimachinery';
import { adapterOf, CelError, type CelValue, Optional, type Program, withTypeAndObjectMeta } from 'nekube/cel';
import { type CompiledRule, compileRules } from './compiled-rule.ts';
import { type Correlation, indexByKeys, keyOf } from './correlation.ts';
import { entrySchema, type StructuralSchema } from './schema.ts';

/** What one evaluation may cost, and all of a request together. */
const CALL_LIMIT = 1_000_000;
const REQUEST_BUDGET = 10_000_000;
const MAX_MESSAGE_BYTES = 5 * 1024;
const OVER_LIMIT = 'operation cancelled: actual cost limit exceeded';

/** What rules are checked with. */
export interface RuleOptions {
  /** Where the value stands; the root if left out. */
  readonly at?: Path;
  /** The value that is replaced; without it, rules that need one do not apply. */
  readonly old?: JsonValue | undefined;
  /** What did not change may be as invalid as it was: it is told by `warn`. */
  readonly correlation?: Correlation | undefined;
  readonly warn?: ((text: string) => void) | undefined;
}

/** The rules in CEL of a schema and of all schemas in it. */
export interface RuleTree {
  /** The defects that the rules find in a value. */
  validate(value: JsonValue, options?: RuleOptions): FieldError[];
}

/** The rules of a schema; undefined if it has none. They are compiled when they are first asked. */
export function ruleTreeOf(schema: StructuralSchema, isResource: boolean): RuleTree | undefined {
  if (!hasRules(schema)) return undefined;
  let root: RuleNode | undefined;
  return {
    validate(value, { at = Path.root, old, correlation, warn = () => {} } = {}) {
      root ??= nodeOf(schema, isResource);
      const run = new RuleRun(warn);
      if (root !== undefined) run.visit(root, value, old, at, { current: correlation, parent: undefined });
      return run.errors;
    },
  };
}

function hasRules(schema: StructuralSchema | undefined): boolean {
  if (schema === undefined) return false;
  if ((schema['x-kubernetes-validations']?.length ?? 0) > 0) return true;
  const parts = [schema.items, entrySchema(schema), ...Object.values(schema.properties ?? {})];
  return parts.some((part) => part !== undefined && part !== null && hasRules(part));
}

/** A schema with rules in it or below. */
interface RuleNode {
  readonly schema: StructuralSchema;
  readonly type: string;
  readonly rules: readonly CompiledRule[];
  readonly adapt: (value: JsonValue) => CelValue;
  readonly items: RuleNode | undefined;
  readonly entries: RuleNode | undefined;
  readonly properties: ReadonlyMap<string, RuleNode>;
}

function nodeOf(schema: StructuralSchema | undefined, isResource: boolean): RuleNode | undefined {
  if (schema === undefined || !hasRules(schema)) return undefined;
  const inner = (part: StructuralSchema | undefined) =>
    part && nodeOf(part, part['x-kubernetes-embedded-resource'] ?? false);
  const properties = new Map<string, RuleNode>();
  for (const [key, part] of Object.entries(schema.properties ?? {})) {
    const node = inner(part);
    if (node !== undefined) properties.set(key, node);
  }
  const seen = isResource ? withTypeAndObjectMeta(schema) : schema;
  const compiled = schema['x-kubernetes-validations']?.length ? compileRules(schema, isResource) : '';
  return {
    schema,
    type: schema.type ?? '',
    rules: typeof compiled === 'string' ? [] : compiled.rules,
    adapt: (value) => adapterOf(seen)(value),
    items: inner(schema.items),
    entries: inner(entrySchema(schema)),
    properties,
  };
}

/** The value that did not change: this one, or the nearest around it that can be compared. */
interface Ratchet {
  readonly current: Correlation | undefined;
  readonly parent: Correlation | undefined;
}

/** One pass of the rules over a value, within the budget of a request. */
class RuleRun {
  readonly errors: FieldError[] = [];
  readonly #warn: (text: string) => void;
  #budget = REQUEST_BUDGET;

  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  /** Checks a value and all in it; stops when the budget is used up. */
  visit(node: RuleNode, value: JsonValue, old: JsonValue | undefined, path: Path, ratchet: Ratchet): void {
    if (value === null || this.#budget < 0) return;
    if (node.rules.length > 0) this.#check(node, value, old ?? undefined, path, ratchet);
    if (this.#budget < 0) return;
    if (Array.isArray(value)) this.#visitList(node, value, old, path, ratchet);
    else if (isJsonObject(value)) this.#visitObject(node, value, old, path, ratchet);
  }

  #visitList(node: RuleNode, list: JsonValue[], old: JsonValue | undefined, path: Path, ratchet: Ratchet): void {
    const { items, schema } = node;
    if (items === undefined) return;
    const isMap = schema['x-kubernetes-list-type'] === 'map' && Array.isArray(old);
    const byKey = isMap ? indexByKeys(old, schema) : undefined;
    list.forEach((item, i) => {
      const before = isJsonObject(item) ? byKey?.get(keyOf(item, schema)) : undefined;
      this.visit(
        items,
        item,
        before,
        path.index(i),
        below(ratchet, (current) => current.index(i)),
      );
    });
  }

  #visitObject(node: RuleNode, object: JsonObject, old: JsonValue | undefined, path: Path, ratchet: Ratchet): void {
    const { entries, properties } = node;
    const before = isJsonObject(old) ? old : {};
    const oldOf = (key: string) => (Object.hasOwn(before, key) ? before[key] : undefined);
    const inner = (key: string): Ratchet => {
      const isTypeMeta = ratchet.current !== undefined && ratchet.parent === undefined && isTypeMetaField(key);
      return isTypeMeta ? NOTHING : below(ratchet, (current) => current.key(key));
    };
    if (entries !== undefined)
      for (const [key, value] of Object.entries(object))
        this.visit(entries, value, oldOf(key), path.key(key), inner(key));
    for (const [key, value] of Object.entries(object)) {
      const property = properties.get(key);
      if (property !== undefined) this.visit(property, value, oldOf(key), path.child(key), inner(key));
    }
  }

  #check(node: RuleNode, value: JsonValue, old: JsonValue | undefined, path: Path, ratchet: Ratchet): void {
    if (this.#budget <= 0) return this.#exhausted(node, path);
    const self = node.adapt(value);
    const oldSelf = old === undefined ? undefined : node.adapt(old);
    for (const compiled of node.rules) {
      const { rule, program, fault, usesOldSelf } = compiled;
      const optional = rule.optionalOldSelf ?? false;
      if (fault !== undefined) {
        this.#refuse(node, path, `rule compile error: ${fault}`);
        continue;
      }
      if (program === undefined || (usesOldSelf && oldSelf === undefined && !optional)) continue;
      const activation = activationOf(self, oldSelf, optional);
      const { value: result, cost } = program.evaluate(activation, { costLimit: CALL_LIMIT });
      if (cost > this.#budget) return this.#exhausted(node, path);
      this.#budget -= cost;
      if (result === true) continue;
      if (result instanceof CelError) {
        if (this.#failed(node, path, rule, result.message)) return;
        continue;
      }
      this.#report(node, compiled, value, path, { activation: activationOf(self, oldSelf, false), ratchet });
      if (this.#budget < 0) return;
    }
  }

  #exhausted(node: RuleNode, path: Path): void {
    this.#refuse(
      node,
      path,
      'validation failed due to running out of cost budget, no further validation rules will be run',
    );
    this.#budget = -1;
  }

  #refuse({ type }: RuleNode, path: Path, detail: string): void {
    this.errors.push(invalid(fieldOf(path), type, detail));
  }

  /** @returns true when no further rule is to be run */
  #failed(node: RuleNode, path: Path, rule: CompiledRule['rule'], message: string): boolean {
    const shown = shownRule(rule);
    if (message.startsWith('no such overload')) {
      const why = 'call arguments did not match a supported operator, function or macro signature for rule';
      this.#refuse(node, path, `'${message}': ${why}: ${shown}`);
      return false;
    }
    if (message.startsWith(OVER_LIMIT)) {
      const why = 'no further validation rules will be run due to call cost exceeds limit for rule';
      this.#refuse(node, path, `'${message}': ${why}: ${shown}`);
      this.#budget = -1;
      return true;
    }
    this.#refuse(node, path, `${message} evaluating rule: ${shown}`);
    return false;
  }

  #report(
    node: RuleNode,
    compiled: CompiledRule,
    value: JsonValue,
    path: Path,
    { activation, ratchet }: { readonly activation: Activation; readonly ratchet: Ratchet },
  ): void {
    const { rule, fieldPath, message } = compiled;
    const at = fieldPath === '' ? path : path.child(fieldPath);
    const tell = (error: FieldError) => {
      if (!compiled.usesOldSelf && (ratchet.current ?? ratchet.parent)?.isUnchanged())
        this.#warn(`${error.field}: ${error.message}`);
      else this.errors.push(error);
    };
    const said = message && this.#messageOf(message, rule.messageExpression!, activation);
    if (said && 'fault' in said) {
      tell(invalid(fieldOf(at), node.type, said.fault));
      this.#budget = -1;
      return;
    }
    const detail = said?.text ?? (rule.message ? rule.message.trim() : `failed rule: ${shownRule(rule)}`);
    const isStructure = node.type === 'object' || node.type === 'array';
    tell(errorOf(rule.reason, fieldOf(at), isStructure ? undefined : value, detail));
  }

  /** What an expression says; nothing if it cannot be used, a fault if it cost too much. */
  #messageOf(
    program: Program,
    source: string,
    activation: Activation,
  ): { readonly text: string } | { readonly fault: string } | undefined {
    const { value, cost } = program.evaluate(activation, { costLimit: CALL_LIMIT });
    if (cost > this.#budget)
      return {
        fault:
          'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run',
      };
    if (value instanceof CelError && value.message.startsWith(OVER_LIMIT)) {
      const why = 'no further validation rules will be run due to call cost exceeds limit for messageExpression';
      return { fault: `${why}: ${goQuote(source)}` };
    }
    this.#budget -= cost;
    const text = typeof value === 'string' ? value.trim() : '';
    const isUsable = text !== '' && Buffer.byteLength(text) <= MAX_MESSAGE_BYTES && !text.includes('\n');
    return isUsable ? { text } : undefined;
  }
}

type Activation = (name: string) => CelValue | undefined;

function activationOf(self: CelValue, oldSelf: CelValue | undefined, optional: boolean): Activation {
  const old = !optional ? oldSelf : oldSelf === undefined ? Optional.none : Optional.of(oldSelf);
  return (name) => (name === 'self' ? self : name === 'oldSelf' ? old : undefined);
}

const NOTHING: Ratchet = { current: undefined, parent: undefined };

function below(ratchet: Ratchet, child: (current: Correlation) => Correlation | undefined): Ratchet {
  const { current } = ratchet;
  return current === undefined ? ratchet : { current: child(current), parent: current };
}

function isTypeMetaField(key: string): boolean {
  return key === 'apiVersion' || key === 'kind';
}

function fieldOf(path: Path): string {
  return path === Path.root ? '<nil>' : path.toString();
}

function shownRule({ rule, message }: CompiledRule['rule']): string {
  return (message || rule).trim();
}

/** Objects and lists are not shown. */
function errorOf(reason: string | undefined, field: string, value: JsonValue | undefined, detail: string): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return forbidden(field, detail);
    case 'FieldValueRequired':
      return required(field, detail);
    case 'FieldValueDuplicate':
      return value === undefined
        ? { type: 'FieldValueDuplicate', field, message: 'Duplicate value' }
        : duplicate(field, value);
    default:
      return value === undefined
        ? { type: 'FieldValueInvalid', field, message: `Invalid value: ${detail}` }
        : invalid(field, value, detail);
  }
}
