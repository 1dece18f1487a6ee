import { isJsonObject, type JsonObject, type JsonValue } from 'nekube/apimachinery';
import { explainCustomMismatch, explainJsonMismatch, valueName } from './explain.ts';
import { goFields } from './go-types.ts';
import { type Shape, shapeOf } from './shape.ts';

/**
 * The message of Kubernetes' own converter from maps to structs (runtime.DefaultUnstructuredConverter), which strategic
 * merge patches and applies go through, for a value that does not fit; undefined when it fits.
 *
 * It names no path, follows the order of the struct and stops at the first defect. Unlike the JSON decoder it lets
 * integers overflow and takes floats without a fraction for integers.
 */
export function explainMapMismatch(type: string, json: JsonValue): string | undefined {
  return defectOf(shapeOf(type), json);
}

function defectOf(shape: Shape, value: JsonValue): string | undefined {
  if (value === null) return undefined;
  switch (shape.kind) {
    case 'pointer':
      return defectOf(shape.element, value);
    case 'struct':
      return isJsonObject(value) ? structDefect(shape.type, value) : `cannot restore struct from: ${kindName(value)}`;
    case 'map':
      if (!isJsonObject(value)) return `cannot restore map from ${kindName(value)}`;
      return firstDefect(Object.values(value), shape.element);
    case 'list':
      return Array.isArray(value) ? firstDefect(value, shape.element) : `cannot restore slice from ${kindName(value)}`;
    case 'bytes':
      return bytesDefect(shape, value);
    case 'custom':
      return explainCustomMismatch(shape.type, value);
    case 'any':
      return undefined;
    default:
      return scalarDefect(shape, value);
  }
}

function structDefect(type: string, value: JsonObject): string | undefined {
  for (const field of goFields(type)) {
    const item = field.embedded ? value : (value[field.name] ?? null);
    const defect = defectOf(shapeOf(field.type), item);
    if (defect !== undefined) return defect;
  }
  return undefined;
}

function firstDefect(values: readonly JsonValue[], element: Shape): string | undefined {
  for (const value of values) {
    const defect = defectOf(element, value);
    if (defect !== undefined) return defect;
  }
  return undefined;
}

function bytesDefect(shape: Shape, value: JsonValue): string | undefined {
  if (Array.isArray(value)) return firstDefect(value, shapeOf('uint8'));
  if (typeof value !== 'string') return `cannot restore slice from ${kindName(value)}`;
  const defect = explainJsonMismatch(shape.name, value);
  return defect && `error decoding from json: ${defect}`;
}

/** Go converts between its numeric types, and integers to text in principle, but not here. */
function scalarDefect(shape: Shape, value: JsonValue): string | undefined {
  if (shape.kind === 'string' && typeof value === 'string') return undefined;
  if (shape.kind === 'bool' && typeof value === 'boolean') return undefined;
  const from = kindName(value);
  const wantsNumber = shape.kind !== 'string' && shape.kind !== 'bool';
  if (wantsNumber && from === 'int64') return undefined;
  if (wantsNumber && from === 'float64') {
    if (shape.kind === 'float64' || Number.isInteger(value)) return undefined;
    return `cannot convert float64 to ${shape.name}`;
  }
  if (shape.kind === 'string' && from === 'int64') return `cannot convert int64 to ${shape.name}`;
  return `unrecognized type: ${shape.kind}`;
}

/** What Go's reflection calls a value of untyped JSON. */
function kindName(value: JsonValue): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'object') return 'map';
  if (typeof value === 'bigint') return 'int64';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'int64' : 'float64';
  return valueName(value);
}
