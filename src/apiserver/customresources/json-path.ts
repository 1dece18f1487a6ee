import { isJsonObject, type JsonValue } from 'nekube/apimachinery';
import { parseJsonPath, type Step } from './json-path-parser.ts';

/** What a path selects of a value, in order; undefined where it cannot be followed, as into a list that is too short. */
export type JsonPath = (value: JsonValue) => readonly JsonValue[] | undefined;

/**
 * Compiles a JSON path as printer columns and selectable fields use it, see {@link parseJsonPath}.
 *
 * @throws SyntaxError
 */
export function compileJsonPath(text: string): JsonPath {
  const steps = parseJsonPath(text);
  return (value) => follow([value], steps);
}

function follow(values: readonly JsonValue[], steps: readonly Step[]): readonly JsonValue[] | undefined {
  let found: readonly JsonValue[] | undefined = values;
  for (const step of steps) {
    if (found === undefined) return undefined;
    found = take(found, step);
  }
  return found;
}

function take(values: readonly JsonValue[], step: Step): readonly JsonValue[] | undefined {
  switch (step.kind) {
    case 'field':
      return values.flatMap((v) => (isJsonObject(v) && Object.hasOwn(v, step.name) ? [v[step.name]!] : []));
    case 'all':
      return values.flatMap(childrenOf);
    case 'descend':
      return values.flatMap(withDescendants);
    case 'literal':
      return values.map(() => step.value);
    case 'slice':
      return collect(values, (value) => (value === null ? [] : Array.isArray(value) ? slice(value, step) : undefined));
    case 'union':
      return collect(step.paths, (path) => follow(values, path));
    case 'filter':
      return collect(values, (value) => (Array.isArray(value) ? filter(value, step) : undefined));
  }
}

function collect<T>(
  from: readonly T[],
  select: (item: T) => readonly JsonValue[] | undefined,
): readonly JsonValue[] | undefined {
  const found: JsonValue[] = [];
  for (const item of from) {
    const selected = select(item);
    if (selected === undefined) return undefined;
    found.push(...selected);
  }
  return found;
}

function childrenOf(value: JsonValue): readonly JsonValue[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}

/** The value and all below it, leaves not. */
function withDescendants(value: JsonValue): readonly JsonValue[] {
  const children = childrenOf(value);
  return children.length === 0 ? [] : [value, ...children.flatMap(withDescendants)];
}

function slice(list: readonly JsonValue[], step: Step & { kind: 'slice' }): readonly JsonValue[] | undefined {
  const { length } = list;
  const from = fromEnd(step.from ?? 0, length);
  const to = step.one ? from + 1 : fromEnd(step.to ?? length, length);
  if (from === to) return [];
  const isOutside = from < 0 || from >= length || to < 0 || to > length || from > to;
  const every = step.step ?? 1;
  if (isOutside || every <= 0) return undefined;
  return list.slice(from, to).filter((_, i) => i % every === 0);
}

function fromEnd(index: number, length: number): number {
  return index < 0 ? index + length : index;
}

function filter(list: readonly JsonValue[], step: Step & { kind: 'filter' }): readonly JsonValue[] | undefined {
  const found: JsonValue[] = [];
  for (const item of list) {
    const passes = passesFilter(item, step);
    if (passes === undefined) return undefined;
    if (passes) found.push(item);
  }
  return found;
}

/** Undefined where values cannot be compared. */
function passesFilter(item: JsonValue, { left, operator, right }: Step & { kind: 'filter' }): boolean | undefined {
  const lefts = follow([item], left);
  if (operator === 'exists') return (lefts?.length ?? 0) > 0;
  if (lefts === undefined || lefts.length > 1) return undefined;
  const rights = lefts.length === 0 ? [] : follow([item], right);
  if (rights === undefined || rights.length > 1) return undefined;
  return lefts.length === 0 || rights.length === 0 ? false : compare(lefts[0]!, rights[0]!, operator);
}

function compare(a: JsonValue, b: JsonValue, operator: string): boolean | undefined {
  const comparable = typeof a === typeof b && typeof a !== 'object';
  if (!comparable || a === null || b === null) return undefined;
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    default:
      return undefined;
  }
}

/** The fields that a path of fields alone goes through, `.spec.replicas` → `['spec', 'replicas']`. */
export function fieldsOfPath(text: string): string[] {
  return text.replace(/^\./, '').split('.');
}
