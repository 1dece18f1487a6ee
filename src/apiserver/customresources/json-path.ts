import { isJsonObject, type JsonValue } from 'nekube/apimachinery';

/** A step of a simple JSON path: a field, an index, or every element. */
type Step = string | number | '*';

/**
 * Compiles a simple JSON path (`.spec.ports[0].name`, `.metadata.annotations['a\.b']`, `[*]`), as printer columns,
 * scale and selectable fields use it. Filters and recursion select nothing.
 *
 * @returns what it selects of a value, in order
 */
export function compileJsonPath(text: string): (value: JsonValue) => JsonValue[] {
  const steps = parse(text.replace(/^\{(.*)\}$/, '$1').replace(/^\$/, ''));
  if (steps === undefined) return () => [];
  return (value) => steps.reduce<JsonValue[]>((found, step) => found.flatMap((v) => select(v, step)), [value]);
}

function parse(text: string): Step[] | undefined {
  const pattern = /\.((?:\\.|[^.[\]\\])+)|\[(\d+)\]|\[(?:'((?:\\.|[^'])*)'|"((?:\\.|[^"])*)")\]|\[(\*)\]/gy;
  const steps: Step[] = [];
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) return undefined;
    const [, field, index, single, double] = match;
    const name = field ?? single ?? double;
    if (name !== undefined) steps.push(name === '*' ? '*' : name.replace(/\\(.)/g, '$1'));
    else steps.push(index === undefined ? '*' : Number(index));
  }
  return steps;
}

function select(value: JsonValue, step: Step): JsonValue[] {
  if (step === '*') return Array.isArray(value) ? value : isJsonObject(value) ? Object.values(value) : [];
  if (typeof step === 'number') return Array.isArray(value) && step < value.length ? [value[step]!] : [];
  return isJsonObject(value) && Object.hasOwn(value, step) ? [value[step]!] : [];
}

/** The fields that a path of fields alone goes through, `.spec.replicas` → `['spec', 'replicas']`. */
export function fieldsOfPath(text: string): string[] {
  return (parse(text) ?? []).filter((step): step is string => typeof step === 'string');
}
