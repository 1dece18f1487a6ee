import { type ColumnFacts, type Measure, measureOf } from './measure.ts';
import { parsePath, type Row } from './row.ts';

/** A column that a list can show. */
export interface Column {
  /** How the address and the filter call it: `nominated-node`, `label:app`, `.spec.nodeName`. */
  readonly id: string;
  readonly from: 'table' | 'namespace' | 'label' | 'field';
  /** The server's name of it, the label's key, or the path. */
  readonly name: string;
  /** The place in a row's cells. */
  readonly index: number;
  readonly measure: Measure;
  /** Shown unless the address says otherwise. */
  readonly standard: boolean;
  readonly description?: string;
  /** Its text is how long ago something was. `created` is the object's own age, which we count ourselves. */
  readonly time?: 'created' | 'ago';
}

export interface TableColumn extends ColumnFacts {
  readonly description?: string;
  readonly priority: number;
}

/** How a column is called in an address: in lower case, in one word. */
export function columnId(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
}

const AGO = new Set(['Last Seen', 'First Seen', 'Last Schedule']);

/** The columns that a Table has, and the namespace where a list is of all of them. */
export function columnsOf(definitions: readonly TableColumn[], withNamespace: boolean): Column[] {
  const ids = new Set(withNamespace ? ['namespace'] : []);
  const columns = definitions.map(
    (definition, index): Column => ({
      id: uniqueId(columnId(definition.name) || 'column', ids),
      from: 'table',
      name: definition.name,
      index,
      measure: index === 0 ? 'text' : measureOf(definition),
      standard: definition.priority === 0,
      description: definition.description,
      time: definition.name === 'Age' ? 'created' : AGO.has(definition.name) ? 'ago' : undefined,
    }),
  );
  if (!withNamespace) return columns;
  const rest = { from: 'namespace', name: 'Namespace', index: -1, measure: 'text', standard: true } as const;
  // an event is called by a number; what it is about comes first
  return [...columns.slice(0, 1), { id: 'namespace', ...rest }, ...columns.slice(1)];
}

/** A custom kind may give two columns one name, or that of the namespace. */
function uniqueId(wanted: string, taken: Set<string>): string {
  let id = wanted;
  for (let i = 2; taken.has(id); i++) id = `${wanted}-${i}`;
  taken.add(id);
  return id;
}

/** A column of a label (`label:app`) or of a field (`.spec.nodeName`); undefined when the id is neither. */
export function extraColumn(id: string): Column | undefined {
  const rest = { index: -1, standard: false } as const;
  if (id.startsWith('label:') && id.length > 6)
    return { id, from: 'label', name: id.slice(6), measure: 'duration', ...rest };
  if (id.startsWith('.') && parsePath(id)) return { id, from: 'field', name: id, measure: 'quantity', ...rest };
  return undefined;
}

/** The columns that are shown: those that the address names, in its order, or the standard ones. The name is always one. */
export function shownColumns(columns: readonly Column[], chosen: readonly string[] | undefined): Column[] {
  if (!chosen) return columns.filter((column) => column.standard);
  const shown = chosen.flatMap((id) => columns.find((column) => column.id === id) ?? extraColumn(id) ?? []);
  const [name] = columns;
  return name && !shown.includes(name) ? [name, ...shown] : shown;
}

/** What a row has in a column. */
export function cellOf(row: Row, column: Column): string {
  switch (column.from) {
    case 'namespace':
      return row.namespace;
    case 'label':
      return Object.hasOwn(row.labels, column.name) ? row.labels[column.name]! : '';
    case 'field':
      return row.fields?.[column.name] ?? '';
    default:
      return row.cells[column.index] ?? '';
  }
}

/** The moment that a cell of a time column tells of, in ms; undefined where it tells of none. */
export function momentOf(
  row: Row,
  column: Column,
  secondsOf: (text: string) => number | undefined,
): number | undefined {
  if (column.time === 'created') return row.createdMs || undefined;
  const seconds = secondsOf(cellOf(row, column).replace(/ ago$/, ''));
  return seconds === undefined ? undefined : row.seenMs - seconds * 1000;
}
