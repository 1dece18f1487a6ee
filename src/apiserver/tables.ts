import {
  type BuiltinResource,
  type CellPrinter,
  tableCells,
  tableColumns,
  type TableColumn,
  tableOrder,
  tableRowConditions,
} from 'nekube/api';
import type { JsonObject, KubeObject } from 'nekube/apimachinery';

/** Columns and cells of a kind's Table. */
export interface TableForm {
  readonly columns: readonly TableColumn[];
  readonly cells: CellPrinter;
  /** The `conditions` of a row. */
  conditions?(object: KubeObject): JsonObject[];
  /** How rows are sorted, where that is not the order of the list. */
  readonly order?: ((a: KubeObject, b: KubeObject) => number) | undefined;
}

/** The Table of a built-in resource. */
export function tableFor(resource: BuiltinResource): TableForm {
  const { hub, resource: name } = resource;
  return {
    columns: tableColumns(resource.apiVersion, name) ?? [],
    cells: tableCells(hub.group, name),
    conditions: (object) => tableRowConditions(hub.group, name, object),
    order: tableOrder(hub.group, name),
  };
}
