import { invalidGo } from 'nekube/api';
import { type FieldError, forbidden, invalid, type Path } from 'nekube/apimachinery';
import { type CompiledRule, compileRules } from './compiled-rule.ts';
import { entrySchema, type StructuralSchema } from './schema.ts';

/** What one rule may cost in a request at most, and all rules of a schema together. */
const MAX_COST = 10_000_000;
const MAX_TOTAL_COST = 100_000_000;
/** Of the costs of all rules this much is told of. */
const NOTABLE_COST = MAX_TOTAL_COST / 100;
const MOST_NOTABLE = 4;
const MAX_UINT64 = 2 ** 64;

/** Which rules are looked at, and how. */
export interface RuleDefinitionOptions {
  /** Nothing else is wrong with this part of the schema. */
  isClean(part: StructuralSchema): boolean;
  /** The rules were there before: each may cost what it costs. */
  readonly unchanged: boolean;
}

/** The defects of the rules in CEL of a schema, those of inner parts first. */
export function ruleDefinitionErrors(
  schema: StructuralSchema,
  path: Path,
  options: RuleDefinitionOptions,
): FieldError[] {
  const checker = new RuleDefinitionChecker(options);
  checker.check(schema, path, { cardinality: 1, isResource: true, uncorrelated: undefined });
  return checker.finish(path);
}

/** Where a schema stands. */
interface Place {
  /** How many values of it can be in an object; undefined if nothing bounds them. */
  readonly cardinality: number | undefined;
  readonly isResource: boolean;
  /** The outermost list around it whose elements have no old values. */
  readonly uncorrelated: Path | undefined;
}

class RuleDefinitionChecker {
  readonly #options: RuleDefinitionOptions;
  readonly #errors: FieldError[] = [];
  #total = 0;
  #notable: { readonly path: Path; readonly cost: number }[] = [];

  constructor(options: RuleDefinitionOptions) {
    this.#options = options;
  }

  check(schema: StructuralSchema, path: Path, place: Place): void {
    const most = maxElements(schema);
    const { cardinality } = place;
    const inner = cardinality === undefined || most === undefined ? undefined : multiply(cardinality, most);
    const below = (part: StructuralSchema, at: Path, uncorrelated = place.uncorrelated) =>
      this.check(part, at, {
        cardinality: inner,
        isResource: part['x-kubernetes-embedded-resource'] ?? false,
        uncorrelated,
      });
    const entries = entrySchema(schema);
    if (entries) below(entries, path.child('additionalProperties'));
    for (const [key, part] of Object.entries(schema.properties ?? {})) below(part, path.child('properties').key(key));
    if (schema.items) {
      const isMap = schema['x-kubernetes-list-type'] === 'map';
      below(schema.items, path.child('items'), place.uncorrelated ?? (isMap ? undefined : path));
    }
    const rules = schema['x-kubernetes-validations'] ?? [];
    if (rules.length > 0 && this.#options.isClean(schema)) this.#checkRules(schema, path, place);
  }

  #checkRules(schema: StructuralSchema, path: Path, place: Place): void {
    const at = path.child('x-kubernetes-validations');
    const found = compileRules(schema, place.isResource);
    if (typeof found === 'string') {
      const why = 'failed to construct type information for x-kubernetes-validations rules';
      const message = `Internal error: internal error: ${why}: ${found}`;
      this.#errors.push({ type: 'InternalError', field: `${at}`, message });
      return;
    }
    const times = place.cardinality ?? found.maxCardinality;
    found.rules.forEach((rule, i) => this.#checkRule(rule, at.index(i), times, place.uncorrelated));
  }

  #checkRule(compiled: CompiledRule, at: Path, times: number, uncorrelated: Path | undefined): void {
    const { rule, fault, messageFault, message } = compiled;
    this.#observe('estimated rule cost', at.child('rule'), multiply(compiled.maxCost, times));
    if (fault !== undefined) this.#errors.push(invalidGo(at.child('rule'), 'ValidationRule', rule, fault));
    if (messageFault !== undefined)
      this.#errors.push(invalidGo(at.child('messageExpression'), 'ValidationRule', rule, messageFault));
    else if (message !== undefined)
      this.#observe('estimated messageExpression cost', at.child('messageExpression'), compiled.messageMaxCost);
    if (compiled.usesOldSelf) {
      if (uncorrelated === undefined) return;
      const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`;
      this.#errors.push(invalid(at.child('rule'), rule.rule, why));
    } else if ((rule.optionalOldSelf ?? null) !== null) {
      const why = 'may not be set if oldSelf is not used in rule';
      this.#errors.push(invalid(at.child('optionalOldSelf'), rule.optionalOldSelf, why));
    }
  }

  #observe(what: string, path: Path, cost: number): void {
    if (!this.#options.unchanged && cost > MAX_COST)
      this.#errors.push(forbidden(path, tooCostly(what, cost, MAX_COST)));
    this.#total = Math.min(this.#total + cost, MAX_UINT64);
    if (cost < NOTABLE_COST) return;
    this.#notable = [...this.#notable, { path, cost }].sort((a, b) => b.cost - a.cost).slice(0, MOST_NOTABLE);
  }

  /** All defects, at last that all rules together are too costly. */
  finish(path: Path): FieldError[] {
    if (this.#total <= MAX_TOTAL_COST) return this.#errors;
    const why = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    return [
      ...this.#errors,
      ...this.#notable.map((expensive) => forbidden(expensive.path, why)),
      forbidden(path, tooCostly(what, this.#total, MAX_TOTAL_COST)),
    ];
  }
}

function multiply(a: number, b: number): number {
  return Math.min(a * b, MAX_UINT64);
}

/** How many values can be directly below one of this schema; undefined if nothing bounds them. */
function maxElements(schema: StructuralSchema): number | undefined {
  const bound = (most: number | undefined | null) =>
    most === undefined || most === null ? undefined : Math.max(0, most);
  if (schema.type === 'array') return bound(schema.maxItems);
  const isMap = schema.type === 'object' && (schema.additionalProperties ?? null) !== null;
  return isMap ? bound(schema.maxProperties) : 1;
}

function tooCostly(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const shown = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  const advice =
    'try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared';
  return `${what} exceeds budget by factor of ${shown} (${advice})`;
}
