import type { CellPrinter } from 'nekube/api';
import { humanDuration, type JsonValue, stringifyJson } from 'nekube/apimachinery';
import type { TableForm } from '../tables.ts';
import type { DefinitionVersion, PrinterColumn } from './definition.ts';
import { compileJsonPath } from './json-path.ts';

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
  const columns = version.additionalPrinterColumns?.length ? version.additionalPrinterColumns : [AGE];
  const paths = columns.map((column) => compileJsonPath(column.jsonPath));
  const cells: CellPrinter = (object, now) => [
    object.metadata.name ?? '',
    ...columns.map((column, i) => cellOf(paths[i]!(object as unknown as JsonValue), column, now)),
  ];
  return {
    columns: [
      { name: 'Name', type: 'string', format: 'name', description: NAME_DESCRIPTION, priority: 0 },
      ...columns.map(({ name, type, format = '', description, jsonPath, priority = 0 }) => ({
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

function cellOf(found: readonly JsonValue[], { type }: PrinterColumn, now: Date): JsonValue {
  const [value] = found;
  if (value === undefined) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'bigint' || Number.isInteger(value)
        ? value
        : typeof value === 'number'
          ? Math.trunc(value)
          : null;
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? ageOf(value, now) : null;
    default:
      return found.map(textOf).join(',');
  }
}

function ageOf(text: string, now: Date): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? '<invalid>' : humanDuration(now.getTime() - time);
}

function textOf(value: JsonValue): string {
  return typeof value === 'string'
    ? value
    : typeof value === 'object' && value !== null
      ? stringifyJson(value)
      : String(value);
}
