import { type ColumnFacts, tableColumnFacts } from './facts.ts';

/** A column of a Table as it goes on the wire (metav1.TableColumnDefinition). */
export type TableColumn = ColumnFacts;

/** The columns of a resource's Table, of all priorities; undefined for a resource that has no own columns. */
export function tableColumns(apiVersion: string, resource: string): readonly TableColumn[] | undefined {
  return tableColumnFacts()[`${apiVersion}/${resource}`];
}
