import type { CellPrinter } from 'nekube/api';
import { formatGoValue, humanDuration, type JsonValue, parseTime, stringifyJson } from 'nekube/apimachinery';
import { sortKeys } from '../sort-keys.ts';
import type { TableForm } from '../tables.ts';
import type { DefinitionVersion, PrinterColumn } from './definition.ts';
import { compileJsonPath, type JsonPath } from './json-path.ts';

const NAME_DESCRIPTION =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a ' +
  'client to request the generation of an appropriate name automatically. Name is primarily intended for creation ' +
  'idempotence and configuration definition. Cannot be updated. More info: ' +
  'https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';

const AGE: PrinterColumn = {
  name: 'Age',
  type: 'date',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed ' +
    'to be set in happens-before order across separate operations. Clients may not set this value. It is represented ' +
    'in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: ' +
    'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
  jsonPath: '.metadata.creationTimestamp',
};

/** The Table of a version: the name, then its printer columns, or the age if it has none. */
export function tableOf(version: DefinitionVersion): TableForm {
  const columns = readableColumns(version.additionalPrinterColumns?.length ? version.additionalPrinterColumns : [AGE]);
  const cells: CellPrinter = (object, now) => [
    object.metadata.name ?? '',
    ...columns.map(({ column, path }) => cellOf(path(object as unknown as JsonValue), column, now)),
  ];
  return {
    columns: [
      { name: 'Name', type: 'string', format: 'name', description: NAME_DESCRIPTION, priority: 0 },
      ...columns.map(({ column: { name, type, format = '', description, jsonPath, priority = 0 } }) => ({
        name,
        type,
        format,
        description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
        priority,
      })),
    ],
    cells,
  };
}

/** The columns up to the first whose path cannot be read. */
function readableColumns(columns: readonly PrinterColumn[]): { column: PrinterColumn; path: JsonPath }[] {
  const found: { column: PrinterColumn; path: JsonPath }[] = [];
  try {
    for (const column of columns) found.push({ column, path: compileJsonPath(column.jsonPath) });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return found;
}

/** The first of the values that a path selects. */
function cellOf(found: readonly JsonValue[] | undefined, { type }: PrinterColumn, now: Date): JsonValue {
  const value = found?.[0];
  if (value === undefined) return null;
  if (type === 'string') return textOf(value);
  if (value === null) return null;
  switch (type) {
    case 'integer':
      if (typeof value === 'bigint') return value;
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    default:
      return type === 'date' && typeof value === 'string' ? ageOf(value, now) : null;
  }
}

function ageOf(text: string, now: Date): string {
  if (text === '' || text === 'null') return '<unknown>';
  try {
    const { seconds } = parseTime(text);
    return humanDuration(now.getTime() - Number(seconds) * 1000);
  } catch {
    return '<invalid>';
  }
}

function textOf(value: JsonValue): string {
  if (value === null) return '<no value>';
  return typeof value === 'object' ? stringifyJson(sortKeys(value)) : formatGoValue(value);
}
